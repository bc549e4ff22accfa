import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Digest } from '../../src/model/digest.ts';
import { planLocalName } from '../../src/plan/build-plan.ts';
import { connectEngine } from '../../src/tools/engine/call.ts';
import type { EngineInfo } from '../../src/tools/engine/engine.ts';
import type { LocalImage } from '../../src/tools/engine/images.ts';
import { findInEngine } from '../../src/tools/image/describe.ts';

const built = `sha256:${'1'.repeat(64)}` as Digest;
const other = `sha256:${'2'.repeat(64)}` as Digest;
const look = (id: Digest): LocalImage => ({ id, manifest: undefined, size: 1, platform: undefined });

test.each([
  ['was the image', look(built), built, 0],
  ['was another one', look(other), built, 1],
  ['told nothing', undefined, built, 1],
  ['was another one, and it still is', look(other), other, 1],
])('an image is asked for where an early look %s', async (_, seen, has, requests) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-in-engine-'));
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ Id: has }));
  });
  const path = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const name = planLocalName('0'.repeat(32));
  const engine = connectEngine({ kind: 'unix', path });
  const readInfo = async () => ({ store: 'classic' }) as EngineInfo;
  const bench = { engine, name, readInfo, cancel: new AbortController().signal };
  try {
    const found = findInEngine(bench, { name, identity: { kind: 'config', configDigest: built } }, seen);
    if (has === built) expect((await found).local?.id).toBe(built);
    else
      await expect(found).rejects.toMatchObject({ code: 'digest-mismatch', message: expect.stringContaining(other) });
    expect(asked).toBe(requests);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
