import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Builders, type Daemon, openBuilders, startDaemon } from '../support/builders.ts';
import { imageStore } from '../support/image-store.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { app, digestOfTag, openProject, type Run, runImage, tagsOf, writesTo } from '../support/project.ts';

type Project = Awaited<ReturnType<typeof openProject>>;

// what these builders are made of is built here, and a daemon of one's own needs root
const asRoot = canOwnEngine ? describe : describe.skip;
/** Its last step outlives a buildkitd that is killed, for a minute. */
const slow = { ...app, Dockerfile: `${app['Dockerfile']}RUN cat /app/message; sleep 60\n` };

/** What a run said that ended before anything was built or written. */
async function refusal(project: Project, options: Parameters<Project['push']>[1]): Promise<Run['receipt']['error']> {
  const run = await project.push('main', options);
  expect(run.green).toBe(false);
  expect(run.main.log).not.toContain('build │');
  expect(await writesTo(project.registry)).toEqual([]);
  return run.receipt.error;
}

/** Runs a build that takes a minute, and does something to its builder once it is in the middle of it. */
async function meddle(env: Readonly<Record<string, string>>, act: () => Promise<void>): Promise<Run> {
  const project = await openProject(slow);
  try {
    let acting: Promise<void> | undefined;
    const run = await project.push('main', {
      env,
      onLine: (line) => {
        // what the step prints: it runs
        if (acting === undefined && /^build │.*\bhello$/.test(line)) acting = act();
      },
    });
    await acting;
    expect(run.green).toBe(false);
    expect(await writesTo(project.registry, /manifests/)).toEqual([]);
    return run;
  } finally {
    await project.close();
  }
}

asRoot('a builder', () => {
  let builders: Builders;
  let project: Project;
  beforeAll(async () => {
    builders = openBuilders();
    project = await openProject();
  });
  afterAll(async () => {
    await project.close();
    builders.remove();
  });

  test.each([
    ['by the input', { inputs: { builder: 'nope' } }],
    ['by BUILDX_BUILDER', { env: { BUILDX_BUILDER: 'nope' } }],
  ])('that does not exist, named %s, is an error before the build', async (_, options) => {
    expect(await refusal(project, options)).toMatchObject({
      code: 'builder-missing',
      message: 'there is no builder "nope"',
      hint: expect.stringContaining('docker buildx ls'),
    });
  });

  test('that nobody listens for is an error before the build, and at once', async () => {
    const gone = builders.addRemote('unix:///tmp/slipway-nobody.sock');
    expect(await refusal(project, { env: builders.env, inputs: { builder: gone } })).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining('unix:///tmp/slipway-nobody.sock: connect ENOENT'),
    });
  });

  test('may be the engine’s own, by its name', async () => {
    const run = await project.push('main', { inputs: { builder: 'default' } });
    expect(run.receipt.error).toBeNull();
    expect((await tagsOf(project.registry)).filter((tag) => tag.startsWith('cache-'))).toEqual(imageStore.cacheTags);
  });
});

asRoot('a remote buildkitd', () => {
  let builders: Builders;
  let daemon: Daemon;
  beforeAll(async () => {
    builders = openBuilders();
    daemon = await startDaemon();
    builders.addRemote(daemon.endpoint);
  }, 1_200_000);
  afterAll(async () => {
    await daemon.remove();
    builders.remove();
  }, 60_000);

  /** Seen on the classic store so far. */
  const onClassic = imageStore.kind === 'classic' ? test : test.skip;

  onClassic(
    'builds for main, with a notice that it lasts',
    async () => {
      const project = await openProject();
      const inputs = { 'test-target': 'test', 'test-image': 'cat /app/message' };
      const run = await project.push('main', { env: builders.env, inputs });
      expect(run.receipt.error).toBeNull();
      expect(await digestOfTag(project.registry, 'main')).toBe(run.outputs['digest']);
      expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe('hello\n');
      expect(await tagsOf(project.registry)).toContain('cache-main');
      expect(run.receipt.notices).toContainEqual(expect.stringContaining('(driver remote) lasts beyond this job'));
      await project.close();
    },
    60_000,
  );

  test('whose disk is full is named as such', async () => {
    const small = await startDaemon({ megabytes: 64 });
    const name = builders.addRemote(small.endpoint);
    const project = await openProject({ Dockerfile: 'FROM busybox:stable\nCOPY f /f\n' });
    const run = await project.push('main', {
      env: builders.env,
      inputs: { builder: name },
      prepare: (folder) => writeFileSync(join(folder, 'f'), randomBytes(90_000_000)),
    });
    expect(run.receipt.error).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/^the builder's disk is full: .*no space left on device/),
      hint: expect.stringContaining('docker buildx prune'),
    });
    expect(await writesTo(project.registry, /manifests/)).toEqual([]);
    await project.close();
    await small.remove();
  }, 60_000);

  test('killed in the middle of a build makes the run red with a clear sentence', async () => {
    const dying = await meddle(builders.env, daemon.kill);
    expect(dying.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining('the builder went away in the middle of the build'),
    });
  }, 60_000);
});
