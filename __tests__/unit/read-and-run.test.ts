import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProbeFacts } from '../../src/audit/probe-facts.ts';
import { readAndRun } from '../../src/tools/audit/read-and-run.ts';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { digest } from '../support/facts.ts';
import { tarOf } from '../support/layers.ts';

const layer = await tarOf([{ name: 'app/run', content: 'x' }]);
const config = {
  os: 'linux',
  architecture: 'arm64',
  config: { Cmd: ['from', 'the', 'archive'] },
  rootfs: { diff_ids: [digest('1')] },
};
const archive = await tarOf([
  { name: 'a/layer.tar', content: layer },
  { name: 'c.json', content: JSON.stringify(config) },
  { name: 'manifest.json', content: JSON.stringify([{ Config: 'c.json', Layers: ['a/layer.tar'] }]) },
]);
const told = { Id: digest('a'), Os: 'linux', Architecture: 'amd64', Config: { Cmd: ['from', 'the', 'engine'] } };
const probes = { exposed: [] } as unknown as ProbeFacts;

/** An engine whose archive of an image is sent when the test says so. */
let server: Server;
let folder: string;
let asked: Promise<ServerResponse>;
let says: object;
beforeEach(async () => {
  says = told;
  folder = mkdtempSync(join(tmpdir(), 'slipway-beside-'));
  asked = new Promise((resolve) => {
    server = createServer(({ url }, response) => {
      if (url?.endsWith('/get') === true) resolve(response);
      else response.end(JSON.stringify(says));
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'engine.sock'), resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function start(platform: string | undefined, run: Parameters<typeof readAndRun>[2]): ReturnType<typeof readAndRun> {
  const engine = connectEngine({ kind: 'unix', path: join(folder, 'engine.sock') });
  const source = { kind: 'engine', engine, image: 'x', platform } as const;
  return readAndRun(source, { dockerfile: undefined, cancel: new AbortController().signal }, run);
}

/** What a run does that nobody ends but by its signal. */
async function runFor(cancel: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => cancel.addEventListener('abort', () => reject(new Error('ended'))));
}

test('an image is run while it is read', async () => {
  const facts = await start(undefined, async ({ cmd }) => {
    expect(cmd).toEqual(['from', 'the', 'engine']);
    (await asked).end(archive);
    return probes;
  });
  expect(facts).toMatchObject({ probes, config: { cmd: ['from', 'the', 'archive'] } });
});

test.each([
  ['of which the engine tells another', 'linux/arm64', told],
  ['of which the engine tells nothing', undefined, { Id: told.Id }],
])('an image %s is run as it is read', async (_, wanted, known) => {
  says = known;
  const reading = start(wanted, async ({ platform, cmd }) => {
    expect([platform, ...cmd]).toEqual(['linux/arm64', 'from', 'the', 'archive']);
    return probes;
  });
  (await asked).end(archive);
  expect(await reading).toMatchObject({ probes });
});

test('a run ends where the image cannot be read', async () => {
  let ended = false;
  const reading = start(undefined, async (_, cancel) => {
    (await asked).end('no archive');
    try {
      return await runFor(cancel);
    } finally {
      await setImmediate(); // containers are removed
      ended = true;
    }
  });
  await expect(reading).rejects.toMatchObject({ code: 'image-unreadable' });
  expect(ended).toBe(true);
});

test('the reading ends where a run fails', async () => {
  const reading = start(undefined, async () => {
    const response = await asked;
    response.write(archive.subarray(0, 1_000));
    throw new Error('the engine makes no container');
  });
  await expect(reading).rejects.toThrow('the engine makes no container');
  const response = await asked;
  await new Promise((resolve) => (response.closed ? resolve(0) : response.on('close', resolve)));
});
