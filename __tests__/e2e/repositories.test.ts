import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullRequest, pushTag } from '../../scripts/testbed/payloads.mjs';
import { acceptedManifests } from '../../src/model/manifest.ts';
import { imageStore } from '../support/image-store.ts';
import { openProject, openProjectAt, type Project, type RunOptions, startRegistry } from '../support/project.ts';
import { openRegistryProxy, type RegistryProxy } from '../support/registry-proxy.ts';
import { readDigest, readLabels, readTags, sentBlobs, writtenManifests } from '../support/registry-view.ts';

type TestRegistry = Project['registry'];
type Requests = Awaited<ReturnType<TestRegistry['requests']>>;

const files = {
  Dockerfile: 'FROM busybox:stable\nRUN head -c 3000000 /dev/urandom > /big\nCOPY . /app\n',
  '.dockerignore': '.git\n',
  message: 'hello\n',
};
let counter = 0;

function commit(project: Project, branch: string): Promise<string> {
  return project.origin.commit(branch, { [`change-${++counter}`]: 'new\n' });
}

function fixed(sha: string): string {
  return `sha-${sha.slice(0, 12)}`;
}

/** The requests to one repository. */
function to(path: string, requests: Requests): Requests {
  return requests.filter((one) => one.path.startsWith(`/v2/${path}/`));
}

/** The methods of requests that change something. */
function changes(requests: Requests): readonly string[] {
  return requests
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map((one) => `${one.method} ${one.path}`);
}

/** Puts another manifest, of the same config and layers, under a tag. */
async function plant(
  registry: TestRegistry,
  path: string,
  { from, tag }: { from: string; tag: string },
): Promise<string> {
  const agent = { 'user-agent': 'slipway-testbed' };
  const url = `${registry.url}/v2/${path}/manifests`;
  const reply = await fetch(`${url}/${from}`, { headers: { accept: acceptedManifests, ...agent } });
  const manifest = { ...((await reply.json()) as object), annotations: { planted: String(++counter) } };
  const headers = { 'content-type': reply.headers.get('content-type') ?? '', ...agent };
  const put = await fetch(`${url}/${tag}`, { method: 'PUT', headers, body: JSON.stringify(manifest) });
  if (put.status !== 201) throw new Error(`${put.status} ${await put.text()}`);
  return readDigest(registry, tag, path);
}

