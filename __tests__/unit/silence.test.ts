import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import {
  type BuildRequest,
  planBake,
  planCacheExport,
  planLocalName,
  planTestBake,
} from '../../src/plan/build-plan.ts';
import { bake, exportCache, solveTestStage } from '../../src/tools/buildx/buildx.ts';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { plainRequest } from '../support/build-request.ts';

const never = new AbortController().signal;
const engine = connectEngine({ kind: 'unix', path: '/nowhere/docker.sock' });
const manifest = {
  'containerimage.digest': digestOf('m'),
  'containerimage.config.digest': digestOf('c'),
  'containerimage.descriptor': { mediaType: 'application/vnd.oci.image.manifest.v1+json' },
};
const cache = { repository: parseRepository('127.0.0.1:5000/acme/app'), tag: parseTag('cache-main') };
const vertex = (name: string, more: object = {}): string =>
  JSON.stringify({ vertexes: [{ digest: `sha256:${name}`, name, started: '2026-11-21T00:00:00Z', ...more }] });
const done = { completed: '2026-11-21T00:00:01Z' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-silence-'));
  mkdirSync(join(folder, 'run'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A docker-buildx that says these lines, writes this metadata and then does that; each call of it takes the next script. */
function pluginThat(
  ...scripts: { readonly says?: readonly string[]; readonly writes?: object; readonly ends: string }[]
) {
  const path = join(folder, 'docker-buildx');
  scripts.forEach(({ says = [], writes, ends }, at) => {
    writeFileSync(join(folder, `says-${at + 1}`), says.map((line) => `${line}\n`).join(''));
    writeFileSync(join(folder, `ends-${at + 1}`), ends);
    if (writes !== undefined) writeFileSync(join(folder, `writes-${at + 1}`), JSON.stringify(writes));
  });
  const text = `#!/bin/bash
[ "$1" != version ] || exit 0
cd '${folder}'; cat > stdin; echo x >> calls; at=$(wc -l < calls); cp stdin "stdin-$at"
for arg; do case $arg in --metadata-file=*) file=\${arg#*=};; esac; done
cat "says-$at" >&2; [ ! -e "writes-$at" ] || cp "writes-$at" "$file"
. "./ends-$at"
`;
  writeFileSync(path, text, { mode: 0o755 });
  return { path, env: { PATH: process.env['PATH'] ?? '' }, logins: [] };
}

const request: BuildRequest = plainRequest({ name: planLocalName('0'.repeat(32)), testTarget: undefined });
const tested: BuildRequest = { ...request, testTarget: 'test' };
const spare = { withoutCache: undefined, cacheTrouble: () => undefined, isUntouched: () => true, mayMakeAnew: true };
const watchIn = (lines: string[]) => ({
  onContextRead: () => undefined,
  onLine: (line: string) => void lines.push(line),
  cancel: never,
  limit: 20_000,
  folder: join(folder, 'run'),
  secretEnv: {},
  spare,
});
type Script = Parameters<typeof pluginThat>[0];

describe('a builder that is silent has built nothing', () => {
  const build = (script: Script, asked = request): Promise<unknown> =>
    bake({ buildx: pluginThat(script), engine }, planBake(asked), watchIn([]));
  const test0 = (script: Script): Promise<unknown> => {
    const plan = planTestBake(tested);
    if (plan === undefined) throw new Error('no plan');
    return solveTestStage(pluginThat(script), plan, watchIn([]));
  };
  const exported = (script: Script): Promise<unknown> => {
    const plan = planCacheExport({ ...request, cache: { from: [], inline: false, write: cache } });
    if (plan === undefined) throw new Error('no plan');
    return exportCache(pluginThat(script), plan, watchIn([]));
  };
  const step = vertex('[1/1] RUN x', done);

  test.each<[string, (script: Script) => Promise<unknown>, Script, string]>([
    [
      'killed before a word',
      build,
      { ends: 'kill -9 $$' },
      'docker-buildx was killed by SIGKILL in the middle of the build',
    ],
    [
      'killed in a step',
      build,
      { says: [step], ends: 'kill -9 $$' },
      'docker-buildx was killed by SIGKILL in the middle',
    ],
    ['killed with all written', build, { writes: { image: manifest }, ends: 'kill -9 $$' }, 'was killed by SIGKILL'],
    ['terminated', build, { ends: 'kill -15 $$; sleep 9' }, 'docker-buildx was killed by SIGTERM'],
    ['ending with 0 and nothing', build, { ends: 'exit 0' }, 'ended with exit status 0 and named no image'],
    ['ending with 0 and no digest', build, { says: [step], writes: { image: {} }, ends: 'exit 0' }, 'named no image'],
    ['ending with 0 and half a file', build, { writes: { image: 'x' }, ends: 'exit 0' }, 'named no image'],
    [
      'ending with another status',
      build,
      { writes: { image: manifest }, ends: 'exit 3' },
      'said nothing (exit status 3)',
    ],
    [
      'losing its engine',
      build,
      {
        says: [
          step,
          'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
        ],
        ends: 'exit 1',
      },
      'the builder went away in the middle of the build',
    ],
    [
      'naming an image and no test stage',
      (script) => build(script, tested),
      { says: [vertex('[image 1/1] RUN x', done)], writes: { image: manifest }, ends: 'exit 0' },
      'said nothing of the test stage test',
    ],
    ['ending the test stage with 0 and nothing', test0, { ends: 'exit 0' }, 'said nothing of the test stage test'],
    ['killed in the test stage', test0, { says: [step], ends: 'kill -9 $$' }, 'was killed by SIGKILL'],
    [
      'ending the export of a cache with 0 and nothing',
      exported,
      { says: [step], ends: 'exit 0' },
      'said nothing of the cache that it was to write',
    ],
  ])('%s', async (_, work, script, message) => {
    await expect(work(script)).rejects.toThrow(message);
  });

  test('and one that speaks has', async () => {
    const says = [vertex('[image 1/1] RUN x', done), vertex('[test 1/1] RUN y', done)];
    expect(await build({ says, writes: { image: manifest }, ends: 'exit 0' }, tested)).toMatchObject({
      identity: { kind: 'manifest', digest: digestOf('m') },
    });
    rmSync(join(folder, 'calls'));
    expect(await exported({ says: [vertex('exporting cache to registry', done)], ends: 'exit 0' })).toBeDefined();
  });
});

describe('a build that fails at a registry', () => {
  const from = [{ ...cache, digest: digestOf('cache') }];
  const cached: BuildRequest = { ...request, cache: { from, inline: false, write: undefined } };
  const failing = (cause: string): Script => ({
    says: [`ERROR: failed to build: failed to solve: ${cause}`],
    ends: 'exit 1',
  });
  const good: Script = { writes: { image: manifest }, ends: 'exit 0' };
  const busy =
    'busybox:x: failed to resolve source metadata for docker.io/library/busybox:x: unexpected status from HEAD request to https://x: 503 Service Unavailable';
  const cut =
    'failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:a from remote: not found';
  const ran = 'process "/bin/sh -c false" did not complete successfully: exit code: 1';

  async function attempt(
    scripts: readonly Script[],
    more: { trouble?: string; untouched?: readonly boolean[]; free?: boolean } = {},
  ): Promise<{ result: string; calls: number; lines: string[] }> {
    const lines: string[] = [];
    const answers = [...(more.untouched ?? [true, true])];
    const watch = {
      ...watchIn(lines),
      spare: {
        withoutCache: planBake({ ...cached, cache: { ...cached.cache, from: [] } }),
        cacheTrouble: () => more.trouble,
        isUntouched: () => answers.shift() ?? false,
        mayMakeAnew: true,
      },
    };
    const result = await bake({ buildx: pluginThat(...scripts), engine }, planBake(cached), watch).then(
      () => 'built',
      (error: Error) => error.message,
    );
    const { readFileSync } = await import('node:fs');
    const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1;
    const last = readFileSync(join(folder, `stdin-${calls}`), 'utf8');
    if (result === 'built') lines.push(last.includes('cache-from') ? 'with its cache' : 'without its cache');
    return { result, calls, lines };
  }
  /** The context is given free, and tests may run, before this fails. */
  const freed = (script: Script): Script => ({
    ...script,
    says: [vertex('[1/1] RUN x', { started: null }), vertex('[1/1] RUN x'), ...(script.says ?? [])],
    ends: `sleep 0.4; ${script.ends}`,
  });

  test.each<[string, Script[], Parameters<typeof attempt>[1], string, number, string]>([
    ['is repeated once', [failing(busy), good], {}, 'built', 2, 'with its cache'],
    ['is not repeated twice', [failing(busy), failing(busy), good], {}, 'a base image cannot be had', 2, ''],
    [
      'is repeated without a cache that failed',
      [failing(cut), good],
      { trouble: 'it is gone' },
      'built',
      2,
      'without its cache',
    ],
    ['is not repeated for a step of its own', [failing(ran), good], { trouble: 'it is gone' }, 'exit code: 1', 1, ''],
    [
      'is not repeated where it was killed',
      [{ ends: 'kill -9 $$' }, good],
      { trouble: 'it is gone' },
      'killed by SIGKILL',
      1,
      '',
    ],
    ['is repeated beside tests that touched nothing', [freed(failing(busy)), good], {}, 'built', 2, 'with its cache'],
    [
      'is not repeated where a file has changed',
      [freed(failing(busy)), good],
      { untouched: [false] },
      'a base image',
      1,
      '',
    ],
    [
      'does not count where a file changed beside it',
      [freed(failing(busy)), good],
      { untouched: [true, false] },
      'a base image',
      2,
      '',
    ],
  ])('%s', async (_, scripts, more, result, calls, line) => {
    const end = await attempt(scripts, more);
    expect(end.result).toContain(result);
    expect(end.calls).toBe(calls);
    expect(end.lines.join('\n')).toContain(line);
  });
});

test('an import of a cache that never ends is ended, and the message says what holds the builder', async () => {
  const plugin = pluginThat({
    says: [vertex('importing cache manifest from 127.0.0.1:5000/acme/app@sha256:0')],
    ends: 'sleep 20',
  });
  const watch = { ...watchIn([]), importLimit: 300 };
  await expect(bake({ buildx: plugin, engine }, planBake(request), watch)).rejects.toMatchObject({
    code: 'timeout',
    message: 'the cache 127.0.0.1:5000/acme/app@sha256:0 was not read within 300 ms: it never answers',
    hint: expect.stringContaining('restart it'),
  });
});
