import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDockerConfig } from '../support/docker-config.ts';
import { imageStore } from '../support/image-store.ts';
import {
  digestOfTag,
  engineKind,
  leftovers,
  listLines,
  openProject,
  type Project,
  type Run,
  tagsOf,
  writesTo,
} from '../support/project.ts';

/** `npm run test:engines` asks for more, on an engine of its own. */
const rounds = Number(process.env['SLIPWAY_SOAK'] ?? 20);

function errorsOf(run: Run): readonly string[] {
  return run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
}

let project: Project;
let counter = 900;
/** Every run has an id of its own, as on GitHub. */
const nextId = (): string => String(++counter);

beforeAll(async () => {
  project = await openProject();
});

afterAll(async () => {
  await project.close();
});

describe('two jobs at once on one machine', () => {
  test('of different branches: each publishes its own image', async () => {
    const names = ['left', 'right'];
    for (const name of names) await project.origin.commit(name, { message: `hello ${name}\n` });
    const inputs = { test: 'sleep 0.5', 'test-image': 'cat /app/message', verify: 'docker run --rm "$SLIPWAY_IMAGE"' };
    const runs = await Promise.all(names.map((name, at) => project.push(name, { inputs, runId: `48${at}` })));
    for (const [at, run] of runs.entries()) {
      expect(errorsOf(run)).toEqual([]);
      expect(run.main.log).toContain(`verify │ hello ${names[at]}`);
      expect(run.main.log).not.toContain(`hello ${names[1 - at]}`);
      expect(await digestOfTag(project.registry, names[at] ?? '')).toBe(run.outputs['digest']);
      expect(leftovers(run, project.image)).toEqual([]);
    }
  });

  test('of one branch, each with an image of its own: each pushes what it tested, and nothing stays', async () => {
    const other = await openProject({
      // a layer that takes a while to push, so that the runs meet there
      Dockerfile: [
        'FROM busybox:stable',
        'ARG RUN',
        'RUN echo "$RUN" > /made && dd if=/dev/urandom of=/big bs=1M count=48',
        'ENTRYPOINT ["cat", "/made"]',
        '',
      ].join('\n'),
    });
    const ids = ['51', '52', '53'];
    const runs = await Promise.all(
      ids.map((runId) =>
        other.push('main', {
          runId,
          inputs: {
            'build-args': `RUN=${runId}`,
            reuse: 'off',
            cache: 'none',
            verify: 'docker run --rm "$SLIPWAY_IMAGE"',
          },
        }),
      ),
    );
    for (const [at, run] of runs.entries()) {
      expect(errorsOf(run)).toEqual([]);
      expect(run.main.log).toContain(`verify │ ${ids[at]}`);
      expect(run.post?.log).not.toContain('not everything');
      // what main has given back is none of post's business: it may be another run's by then
      expect(JSON.parse(run.state['slipway'] ?? '')).toMatchObject({
        names: [expect.stringContaining(run.nonce)],
        restore: [],
      });
    }
    for (const run of runs) expect(leftovers(run, other.image)).toEqual([]);
    const fixed = (await tagsOf(other.registry)).filter((tag) => tag.startsWith('sha-'));
    const held = await Promise.all(fixed.map((tag) => digestOfTag(other.registry, tag)));
    expect(new Set(held)).toEqual(new Set(runs.map(({ outputs }) => outputs['digest'])));
    await other.close();
  });

  test('of one commit: all end green with tags at one digest', async () => {
    await project.origin.commit('same', { message: 'hello same\n' });
    const runs = await Promise.all(['61', '62'].map((runId) => project.push('same', { runId })));
    for (const run of runs) {
      expect(errorsOf(run)).toEqual([]);
      expect(leftovers(run, project.image)).toEqual([]);
    }
    expect(runs.map(({ outputs }) => outputs['digest'])).toContain(await digestOfTag(project.registry, 'same'));
  });
});

