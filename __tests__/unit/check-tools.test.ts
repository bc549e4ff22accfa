import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { Journal } from '../../src/journal.ts';
import { openCheckTools } from '../../src/tools/audit/check-tools.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { digest } from '../support/facts.ts';
import { parse } from '../support/inputs.ts';

/** A run whose engine has gone away. */
async function openRun(mode = 'report', delivery = 'by-engine') {
  const told: string[] = [];
  const stop = new AbortController();
  const journal = new Journal();
  const bench = {
    cancel: stop.signal,
    environment: { workspace: tmpdir(), all: {} },
    engine: await findEngine({ DOCKER_HOST: `unix://${tmpdir()}/nobody-listens-here.sock` }),
  };
  const tell = (line: string, notices: readonly string[]): void =>
    void told.push(...[line, ...notices].filter((one) => one !== ''));
  const desk = { bench, inputs: parse({ checks: mode }), journal, tell } as unknown as Parameters<
    typeof openCheckTools
  >[0];
  const context = { path: tmpdir(), file: `${tmpdir()}/Dockerfile`, dockerfile: 'FROM scratch\n', ignore: undefined };
  const work = {
    plan: { request: { target: undefined, platforms: [], delivery } },
    asked: { context, files: { sent: [] }, sendsGit: false },
    holdAt: 'high',
  } as unknown as Parameters<ReturnType<typeof openCheckTools>['check']>[1];
  const image = (change: { reused?: boolean; changed?: boolean; localId?: undefined } = {}) =>
    ({ localId: digest('a'), reused: false, changed: true, warnings: [], ...change }) as unknown as Parameters<
      ReturnType<typeof openCheckTools>['check']
    >[0];
  return { tools: openCheckTools(desk), journal, told, stop, work, image };
}

test('a report that cannot be made is a notice, and no error', async () => {
  const { tools, journal, told, work, image } = await openRun();
  await tools.checkBeside(image(), work);
  expect(told).toEqual([expect.stringMatching(/^the image was not checked: .*nobody-listens-here/)]);
  expect([journal.facts.audit, journal.facts.unchecked]).toEqual([
    undefined,
    expect.stringContaining('nobody-listens'),
  ]);
});

test.each([
  ['there already', { reused: true }, /^the image was there already/],
  ['made of what caches hold', { changed: false }, /^no step of the Dockerfile ran/],
])('an image that was %s is not read for a report, which says so', async (_, known, because) => {
  const { tools, journal, told, work, image } = await openRun();
  await tools.checkBeside(image(known), work);
  expect([told, journal.facts.unchecked]).toEqual([[], expect.stringMatching(because)]);
});

test.each(['off', 'high', 'full'])('with `checks: %s` nothing is read beside the upload', async (mode) => {
  const { tools, told, work, image } = await openRun(mode);
  await tools.checkBeside(image(), work);
  expect(told).toEqual([]);
});

test('a run that was cancelled tells nothing of it', async () => {
  const { tools, told, stop, work, image } = await openRun();
  stop.abort();
  await tools.checkBeside(image(), work);
  expect(told).toEqual([]);
});

test('an image that may hold the run and cannot be read is an error', async () => {
  const { tools, work, image } = await openRun('high');
  await expect(tools.check(image(), work)).rejects.toMatchObject({ code: 'engine-missing' });
});

describe('an image that stays with its builder', () => {
  const say = async (work: 'beside' | 'landed', mode = 'report'): Promise<string> => {
    const run = await openRun(mode, 'by-builder');
    const written: string[] = [];
    const out = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text) => written.push(`${text}`) > 0;
    try {
      if (work === 'beside') await run.tools.checkBeside(run.image(), run.work);
      else await run.tools.checkLanded(run.image(), [], run.work);
    } finally {
      process.stdout.write = out;
    }
    expect(run.told).toEqual([]);
    return written.join('');
  };

  test('is not looked for here', async () => {
    expect(await say('beside')).toBe('');
  });

  test('is said not to be checked where no tag holds it', async () => {
    expect(await say('landed')).toBe(
      'the image is not checked: it did not come to this machine, and no tag of a registry holds it\n',
    );
  });

  test('is not spoken of where nobody asked for checks', async () => {
    expect(await say('landed', 'off')).toBe('');
  });
});

test('an image in a folder is read beside the upload, whoever has its name', async () => {
  const { tools, told, work, image } = await openRun('report', 'by-folder');
  await tools.checkBeside(image({ localId: undefined }), work);
  expect(told).toEqual([expect.stringMatching(/^the image was not checked: /)]);
});
