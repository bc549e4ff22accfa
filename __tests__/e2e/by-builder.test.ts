import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Builders, openBuilders } from '../support/builders.ts';
import { type FakeRegistry, fakeLogin, startFakeRegistry } from '../support/fake-registry.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { foreign, native, prepareApp } from '../support/platforms.ts';
import {
  digestOfTag,
  docker,
  openProject,
  openProjectAt,
  type Project,
  type Run,
  runImage,
  runImageOn,
  tagsOf,
  writesTo,
} from '../support/project.ts';

const untagged = /^PUT \/v2\/acme\/app\/manifests\/sha256:/;
const tagged = /^PUT \/v2\/acme\/app\/manifests\/(?!sha256:)/;

(canOwnEngine ? describe : describe.skip)('an image that nothing on the runner needs', () => {
  let builders: Builders;
  let name: string;
  let project: Project;
  let both: Project;
  let first: Run;

  beforeAll(async () => {
    builders = openBuilders();
    name = await builders.addContainer();
    project = await openProject();
    both = await openProject(await prepareApp());
    first = await project.push('main', { env: builders.env, inputs: { 'test-target': 'test', checks: 'off' } });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    await both.close();
    builders.remove();
  }, 60_000);

  test('goes from its builder to the registry, by digest before any tag', async () => {
    expect(first.main.log).not.toContain('::error');
    expect(first.green).toBe(true);
    const writes = await writesTo(project.registry, /manifests/);
    expect(writes.findIndex((one) => untagged.test(one))).toBe(0);
    expect(writes.findIndex((one) => tagged.test(one))).toBeGreaterThan(0);
    const sha = await project.origin.sha('refs/heads/main');
    const tags = ['latest', 'main', `sha-${sha.slice(0, 12)}`];
    // whether the cache was written is other tests' matter
    expect((await tagsOf(project.registry)).filter((tag) => tag !== 'cache-main')).toEqual(tags);
    const digests = await Promise.all(tags.map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(digests)).toEqual(new Set([first.outputs['digest']]));
    expect(runImage(`${project.image}@${first.outputs['digest']}`)).toBe('hello\n');
  });

  test('never comes to the engine', () => {
    const seen = docker('images', '--digests', '--format', '{{.Digest}} {{.ID}}');
    expect(seen).not.toContain(first.outputs['digest'] ?? 'no digest');
    expect(first.receipt.tests).toMatchObject([{ kind: 'test-target', passed: true }]);
  });

  test('whose test stage fails is sent nowhere', async () => {
    const before = await writesTo(project.registry);
    await project.origin.commit('broken', { message: 'goodbye\n' });
    const run = await project.push('broken', { env: builders.env, inputs: { 'test-target': 'test' } });
    expect(run.receipt.error).toMatchObject({ code: 'test-failed' });
    expect(await writesTo(project.registry)).toEqual(before);
  });

  test('is sent by the solve that makes it where only the guards of its tags come between', async () => {
    await project.origin.commit('plain', { message: 'hello plain\n' });
    const known = (await writesTo(project.registry, /manifests/)).length;
    const inputs = { image: `${project.image}\n${project.image}-too` };
    const run = await project.push('plain', { env: builders.env, inputs });
    expect(run.receipt.error).toBeNull();
    expect(run.main.log).not.toContain('push │'); // a solve that only sends
    const [sent, ...tags] = (await writesTo(project.registry, /manifests/)).slice(known);
    expect(sent).toBe(`PUT /v2/acme/app/manifests/${run.outputs['digest']}`);
    expect(tags.toSorted()).toEqual(['-too', ''].map((which) => `PUT /v2/acme/app${which}/manifests/plain`));
    expect(await digestOfTag(project.registry, 'plain')).toBe(run.outputs['digest']);
    expect(runImage(`${project.image}@${run.outputs['digest']}`)).toBe('hello plain\n');
  });

  test('of a run that publishes nothing is sent nowhere', async () => {
    const before = await writesTo(project.registry);
    await project.origin.commit('tried', { message: 'hello tried\n' });
    const run = await project.push('tried', { env: builders.env, inputs: { push: 'false' } });
    expect(run.receipt.error).toBeNull();
    expect(await writesTo(project.registry)).toEqual(before);
  });

  describe('with a login of the step’s own', () => {
    let fake: FakeRegistry;
    let closed: Awaited<ReturnType<typeof openProjectAt>>;
    beforeAll(async () => {
      fake = await startFakeRegistry();
      fake.quirks.login = 'basic';
      closed = await openProjectAt({ host: fake.host, stop: () => fake.close() });
    });
    afterAll(() => closed.close());

    test('is sent by that solve', async () => {
      const run = await closed.push('main', { env: builders.env, inputs: { ...fakeLogin, cache: 'none' } });
      expect(run.receipt.error).toBeNull();
      expect(run.main.log).not.toContain('push │');
      expect(fake.tags.get('main')).toBe(run.outputs['digest']);
    });

    test('gets no tag where the registry fails in the middle of that, which is told as what it is', async () => {
      const tags = new Map(fake.tags);
      const answer = { kind: 'answer', status: 403, headers: {}, body: '' } as const;
      fake.faults.push({ method: 'PUT', url: /manifests\/sha256:/, times: 1_000, act: answer });
      await closed.origin.commit('half', { message: 'hello half\n' });
      const run = await closed.push('half', { env: builders.env, inputs: { ...fakeLogin, cache: 'none' } });
      expect(run.receipt.error).toMatchObject({
        code: 'publish-failed',
        message: expect.stringMatching(/^the builder could not send the image: failed to push .*403/),
        hint: expect.stringContaining('the login that this step has'),
      });
      expect(fake.tags).toEqual(tags);
    });
  });

  test('comes to the engine once a test asks for it there', async () => {
    await project.origin.commit('run', { message: 'hello run\n' });
    const run = await project.push('run', { env: builders.env, inputs: { 'test-image': 'cat /app/message' } });
    expect(run.receipt.error).toBeNull();
    expect(run.receipt.image?.platform).toBe(native);
  }, 300_000);

  test('is sent by the builder that made it, whichever another job makes the current one meanwhile', async () => {
    await project.origin.commit('chosen', { message: 'hello chosen\n' });
    const other = builders.addRemote('unix:///tmp/slipway-nobody.sock');
    const run = await project.push('chosen', {
      env: builders.env,
      inputs: { 'test-target': 'test' }, // sent by a second solve
      onLine: (line) => void (line === '::group::Build and test' && builders.choose(other)),
    });
    builders.choose(name);
    expect(run.receipt.error).toBeNull();
    expect(await digestOfTag(project.registry, 'chosen')).toBe(run.outputs['digest']);
  }, 60_000);

  test('may be for two platforms, on either image store', async () => {
    const inputs = { platforms: `${native},${foreign}`, 'test-target': 'test', checks: 'report' };
    const run = await both.push('main', { env: builders.env, inputs });
    expect(run.receipt.error).toBeNull();
    expect(await digestOfTag(both.registry, 'main')).toBe(run.outputs['digest']);
    for (const platform of [native, foreign])
      expect(runImageOn(platform, `${both.image}@${run.outputs['digest']}`)).toBe('hello\n');
    const seen = run.receipt.image?.platforms ?? [];
    expect(seen.map(({ platform }) => platform)).toEqual([native, foreign]);
    for (const { size } of seen) expect(size).toBeGreaterThan(500_000);
    expect(run.receipt.notices.join('\n')).not.toContain('was not checked');
    const again = await both.push('main', { env: builders.env, inputs });
    expect(again.outputs).toMatchObject({ reused: 'true', digest: run.outputs['digest'] });
  }, 300_000);

  test('may be for two platforms and attested, beside a test on the runner, on either image store', async () => {
    const inputs = { platforms: `${native},${foreign}`, test: 'true', provenance: 'true', checks: 'report' };
    await both.origin.commit('beside', { message: 'hello beside\n' });
    const run = await both.push('beside', { env: builders.env, inputs });
    expect(run.receipt.error).toBeNull();
    expect(run.main.log).toMatch(/push │ \d+ blobs of sha256:\S+ sent/); // from a folder, whatever the engine could keep
    expect(await digestOfTag(both.registry, 'beside')).toBe(run.outputs['digest']);
    for (const platform of [native, foreign])
      expect(runImageOn(platform, `${both.image}@${run.outputs['digest']}`)).toBe('hello beside\n');
    expect(run.receipt.tests).toMatchObject([{ kind: 'test', passed: true }]);
    expect(run.receipt.notices.join('\n')).not.toContain('was not checked');
  }, 300_000);
});