describe('protected-image', () => {
  const shielded = 'acme/shielded';
  let project: Project;
  let inputs: Record<string, string>;
  let sha: string;

  beforeAll(async () => {
    project = await openProject(files);
    inputs = { 'protected-image': `${project.registry.host}/${shielded}` };
    sha = await project.origin.sha('refs/heads/main');
  });

  afterAll(() => project.close());

  const observe = async (work: (options: RunOptions) => ReturnType<Project['push']>) => {
    const mark = await project.registry.mark();
    const run = await work({ inputs });
    expect(run.main.log).not.toContain('::error');
    expect(run.green).toBe(true);
    return { run, requests: await mark() };
  };

  test('main writes everything there, cache included, and asks nothing of `image`', async () => {
    const { run, requests } = await observe((options) => project.push('main', options));
    expect([...(await readTags(project.registry, shielded)).keys()]).toEqual([
      ...imageStore.cacheTags,
      'latest',
      'main',
      fixed(sha),
    ]);
    expect(to('acme/app', requests)).toEqual([]);
    expect(run.outputs['ref']).toBe(`${project.registry.host}/${shielded}@${run.outputs['digest']}`);
    expect(new Set(run.receipt.tags.map(({ repository }) => repository))).toEqual(
      new Set([`${project.registry.host}/${shielded}`]),
    );
  });

  test('a second run of main adopts what is there', async () => {
    const { run, requests } = await observe((options) => project.push('main', options));
    expect(run.outputs).toMatchObject({ reused: 'true', current: 'true' });
    expect(writtenManifests(requests)).toEqual([]);
    expect(to('acme/app', requests)).toEqual([]);
  });

  test('a branch on main’s own commit builds from the protected cache and writes to `image` alone', async () => {
    await project.origin.setRef('refs/heads/feature/x', sha);
    const { run, requests } = await observe((options) => project.push('feature/x', options));
    expect(run.outputs).toMatchObject({ role: 'branch', reused: 'false', tag: 'feature--x' });
    expect(run.outputs['cache-from']).toContain(`${project.registry.host}/${shielded}@sha256:`);
    expect(run.receipt.image?.steps.cached).toBeGreaterThan(0);
    expect(changes(to(shielded, requests))).toEqual([]);
    expect([...(await readTags(project.registry)).keys()]).toEqual(['feature--x']);
  });

  test('a pull request writes to `image` alone, a fork’s nowhere; both read the protected cache', async () => {
    await commit(project, 'topic');
    const own = await observe((options) => project.pullRequest(7, 'topic', options));
    const fork = await observe((options) => project.pullRequest(8, 'topic', { ...options, fork: 'mallory/app' }));
    for (const { run, requests } of [own, fork]) {
      expect(run.outputs['cache-from']).toContain(`${shielded}@sha256:`);
      expect(changes(to(shielded, requests))).toEqual([]);
    }
    expect(writtenManifests(own.requests)).toEqual(expect.arrayContaining(['acme/app:pr-7', 'acme/app:topic']));
    expect(changes(fork.requests)).toEqual([]);
  });

  test('a branch’s image in `image` is never taken for a version; versions are looked for where they are written', async () => {
    await project.origin.tag('v1.0.0', sha);
    await project.origin.tag('v1.1.0', sha);
    await plant(project.registry, 'acme/app', { from: 'feature--x', tag: '1.1.0' });
    const { run, requests } = await observe((options) =>
      project.on(pushTag({ tag: 'v1.0.0', sha }), 'refs/tags/v1.0.0', options),
    );
    expect(run.outputs).toMatchObject({ role: 'release', tag: '1.0.0', reused: 'true' });
    expect(writtenManifests(requests)).toEqual(['1', '1.0', '1.0.0'].map((tag) => `${shielded}:${tag}`));
    expect(to('acme/app', requests)).toEqual([]);
  });

  test('the same repository in both inputs is red before anything is asked', async () => {
    const mark = await project.registry.mark();
    const run = await project.push('main', {
      inputs: { 'protected-image': project.image.replace('acme/app', 'ACME/App') },
    });
    expect(run.green).toBe(false);
    expect(run.receipt.error).toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/protected-image: ".*acme\/app"/),
    });
    expect(await mark()).toEqual([]);
  });
});