describe('a runner’s home', () => {
  test.each<[string, Record<string, string>]>([
    ['is missing', { HOME: '' }],
    ['cannot be written to, nor buildx’s folder', { HOME: '/proc', BUILDX_CONFIG: '/proc/buildx' }],
  ])('%s', async (_, env) => {
    const run = await project.push('main', { env, runId: nextId(), inputs: { reuse: 'off' } });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true' });
    expect(leftovers(run, project.image)).toEqual([]);
  });
});

describe('a runner’s folders', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-self hosted-äöü 日本-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('have spaces and letters beyond ASCII', async () => {
    const where = { workspace: join(root, 'my work', 'äpp'), temp: join(root, 'témp') };
    mkdirSync(where.temp);
    const held = openDockerConfig();
    const config = join(root, 'döcker config');
    cpSync(held.folder, config, { recursive: true, verbatimSymlinks: true });
    await project.origin.commit('spaces', { message: 'hello spaces\n' });
    const run = await project.push('spaces', {
      where,
      env: { DOCKER_CONFIG: config },
      inputs: { test: 'grep -q spaces message', verify: 'docker run --rm "$SLIPWAY_IMAGE"' },
    });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true' });
    expect(run.outputs['receipt']).toContain('témp');
    // some versions of buildx cannot do that, which is said so
    const staged = await project.push('spaces', {
      where: { ...where, workspace: join(root, 'again', 'äpp') },
      env: { DOCKER_CONFIG: config },
      inputs: { 'test-target': 'test', reuse: 'off' },
    });
    held.remove();
    expect(staged.receipt.error === null ? 'a path with letters beyond ASCII' : errorsOf(staged)[0]).toContain(
      'a path with letters beyond ASCII',
    );
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? test : test.skip)('belong to another user', async () => {
    const run = await project.push('main', {
      runId: nextId(),
      inputs: { reuse: 'off' },
      prepare: (folder) => spawnSync('chown', ['-R', '12345:12345', folder]),
    });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
  });

  test('are emptied by somebody else after the build: all goes on', async () => {
    await project.origin.commit('main', { anew: `${randomUUID()}\n` }); // a step that runs gives the cache something to keep
    const run = await project.push('main', {
      runId: nextId(),
      inputs: {
        reuse: 'off',
        verify: 'find "$RUNNER_TEMP" -mindepth 1 -maxdepth 1 -name "slipway-*" -exec rm -rf {} +',
      },
    });
    expect(errorsOf(run)).toEqual([]);
    expect(run.receipt.cache.export).toEqual(imageStore.cacheWritten);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('are emptied by somebody else while it builds: red, and says so', async () => {
    await project.origin.commit('emptied', {
      Dockerfile: `FROM busybox:stable\nCOPY message /\nRUN : ${randomUUID()} && sleep 4\n`, // never from the cache
      message: 'hello emptied\n',
    });
    const mark = (await writesTo(project.registry)).length;
    const run = await project.push('emptied', {
      inputs: { test: 'find "$RUNNER_TEMP" -mindepth 1 -maxdepth 1 -name "slipway-*" -exec rm -rf {} +' },
    });
    expect(errorsOf(run)).toEqual([expect.stringMatching(/was deleted while the build was running[\s\S]*RUNNER_TEMP/)]);
    expect((await writesTo(project.registry)).length).toBe(mark);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('are emptied of everything, the runner’s own files too: those are put back, and all goes on', async () => {
    const run = await project.push('main', {
      runId: nextId(),
      inputs: { reuse: 'off', verify: 'find "$RUNNER_TEMP" -mindepth 1 -delete' },
    });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', digest: await digestOfTag(project.registry, 'main') });
    expect(run.receipt.result).toBe('ship');
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('have no room for the runner’s own files any more: red, and says so', async () => {
    const where = { workspace: join(root, 'roomless', 'app'), temp: join(root, 'roomless-temp') };
    mkdirSync(where.temp);
    const files = join(where.temp, '_runner_file_commands');
    const run = await project.push('main', {
      where,
      runId: nextId(),
      inputs: { reuse: 'off', verify: `rm -rf '${files}' && touch '${files}'` },
      afterMain: () => rmSync(files),
    });
    expect(run.green).toBe(false);
    expect(errorsOf(run)).toEqual([expect.stringMatching(/the runner’s files for this step.*[\s\S]*RUNNER_TEMP/)]);
    expect(run.main.log).not.toMatch(/^\s+at .*main\.mjs/m);
  });
});

/** On an engine where nobody else works everything counts; elsewhere only what bears a name or a label of these runs. */
const alone = engineKind === 'apart';

/** All that runs of ours could leave on a machine. */
function snapshot(nonces: readonly string[], folders: Readonly<Record<string, string>>) {
  const ours = (line: string): boolean =>
    alone || line.includes(project.image) || nonces.some((nonce) => line.includes(nonce));
  const list = (what: string, format: string, ...more: string[]): string[] =>
    listLines(what, 'ls', ...more, '--format', format).filter(ours);
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TMPDIR=${folders['tmp']}\0`);
      } catch {
        return false; // it has ended
      }
    });
  const unnamed = ['--all', '--quiet', '--filter', `label=org.opencontainers.image.source=${source}`];
  return {
    images: list('image', '{{.Repository}}:{{.Tag}}@{{.Digest}} {{.ID}}', '--all', '--digests'),
    unnamed: listLines('image', 'ls', ...unnamed),
    containers: list('container', '{{.ID}} {{.Label "io.slipway.run"}}', '--all'),
    volumes: list('volume', '{{.Name}} {{.Label "io.slipway.run"}}'),
    networks: list('network', '{{.Name}} {{.Label "io.slipway.run"}}'),
    processes,
    files: Object.values(folders).flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    ),
  };
}

const source = `https://github.com/octo-org/soak-${process.pid}`;

test(
  `nothing is left after ${rounds} runs of every kind`,
  async () => {
    const tmp = mkdtempSync(join(tmpdir(), 'slipway-soak-'));
    const held = openDockerConfig({ proxies: {} });
    const folders = { tmp, config: held.folder };
    const env = { ...held.env, TMPDIR: tmp, GITHUB_REPOSITORY: source.replace('https://github.com/', '') };
    // buildx's own state is made by the first run, whoever calls it
    const runs = [await project.push('main', { env, runId: nextId(), inputs: { reuse: 'off' } })];
    const before = snapshot([], folders);
    await project.origin.commit('soaked', { message: 'hello soaked\n' });
    const login = { username: 'robot', password: 'canary' };
    const inMain = { 'test-image': 'true', verify: 'sleep 30 & docker run --rm "$SLIPWAY_IMAGE"' };
    const kinds: readonly (readonly ['green' | 'red', () => Promise<Run>])[] = [
      ['green', () => project.push('main', { env, runId: nextId(), inputs: { reuse: 'off', 'test-image': 'true' } })],
      ['green', () => project.push('soaked', { env, inputs: { ...login, test: 'true', reuse: 'off' } })],
      ['red', () => project.push('soaked', { env, inputs: { reuse: 'off', test: 'sleep 0.2; false' } })],
      ['green', () => project.pullRequest(70, 'soaked', { env, fork: 'mallory/app' })],
      ['green', () => project.push('main', { env, inputs: inMain })],
      ['red', () => project.push('main', { env, runId: nextId(), inputs: { reuse: 'off', 'test-image': 'false' } })],
    ];
    const queue = Array.from({ length: rounds }, (_, at) => kinds[at % kinds.length]).filter(
      (kind) => kind !== undefined,
    );
    while (queue.length > 0) {
      const pair = queue.splice(0, 2).map(async ([end, start]) => {
        const run = await start();
        if (end === 'green') expect(errorsOf(run)).toEqual([]);
        expect(run.green ? 'green' : 'red').toBe(end);
        return run;
      });
      runs.push(...(await Promise.all(pair)));
    }
    const after = snapshot(
      runs.map(({ nonce }) => nonce),
      folders,
    );
    expect(runs.filter(({ post }) => post?.code !== 0)).toEqual([]);
    for (const run of runs) expect(run.leftFiles).toEqual([]);
    expect({ ...after, files: after.files.filter((path) => !before.files.includes(path)) }).toEqual({
      ...before,
      files: [],
    });
    held.remove();
    rmSync(tmp, { recursive: true, force: true });
  },
  rounds * 20_000,
);
