import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOlder } from '../../src/plan/machine.ts';
import { type Builders, type Daemon, openBuilders, startDaemon } from '../support/builders.ts';
import { imageStore } from '../support/image-store.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { foreign, machines, native, prepareApp, runsForeign } from '../support/platforms.ts';
import {
  bench,
  digestOfTag,
  leftovers,
  openProject,
  type Project,
  type Run,
  runImageOn,
  tagsOf,
  writesTo,
} from '../support/project.ts';

const platforms = `${native},${foreign}`;
const keepsIndexes = imageStore.kind === 'containerd' && !isOlder(bench.engine.version, '28.0');
/** Main's cache: each machine leaves its own. */
const caches = ['cache-main', `cache-main-${foreign.replaceAll('/', '-')}`];
const whereKept = keepsIndexes ? test : test.skip;
/** A step's root filesystem is mounted from below the folder of the buildkitd that runs it. */
const where = `RUN grep -o '/tmp/slipway-bk-[^/]*' /proc/self/mountinfo | head -n 1 > /node\n`;

interface Entry {
  readonly digest: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

(canOwnEngine && runsForeign ? describe : describe.skip)('two machines in one builder, a platform each', () => {
  let builders: Builders;
  let daemons: Readonly<Record<'native' | 'foreign', Daemon>>;
  let project: Project;
  let app: Readonly<Record<string, string>>;
  let env: Readonly<Record<string, string>>;
  let first: Run;

  beforeAll(async () => {
    builders = openBuilders();
    const [one, other] = await Promise.all([startDaemon(), startDaemon()]);
    daemons = { native: one, foreign: other };
    builders.addShared([
      [native, one.endpoint],
      [foreign, other.endpoint],
    ]);
    env = builders.env;
    app = await prepareApp();
    project = await openProject({ ...app, Dockerfile: (app['Dockerfile'] ?? '').replace('RUN ', `${where}RUN `) });
    first = await project.push('main', { env, inputs: { platforms, 'test-target': 'test' } });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    builders.remove();
    await Promise.all(Object.values(daemons).map((daemon) => daemon.remove()));
  }, 60_000);

  async function readIndex(reference: string): Promise<readonly Entry[]> {
    const headers = { accept: 'application/vnd.oci.image.index.v1+json' };
    const reply = await fetch(`${project.registry.url}/v2/acme/app/manifests/${reference}`, { headers });
    return ((await reply.json()) as { manifests?: readonly Entry[] }).manifests ?? [];
  }

  function expectOwnNodes(digest: string | undefined): void {
    const kinds = [
      ['native', native],
      ['foreign', foreign],
    ] as const;
    for (const [kind, platform] of kinds) {
      const image = `${project.image}@${digest}`;
      const folder = daemons[kind].endpoint.replace(/^unix:\/\/|\/[^/]*$/g, '');
      expect(runImageOn(platform, image, '/machine', '/node')).toBe(`${machines[kind]}\n${folder}\n`);
    }
  }

  test('build and test their own, and make one index that the tags alone point at', async () => {
    expect(first.receipt.error).toBeNull();
    const { digest } = first.outputs;
    const tags = ['latest', 'main', `sha-${(await project.origin.sha('refs/heads/main')).slice(0, 12)}`];
    expect(await tagsOf(project.registry)).toEqual([...caches, ...tags]);
    const held = await Promise.all(tags.map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(held)).toEqual(new Set([digest]));
    const index = await readIndex('main');
    expect(index.map(({ platform: { os, architecture } }) => `${os}/${architecture}`)).toEqual([native, foreign]);
    expectOwnNodes(digest);
    expect(first.receipt.tests).toMatchObject([{ kind: 'test-target', passed: true }]);
  }, 120_000);

  test('send their images by digest alone; the index is written before its first tag', async () => {
    const written = (await writesTo(project.registry, /manifests/)).map((one) => one.replace(/^.*\/manifests\//, ''));
    const byDigest = written.filter((one) => one.startsWith('sha256:'));
    expect(byDigest).toHaveLength(3);
    expect(written.slice(0, 3).toSorted()).toEqual(byDigest.toSorted());
  });

  test('are told of with the size of each', () => {
    const sizes = first.receipt.image?.platforms ?? [];
    expect(sizes.map(({ platform }) => platform)).toEqual([native, foreign]);
    for (const { size } of sizes) expect(size).toBeGreaterThan(500_000);
  });

  test('test an index that is there, each its own, and build none', async () => {
    const again = await project.push('main', { env, inputs: { platforms, test: 'true', 'test-target': 'test' } });
    expect(again.receipt.error).toBeNull();
    expect(again.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'] });
    expect(again.receipt.tests.map(({ kind, passed }) => [kind, passed]).toSorted()).toEqual([
      ['test', true],
      ['test-target', true],
    ]);
    expect(again.main.log.match(/^build │ #\d+ \[.*\] RUN sh \/app\/stage-test\.sh$/gm)).toHaveLength(2);
  }, 120_000);

  test('hand out what has attestations, beside a test on the runner, from main’s cache', async () => {
    await project.origin.commit('attested', { 'stage-test.sh': 'grep -q hello /app/message # again\n' });
    const inputs = { platforms, test: 'grep -q hello message', 'test-target': 'test', provenance: 'mode=min' };
    const run = await project.push('attested', { env, inputs });
    expect(run.receipt.error).toBeNull();
    const read = await Promise.all(caches.map((tag) => digestOfTag(project.registry, tag)));
    expect((run.outputs['cache-from'] ?? '').split('\n')).toEqual(read.map((one) => `${project.image}@${one}`));
    const { digest } = run.outputs;
    expect(await digestOfTag(project.registry, 'attested')).toBe(digest);
    const index = await readIndex('attested');
    const images = index.slice(0, 2);
    const about = index.slice(2).map(({ annotations }) => annotations?.['vnd.docker.reference.digest']);
    expect(images.map(({ platform: { os, architecture } }) => `${os}/${architecture}`)).toEqual([native, foreign]);
    expect(about).toEqual(images.map((one) => one.digest));
    expectOwnNodes(digest);
    expect(leftovers(run, project.image)).toEqual([]);
  }, 120_000);

  whereKept(
    'give the engine what is run there, and what was run is what is published',
    async () => {
      await project.origin.commit('run', { message: 'hello run\n' });
      const verify = 'test "$(docker run --rm "$SLIPWAY_IMAGE" /app/message)" = "hello run"';
      const inputs = { platforms, 'test-image': 'grep -q run /app/message', verify };
      const run = await project.push('run', { env, inputs });
      expect(run.receipt.error).toBeNull();
      expect(run.receipt.tests.map(({ kind, platform }) => [kind, platform])).toEqual([
        ['test-image', native],
        ['verify', native],
        ['test-image', foreign],
        ['verify', foreign],
      ]);
      expect(await digestOfTag(project.registry, 'run')).toBe(run.outputs['digest']);
      expectOwnNodes(run.outputs['digest']);
      expect(leftovers(run, project.image)).toEqual([]);
    },
    120_000,
  );

  test('hold everything where the test stage of one of them fails', async () => {
    const before = await writesTo(project.registry);
    await project.origin.commit('wrong', { 'stage-test.sh': `test "$(uname -m)" = ${machines.native}\n` });
    const run = await project.push('wrong', { env, inputs: { platforms, 'test-target': 'test' } });
    expect(run.receipt.error).toMatchObject({ code: 'test-failed' });
    expect(await writesTo(project.registry)).toEqual(before);
  }, 120_000);

  test('of which one dies in the middle of a build are an error that says which was at what', async () => {
    const before = await writesTo(project.registry);
    const Dockerfile = (app['Dockerfile'] ?? '').replace('COPY . ', 'RUN uname -m; sleep 60\nCOPY . ');
    await project.origin.commit('dying', { Dockerfile });
    const missing = new Set([machines.native, machines.foreign]);
    let killed: Promise<void> | undefined;
    const run = await project.push('dying', {
      env,
      inputs: { platforms },
      onLine: (line) => {
        missing.delete(/^build │ #\d+ (\S+)$/.exec(line)?.[1] ?? ''); // what the step prints: it runs
        if (missing.size === 0) killed ??= daemons.foreign.kill();
      },
    });
    await killed;
    expect(run.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringMatching(
        `^the builder went away in the middle of the build in step .*\\[${foreign} base 4/5\\] RUN`,
      ),
    });
    expect(await writesTo(project.registry)).toEqual(before);
  }, 120_000);

  test('of which one is down are an error before the build, and at once', async () => {
    const before = await writesTo(project.registry);
    await project.origin.commit('down', { message: 'hello down\n' });
    const run = await project.push('down', { env, inputs: { platforms } });
    expect(run.receipt.error).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining(`${daemons.foreign.endpoint}: connect ECONNREFUSED`),
    });
    expect(run.main.log).not.toContain('build │');
    expect(await writesTo(project.registry)).toEqual(before);
  }, 120_000);
});