describe('several repositories and registries', () => {
  let project: Project;
  let other: TestRegistry;
  let proxy: RegistryProxy;
  let places: readonly [string, string, string];

  beforeAll(async () => {
    project = await openProject(files);
    other = await startRegistry();
    proxy = await openRegistryProxy(other);
    places = [project.image, `${project.registry.host}/acme/mirror`, `${proxy.host}/acme/app`];
  });

  afterAll(async () => {
    await proxy.close();
    await other.remove();
    await project.close();
  });

  const tagsEverywhere = async (): Promise<readonly ReadonlyMap<string, string>[]> => [
    await readTags(project.registry),
    await readTags(project.registry, 'acme/mirror'),
    await readTags(other),
  ];

  test('a fresh image is sent once to each registry, and every repository gets every tag', async () => {
    const [here, there] = [await project.registry.mark(), await other.mark()];
    const sha = await commit(project, 'main');
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none' } });
    expect(run.main.log).not.toContain('::error');
    const requests = await here();
    expect(sentBlobs(to('acme/app', requests)).length).toBeGreaterThan(0);
    expect(sentBlobs(to('acme/mirror', requests))).toEqual([]);
    expect(sentBlobs(await there()).length).toBeGreaterThan(0);
    const names = [fixed(sha), 'latest', 'main'].toSorted();
    for (const tags of await tagsEverywhere())
      expect([...tags].toSorted()).toEqual(names.map((name) => [name, run.outputs['digest']]));
    expect(
      run.receipt.tags.map(({ repository, tag, outcome }) => `${repository}:${tag} ${outcome}`).toSorted(),
    ).toEqual(places.flatMap((place) => names.map((name) => `${place}:${name} new`)).toSorted());
    expect(run.outputs['tags']?.split('\n').toSorted()).toEqual(
      places.flatMap((place) => names.map((name) => `${place}:${name}`)).toSorted(),
    );
  });

  test('found in one, copied to the others: no layer is sent within a registry, and nothing is built', async () => {
    await commit(project, 'main');
    const first = await project.push('main', { inputs: { image: places[0], cache: 'none' } });
    const [here, there] = [await project.registry.mark(), await other.mark()];
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none' } });
    expect(run.main.log).not.toContain('::error');
    expect(run.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'], current: 'true' });
    expect(run.main.log).not.toContain('build │');
    expect(sentBlobs(await here())).toEqual([]);
    // the base and the layer that did not change are there from the run before
    expect(sentBlobs(await there()).filter((one) => one.startsWith('PUT')).length).toBeLessThanOrEqual(4);
    for (const tags of await tagsEverywhere()) expect(tags.get('main')).toBe(first.outputs['digest']);
    const again = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none' } });
    expect(again.receipt.tags.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 9 }, () => 'kept'));
  });

  test('found in the last one only, and in another registry: the others get it from there', async () => {
    await commit(project, 'main');
    const first = await project.push('main', { inputs: { image: places[2], cache: 'none' } });
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none' } });
    expect(run.main.log).not.toContain('::error');
    expect(run.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'] });
    for (const tags of await tagsEverywhere()) expect(tags.get('main')).toBe(first.outputs['digest']);
  });

  test('two digests for one fixed tag are red before the build, with both', async () => {
    const sha = await commit(project, 'main');
    const planted = [
      await plant(project.registry, 'acme/app', { from: 'main', tag: fixed(sha) }),
      await plant(project.registry, 'acme/mirror', { from: 'main', tag: fixed(sha) }),
    ];
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none' } });
    expect(run.receipt.error?.code).toBe('tag-conflict');
    for (const digest of planted) expect(run.receipt.error?.message).toContain(digest);
    expect(run.main.log).not.toContain('build │');
  });

  test('a fixed tag that is taken in one repository meanwhile is spelled with the run in all of them', async () => {
    const sha = await commit(project, 'main');
    let done = false;
    proxy.meet = async ({ method, path }) => {
      if (done || method !== 'POST' || !path.endsWith('/blobs/uploads/')) return undefined;
      done = true;
      await plant(project.registry, 'acme/mirror', { from: 'main', tag: fixed(sha) });
      return undefined;
    };
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none', test: 'sleep 1' } });
    expect(run.main.log).not.toContain('::error');
    for (const tags of await tagsEverywhere()) expect(tags.get(`${fixed(sha)}-4711-1`)).toBe(run.outputs['digest']);
    expect((await readTags(project.registry)).has(fixed(sha))).toBe(false);
  });

  test('trap 31: one that refuses after the first was published: red, and the receipt is the registries’ own', async () => {
    await commit(project, 'main');
    proxy.meet = async ({ method, path }) =>
      method === 'PUT' && path.includes('/manifests/')
        ? { status: 403, body: '{"errors":[{"code":"DENIED"}]}' }
        : undefined;
    const inputs = { image: places.join('\n'), cache: 'none' };
    const run = await project.push('main', { inputs });
    expect(run.green).toBe(false);
    expect(run.receipt.error).toMatchObject({ message: expect.stringContaining(proxy.host) });
    const [first, second, third] = await tagsEverywhere();
    const held = new Map([
      [places[0], first],
      [places[1], second],
      [places[2], third],
    ]);
    for (const { repository, tag, after, outcome } of run.receipt.tags) {
      const now = held.get(repository)?.get(tag);
      if (['new', 'moved', 'kept'].includes(outcome)) expect([repository, tag, after]).toEqual([repository, tag, now]);
      else expect([repository, tag, now === run.outputs['digest']]).toEqual([repository, tag, false]);
    }
    expect(run.receipt.tags.filter(({ outcome }) => outcome === 'new').map(({ repository }) => repository)).toEqual(
      places.slice(0, 2),
    );
    proxy.meet = async () => undefined;
    const again = await project.push('main', { inputs });
    expect(again.green).toBe(true);
    for (const tags of await tagsEverywhere()) expect(tags.get('main')).toBe(again.outputs['digest']);
  });

  test('one registry that is down is red before the build', async () => {
    await other.stop();
    await commit(project, 'main');
    const mark = await project.registry.mark();
    const run = await project.push('main', { inputs: { image: places.join('\n'), cache: 'none', test: 'echo ran' } });
    await other.start();
    expect(run.receipt.error).toMatchObject({
      code: 'registry-failed',
      message: expect.stringContaining(places[2]),
    });
    expect(run.main.log).not.toContain('build │');
    expect(run.main.log).not.toContain('test │');
    expect(writtenManifests(await mark())).toEqual([]);
  });
});

