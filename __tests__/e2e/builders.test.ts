import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../scripts/testbed/process.mjs';
import { type Builders, type Daemon, openBuilders, startDaemon } from '../support/builders.ts';
import { identify, makeTrust, type Trust, untilExpired } from '../support/certificates.ts';
import { imageStore } from '../support/image-store.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import {
  app,
  digestOfTag,
  docker,
  leftovers,
  openProject,
  type Project,
  type Run,
  runImage,
  tagsOf,
  writesTo,
} from '../support/project.ts';

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

asRoot('a builder of docker-container, made current', () => {
  let builders: Builders;
  let project: Project;
  let name: string;
  let first: Run;

  beforeAll(async () => {
    builders = openBuilders();
    name = await builders.addContainer();
    project = await openProject();
    const tests = { test: 'grep -q hello message', 'test-target': 'test', 'test-image': 'cat /app/message' };
    const verify = 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello';
    first = await project.push('main', { env: builders.env, inputs: { ...tests, verify } });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    builders.remove();
  }, 60_000);

  test('builds; what was tested in the engine is what is published', async () => {
    expect(first.main.log).not.toContain('::error');
    expect(first.green).toBe(true);
    const sha = await project.origin.sha('refs/heads/main');
    // the cache is in the registry on either store: this builder can write it
    const tags = ['cache-main', 'latest', 'main', `sha-${sha.slice(0, 12)}`];
    expect(await tagsOf(project.registry)).toEqual(tags);
    const digests = await Promise.all(tags.slice(1).map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(digests)).toEqual(new Set([first.outputs['digest']]));
    expect(JSON.parse(first.outputs['metadata'] ?? '')).toHaveProperty(['containerimage.digest'], digests[0]);
    expect(runImage(`${project.image}@${first.outputs['digest']}`)).toBe('hello\n');
    expect(first.receipt.tests.map(({ passed }) => passed)).toEqual([true, true, true, true]);
    expect(first.receipt.cache.export).toMatchObject({ ok: true });
  });

  test('was the one that built', () => {
    expect(docker('inspect', '--format', '{{.State.Running}}', builders.containerOf(name))).toBe('true\n');
    expect(first.receipt.notices.join('\n')).not.toContain('lasts beyond');
    expect(leftovers(first, project.image)).toEqual([]);
  });

  test('runs the tests of an image that is there, builds none, and is known for its records’ age', async () => {
    const volume = `${builders.containerOf(name)}_state`;
    const made = Date.parse(docker('volume', 'inspect', '--format', '{{.CreatedAt}}', volume).trim());
    await until(async () => Date.now() > made + 1_500, { timeoutMs: 10_000 }); // a job that starts later
    const again = await project.push('main', { env: builders.env, inputs: { 'test-target': 'test' } });
    expect(again.receipt.error).toBeNull();
    expect(again.receipt.image?.reused).toBe(true);
    expect(again.outputs['digest']).toBe(first.outputs['digest']);
    expect(again.receipt.tests.map(({ kind, passed }) => [kind, passed])).toEqual([['test-target', true]]);
    expect(again.receipt.notices).toContainEqual(expect.stringContaining('(driver docker-container) lasts beyond'));
  }, 60_000);

  test('a branch on a new one, chosen by its name, reads main’s cache', async () => {
    const other = await builders.addContainer();
    await project.origin.commit('topic', { 'stage-test.sh': 'grep -q hello /app/message # again\n' });
    const run = await project.push('topic', { env: builders.env, inputs: { builder: other } });
    expect(run.main.log).not.toContain('::error');
    expect(run.green).toBe(true);
    expect(run.outputs['cache-from']).toContain(`${project.image}@sha256:`);
    expect(run.receipt.image?.steps.cached).toBeGreaterThan(0);
    expect(docker('inspect', '--format', '{{.State.Running}}', builders.containerOf(other))).toBe('true\n');
    expect(await digestOfTag(project.registry, 'topic')).toBe(run.outputs['digest']);
    expect(await digestOfTag(project.registry, 'main')).toBe(first.outputs['digest']);
  }, 60_000);

  test('a test stage that fails leaves nothing of the image', async () => {
    const before = await tagsOf(project.registry);
    await project.origin.commit('broken', { message: 'goodbye\n' });
    const run = await project.push('broken', { env: builders.env, inputs: { 'test-target': 'test' } });
    expect(run.receipt.error).toMatchObject({ code: 'test-failed' });
    expect(await tagsOf(project.registry)).toEqual(before);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('a test of the image that fails publishes nothing', async () => {
    const before = await tagsOf(project.registry);
    await project.origin.commit('wrong', { message: 'hello wrong\n' });
    const run = await project.push('wrong', {
      env: builders.env,
      inputs: { 'test-image': 'grep -q right /app/message' },
    });
    expect(run.receipt.error).toMatchObject({ code: 'test-failed' });
    expect(await tagsOf(project.registry)).toEqual(before);
  });

  test('that is paused is named as such', async () => {
    docker('pause', builders.containerOf(name));
    try {
      await project.origin.commit('paused', { message: 'hello paused\n' });
      const run = await project.push('paused', { env: builders.env });
      expect(run.receipt.error).toMatchObject({
        code: 'builder-missing',
        message: expect.stringContaining('paused'),
        hint: expect.stringContaining('docker unpause'),
      });
      expect(await digestOfTag(project.registry, 'paused')).toBeNull();
    } finally {
      docker('unpause', builders.containerOf(name));
    }
  }, 60_000);

  test('killed in the middle of a build makes the run red with a clear sentence; the next one boots it', async () => {
    const dying = await meddle(builders.env, async () => void docker('kill', builders.containerOf(name)));
    expect(dying.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining('the builder went away in the middle of the build'),
      hint: expect.stringContaining('docker logs'),
    });
    await project.origin.commit('after', { message: 'hello after\n' });
    const again = await project.push('after', { env: builders.env });
    expect(again.receipt.error).toBeNull();
  }, 90_000);
});

asRoot('a builder', () => {
  let builders: Builders;
  let project: Project;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-no-builder-'));
  beforeAll(async () => {
    builders = openBuilders();
    project = await openProject();
  });
  afterAll(async () => {
    await project.close();
    builders.remove();
    rmSync(folder, { recursive: true, force: true });
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

  test('in a cluster that does not answer is named as such', async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: { token: 'x' } }],
        'current-context': 'c',
      }),
    );
    const cluster = builders.addKubernetes(kubeconfig);
    const run = await project.push('main', {
      env: { ...builders.env, KUBECONFIG: kubeconfig },
      inputs: { builder: cluster },
    });
    expect(run.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringMatching(/^the builder does not start: .*127\.0\.0\.1:1.*connection refused/),
      hint: expect.stringContaining('kubectl'),
    });
    expect(await writesTo(project.registry)).toEqual([]);
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
  let other: Daemon;
  let project: Project;
  let first: Run;
  let trust: Trust;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-remote-'));
  const tests = { 'test-target': 'test', 'test-image': 'cat /app/message' };

  beforeAll(async () => {
    builders = openBuilders();
    trust = await makeTrust(folder);
    daemon = await startDaemon({ tls: trust.server });
    builders.addRemote(daemon.endpoint, ...identify(trust.ours));
    other = await startDaemon();
    project = await openProject();
    first = await project.push('main', { env: builders.env, inputs: { ...tests, test: 'grep -q hello message' } });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    await Promise.all([daemon.remove(), other.remove()]);
    builders.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('builds for main over TCP, with certificates on both sides and a notice that it lasts', async () => {
    expect(first.receipt.error).toBeNull();
    const { digest } = first.outputs;
    const tags = ['latest', 'main', `sha-${(await project.origin.sha('refs/heads/main')).slice(0, 12)}`];
    expect(await tagsOf(project.registry)).toEqual(['cache-main', ...tags]);
    const digests = await Promise.all(tags.map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(digests)).toEqual(new Set([digest]));
    expect(JSON.parse(first.outputs['metadata'] ?? '')).toHaveProperty(['containerimage.digest'], digest);
    expect(runImage(`${project.image}@${digest}`)).toBe('hello\n');
    expect(first.receipt.tests.map(({ passed }) => passed)).toEqual([true, true, true]);
    expect(first.receipt.notices).toContainEqual(expect.stringContaining('(driver remote) lasts beyond this job'));
    expect(leftovers(first, project.image)).toEqual([]);
  }, 60_000);

  test('runs the tests of an image that is there, and builds none', async () => {
    const inputs = { 'test-target': 'test', 'test-image': 'grep -q hello /app/message' };
    const again = await project.push('main', { env: builders.env, inputs });
    expect(again.receipt.error).toBeNull();
    expect(again.receipt.image?.reused).toBe(true);
    expect(again.outputs['digest']).toBe(first.outputs['digest']);
    expect(again.receipt.tests.map(({ kind, passed }) => [kind, passed])).toEqual([
      ['test-target', true],
      ['test-image', true],
    ]);
  }, 60_000);

  test('that is the first of two nodes builds for a branch from main’s cache, and that is said', async () => {
    const name = builders.addRemote(other.endpoint);
    builders.addNode(name, daemon.endpoint, ...identify(trust.ours));
    await project.origin.commit('topic', { 'stage-test.sh': 'grep -q hello /app/message # again\n' });
    const run = await project.push('topic', { env: builders.env, inputs: { ...tests, builder: name } });
    expect(run.receipt.error).toBeNull();
    expect(run.receipt.notices).toContainEqual(
      expect.stringContaining(`the first of them builds: "${name}0" (${other.endpoint})`),
    );
    expect(run.outputs['cache-from']).toContain(`${project.image}@sha256:`);
    expect(run.receipt.image?.steps.cached).toBeGreaterThan(0);
    expect(await digestOfTag(project.registry, 'topic')).toBe(run.outputs['digest']);
    expect(await digestOfTag(project.registry, 'main')).toBe(first.outputs['digest']);
  }, 60_000);

  test('whose test stage fails publishes nothing and leaves nothing', async () => {
    const before = await tagsOf(project.registry);
    await project.origin.commit('broken', { message: 'goodbye\n' });
    const run = await project.push('broken', { env: builders.env, inputs: tests });
    expect(run.receipt.error).toMatchObject({ code: 'test-failed' });
    expect(await tagsOf(project.registry)).toEqual(before);
    expect(leftovers(run, project.image)).toEqual([]);
  }, 60_000);

  test('for which our certificate has expired is an error before the build', async () => {
    await untilExpired(trust.old);
    const closed = await openProject();
    const name = builders.addRemote(daemon.endpoint, ...identify({ ...trust.old, ca: trust.ours.ca }));
    expect(await refusal(closed, { env: builders.env, inputs: { builder: name } })).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining('certificate expired'),
      hint: expect.stringContaining('has to be renewed'),
    });
    await closed.close();
  }, 60_000);

  describe('and no engine on the runner', () => {
    let bare: Project;
    let env: Readonly<Record<string, string>>;
    beforeAll(async () => {
      bare = await openProject();
      const name = builders.addRemote(other.endpoint);
      // buildx has a current builder for each address of an engine
      env = { ...builders.env, BUILDX_BUILDER: name, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
    });
    afterAll(() => bare.close());

    test('what runs the image is refused before the build', async () => {
      expect(await refusal(bare, { env, inputs: { 'test-image': 'cat /app/message' } })).toMatchObject({
        code: 'engine-missing',
        message:
          'no Docker engine answers at /nonexistent/docker.sock (ENOENT), and `test-image` runs the image in one',
        hint: expect.stringContaining('need no engine'),
      });
    });

    test('build, tests beside it and publication work; each layer is sent once', async () => {
      const inputs = { test: 'grep -q hello message', 'test-target': 'test', image: `${bare.image}\n${bare.image}2` };
      const run = await bare.push('main', { env, inputs });
      expect(run.receipt.error).toBeNull();
      const { digest = '' } = run.outputs;
      const tags = await tagsOf(bare.registry);
      expect(tags).toEqual(['cache-main', 'latest', 'main', expect.stringMatching(/^sha-[0-9a-f]{12}$/)]);
      const held = await Promise.all(tags.slice(1).map((tag) => digestOfTag(bare.registry, tag)));
      expect(new Set(held)).toEqual(new Set([digest]));
      expect(runImage(`${bare.image}2@${digest}`)).toBe('hello\n');
      expect(run.receipt.tests.map(({ passed }) => passed)).toEqual([true, true]);
      const before = await writesTo(bare.registry, /acme\/app2?\/blobs/);
      expect(before.filter((one) => one.includes('app2'))).toEqual([]); // mounted
      expect(run.main.log).toMatch(/push │ 5 blobs of sha256:\S+ sent/);
      expect(run.main.log).toContain('the image was checked');
      expect(run.post?.log).not.toContain('::notice');
    }, 60_000);

    test('what no test on the runner could touch goes straight from the builder', async () => {
      await bare.origin.commit('straight', { message: 'hello straight\n' });
      const run = await bare.push('straight', { env, inputs: { 'test-target': 'test' } });
      expect(run.receipt.error).toBeNull();
      expect(run.main.log).not.toContain('blobs of sha256:');
      expect(await digestOfTag(bare.registry, 'straight')).toBe(run.outputs['digest']);
    }, 60_000);

    test('what is there is taken, and tested by its stage', async () => {
      const again = await bare.push('main', { env, inputs: { 'test-target': 'test' } });
      expect(again.receipt.error).toBeNull();
      expect(again.receipt.image?.reused).toBe(true);
    }, 60_000);
  });

  test('whose disk is full is named as such', async () => {
    const small = await startDaemon({ megabytes: 64 });
    const name = builders.addRemote(small.endpoint);
    const large = await openProject({ Dockerfile: 'FROM busybox:stable\nCOPY f /f\n' });
    const run = await large.push('main', {
      env: builders.env,
      inputs: { builder: name },
      prepare: (folder) => writeFileSync(join(folder, 'f'), randomBytes(90_000_000)),
    });
    expect(run.receipt.error).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/^the builder's disk is full: .*no space left on device/),
      hint: expect.stringContaining('docker buildx prune'),
    });
    expect(await writesTo(large.registry, /manifests/)).toEqual([]);
    await large.close();
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