describe('what an image says of itself', () => {
  let project: Project;
  let first: Awaited<ReturnType<Project['push']>>;
  let sha: string;

  beforeAll(async () => {
    project = await openProject({
      ...files,
      Dockerfile: [
        'FROM busybox:stable',
        'LABEL io.slipway.revision=evil io.slipway.key=evil io.slipway.dirty=false io.slipway.tests=evil',
        'LABEL org.opencontainers.image.revision=dockerfile org.opencontainers.image.title=dockerfile mine=dockerfile',
        'COPY . /app',
        'LABEL io.slipway.head=evil',
        '',
      ].join('\n'),
    });
    sha = await project.origin.sha('refs/heads/main');
    first = await project.push('main', {
      inputs: { cache: 'none', labels: 'mine=input\norg.opencontainers.image.source=https://input.example' },
    });
  });

  afterAll(() => project.close());

  test('ours win over the Dockerfile, and `labels` over both but for io.slipway.*', async () => {
    expect(first.main.log).not.toContain('::error');
    const labels = await readLabels(project.registry, 'main');
    expect(labels).toMatchObject({
      'io.slipway.revision': sha,
      'io.slipway.head': sha,
      'io.slipway.dirty': 'false',
      'org.opencontainers.image.revision': sha,
      'org.opencontainers.image.source': 'https://input.example',
      'org.opencontainers.image.title': 'dockerfile',
      'org.opencontainers.image.created': '2026-11-01T12:00:00.000Z',
      mine: 'input',
    });
    for (const name of ['key', 'tests']) expect(labels[`io.slipway.${name}`]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('`labels` that begin with io.slipway. are red, whatever their case', async () => {
    const run = await project.push('main', { inputs: { labels: 'IO.slipway.revision=x' } });
    expect(run.receipt.error?.code).toBe('invalid-input');
  });

  test('the labels of a base image that Slipway built are not inherited', async () => {
    const base = `${project.image}@${first.outputs['digest']}`;
    const later = await project.origin.commit('derived', { Dockerfile: `FROM ${base}\nCOPY message /again\n` });
    const run = await project.push('derived', { inputs: { cache: 'none', test: 'true' } });
    expect(run.main.log).not.toContain('::error');
    const labels = await readLabels(project.registry, 'derived');
    const inherited = await readLabels(project.registry, 'main');
    expect(labels).toMatchObject({ 'io.slipway.revision': later, 'io.slipway.head': later, mine: 'input' });
    for (const name of ['revision', 'head', 'key', 'tests'])
      expect(labels[`io.slipway.${name}`]).not.toBe(inherited[`io.slipway.${name}`]);
    expect(
      Object.keys(labels)
        .filter((name) => name.startsWith('io.slipway.'))
        .toSorted(),
    ).toEqual(['bases', 'dirty', 'head', 'key', 'revision', 'tests'].map((name) => `io.slipway.${name}`));
  });

  test('a pull request’s image names the merge commit that it holds and the head that it stands for', async () => {
    await commit(project, 'topic');
    const merged = await project.origin.pullRequest({ number: 7, head: 'refs/heads/topic' });
    await project.on(pullRequest({ number: 7, head: 'topic', ...merged }), 'refs/pull/7/merge', {
      inputs: { cache: 'none' },
    });
    expect(await readLabels(project.registry, 'pr-7')).toMatchObject({
      'io.slipway.revision': merged.mergeSha,
      'io.slipway.head': merged.headSha,
    });
  });

  test('a dirty work tree is built and labelled, takes no plain fixed tag, and is never reused', async () => {
    const commitId = await commit(project, 'main');
    const soil = (folder: string) => writeFileSync(join(folder, 'message'), 'dirty\n');
    const dirty = await project.push('main', { inputs: { cache: 'none' }, prepare: soil });
    expect(dirty.main.log).not.toContain('::error');
    expect(dirty.receipt.notices).toContainEqual(
      expect.stringMatching(/the work tree differs from its commit \("message"\)/),
    );
    const tags = await readTags(project.registry);
    expect(tags.has(fixed(commitId))).toBe(false);
    expect(tags.get(`${fixed(commitId)}-4711-1`)).toBe(dirty.outputs['digest']);
    expect(tags.get('main')).toBe(dirty.outputs['digest']);
    expect((await readLabels(project.registry, 'main'))['io.slipway.dirty']).toBe('true');
    const again = await project.push('main', { inputs: { cache: 'none' }, prepare: soil, runId: '4712' });
    expect(again.outputs['reused']).toBe('false');
    const clean = await project.push('main', { inputs: { cache: 'none' }, runId: '4713' });
    expect(clean.outputs['reused']).toBe('false');
    expect(await readDigest(project.registry, fixed(commitId))).toBe(clean.outputs['digest']);
    expect((await readLabels(project.registry, 'main'))['io.slipway.dirty']).toBe('false');
  });
});

describe('traps that need the world', () => {
  let project: Project;

  beforeAll(async () => {
    project = await openProject(files);
  });

  afterAll(() => project.close());

  test('trap 11, trap 17: what is tested is, by digest, what is published and what is put out', async () => {
    const script = 'docker image inspect --format "id {{.Id}}" "$SLIPWAY_IMAGE"';
    const run = await project.push('main', { inputs: { cache: 'none', verify: script } });
    expect(run.main.log).not.toContain('::error');
    const tested = /^verify │ id (\S+)$/m.exec(run.main.log)?.[1];
    expect(tested).toBe(run.outputs[imageStore.id]);
    expect(await readDigest(project.registry, 'main')).toBe(run.outputs['digest']);
  });

  test('trap 13: a test runs once, after the image’s context was read, and one that fails leaves no cache', async () => {
    await commit(project, 'main');
    const mark = await project.registry.mark();
    const run = await project.push('main', { inputs: { cache: 'auto', test: 'echo ran; false' } });
    expect(run.receipt.error?.code).toBe('test-failed');
    expect(run.main.log.match(/^test │ ran$/gm)).toHaveLength(1);
    expect((await mark()).filter(({ method }) => method === 'PUT' || method === 'PATCH')).toEqual([]);
  });

  test('trap 15: without the login that the registry asks for the run is red before the build', async () => {
    const registry = await startRegistry({ htpasswd: { username: 'robot', password: 'secret' } });
    const closed = await openProjectAt(registry, files);
    const run = await closed.push('main', { inputs: { test: 'echo ran' } });
    expect(run.receipt.error?.code).toBe('login-missing');
    expect(run.main.log).not.toMatch(/(?:build|test) │/);
    await closed.close();
  });
});
