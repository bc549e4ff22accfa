import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushBranch, pushTag, repositoryObject, workflowDispatch } from '../../scripts/testbed/payloads.mjs';
import { acceptedManifests } from '../../src/model/manifest.ts';
import { openProject, type Project, type Run, type RunOptions } from '../support/project.ts';
import { openRegistryProxy, type RegistryProxy } from '../support/registry-proxy.ts';
import { changedTags, readDigest, readLabels, readTags, writtenManifests } from '../support/registry-view.ts';

type Event = ReturnType<typeof pushBranch>;

const files = { Dockerfile: 'FROM scratch\nCOPY . /\n', '.dockerignore': '.git\n', message: 'hello\n' };
let counter = 0;

interface Released {
  readonly run: Run;
  readonly sha: string;
  /** Tags that were written, by the access log; `sha-…` left out. */
  readonly written: readonly string[];
  /** Tags that changed, by the registry's list; `sha-…` left out. */
  readonly changed: readonly string[];
}

interface ReleaseOptions extends RunOptions {
  /** The commit; a new one on main without. */
  readonly at?: string;
  readonly event?: (tag: string, sha: string) => Event;
  readonly annotated?: boolean;
}

/** Sets a git tag and runs the action for it. */
async function release(project: Project, tag: string, options: ReleaseOptions = {}): Promise<Released> {
  const { at, event = (name, commit) => pushTag({ tag: name, sha: commit }), annotated = false, ...rest } = options;
  const sha = at ?? (await project.origin.commit('main', { [`change-${++counter}`]: 'new\n' }));
  await project.origin.tag(tag, sha, annotated ? { annotated: 'a release' } : {});
  return observe(project, event(tag, sha), { checkout: `refs/tags/${tag}`, sha, ...rest });
}

async function observe(
  project: Project,
  event: Event,
  { checkout, sha, ...options }: RunOptions & { checkout: string; sha: string },
): Promise<Released> {
  const mark = await project.registry.mark();
  const before = await readTags(project.registry);
  const run = await project.on(event, checkout, { ...options, inputs: { cache: 'none', ...options.inputs } });
  const plain = (tags: readonly string[]) => tags.filter((tag) => !tag.startsWith('sha'));
  return {
    run,
    sha,
    written: plain(writtenManifests(await mark()).map((one) => one.replace('acme/app:', ''))),
    changed: plain(changedTags(before, await readTags(project.registry))),
  };
}

/** What must hold of every green release: the log, the list and the outputs tell the same. */
function expectWritten({ run, written, changed }: Released, tags: readonly string[]): void {
  expect(run.main.log).not.toContain('::error');
  expect(run.green).toBe(true);
  expect([written, changed]).toEqual([tags.toSorted(), tags.toSorted()]);
}

describe('semver', () => {
  let project: Project;
  let first: Released;

  beforeAll(async () => {
    project = await openProject(files);
    first = await release(project, 'v1.4.0', { annotated: true });
  });

  afterAll(() => project.close());

  test('an annotated v1.4.0 is 1.4.0 and leads its lines and latest', async () => {
    expectWritten(first, ['1', '1.4', '1.4.0', 'latest']);
    expect(first.run.outputs).toMatchObject({ role: 'release', tag: '1.4.0', version: '1.4.0', current: 'true' });
    expect(await readDigest(project.registry, `sha-${first.sha.slice(0, 12)}`)).toBe(first.run.outputs['digest']);
    expect(first.run.main.log).toContain('release: a git tag (event "push" on "refs/tags/v1.4.0")');
  });

  test('`after` of an annotated tag is the tag’s own object, GITHUB_SHA its commit', async () => {
    const object = await project.origin.git('rev-parse', 'refs/tags/v1.4.0');
    expect(object).not.toBe(first.sha);
    const { payload, ...event } = pushTag({ tag: 'v1.4.0', sha: first.sha });
    const again = await observe(
      project,
      { ...event, payload: { ...payload, after: object } },
      { checkout: 'refs/tags/v1.4.0', sha: first.sha },
    );
    expectWritten(again, []);
    expect(again.run.outputs).toMatchObject({ reused: 'true', digest: first.run.outputs['digest'], current: 'true' });
  });

  test('a backport moves its own line alone, and says what keeps it from the others', async () => {
    const backport = await release(project, 'v1.3.9');
    expectWritten(backport, ['1.3', '1.3.9']);
    expect(backport.run.outputs).toMatchObject({ tag: '1.3.9', version: '1.3.9', current: 'true' });
    expect(backport.run.outputs['superseded-tags']?.split('\n').toSorted()).toEqual(['1', 'latest']);
  });

  test('a lower patch of an older line moves nothing', async () => {
    expectWritten(await release(project, 'v1.3.8', { inputs: { 'extra-tags': 'stable' } }), ['1.3.8']);
  });

  test('a higher patch moves its lines, latest and extra tags', async () => {
    expectWritten(await release(project, 'v1.4.1', { inputs: { 'extra-tags': 'stable' } }), [
      '1',
      '1.4',
      '1.4.1',
      'latest',
      'stable',
    ]);
  });

  test.each<[string, ReleaseOptions]>([
    ['v2.0.0-rc.1', {}],
    ['v2.0.0-0', { inputs: { latest: 'release' } }],
  ])('the pre-release %s moves nothing', async (tag, options) => {
    const { run, ...rest } = await release(project, tag, options);
    expectWritten({ run, ...rest }, [tag.slice(1)]);
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(/is a pre-release: it moves no other tag/));
  });

  test('a git tag that was never published does not count', async () => {
    await project.origin.tag('v9.0.0', first.sha);
    expectWritten(await release(project, 'v1.5.0'), ['1', '1.5', '1.5.0', 'latest']);
  });

  test('a version that exists with the same commit is adopted: a dispatch on the git tag writes nothing', async () => {
    const again = await release(project, 'v1.4.0', {
      at: first.sha,
      event: (tag, sha) => workflowDispatch({ sha, ref: `refs/tags/${tag}` }),
    });
    expectWritten(again, []);
    expect(again.run.outputs).toMatchObject({ role: 'release', reused: 'true', digest: first.run.outputs['digest'] });
  });

  test('a version that exists with another commit is red, with both commits and the digest', async () => {
    const { run, sha, written } = await release(project, 'v1.4.0', { inputs: { test: 'touch "$RUNNER_TEMP/ran"' } });
    expect(run.receipt.error).toMatchObject({
      code: 'tag-conflict',
      message: expect.stringContaining(
        `1.4.0 is ${first.run.outputs['digest']} of commit ${first.sha} and is written once; this run is commit ${sha}`,
      ),
      hint: expect.stringContaining('version of its own'),
    });
    expect([run.green, written, run.runnerFiles.includes('ran')]).toEqual([false, [], false]);
    expect(run.main.log).not.toContain('build │');
  });

  test('v1.4.0 and 1.4.0 are one version', async () => {
    const { run } = await release(project, '1.4.0');
    expect(run.receipt.error?.code).toBe('tag-conflict');
  });

  test.each(['nightly', 'latest', 'sha-0123456789ab', 'v1'])(
    'the git tag %s is no version: its tag begins with tag-',
    async (tag) => {
      const one = await release(project, tag);
      expectWritten(one, [`tag-${tag}`]);
      expect(one.run.outputs).toMatchObject({ role: 'release', tag: `tag-${tag}`, version: '', current: 'true' });
    },
  );

  test.each(['v1.6.0+build.7'])('%s is red before anything runs: no tag can carry it', async (tag) => {
    const { run, written } = await release(project, tag);
    expect(run.receipt.error).toMatchObject({ code: 'invalid-input', message: expect.stringContaining(tag) });
    expect(written).toEqual([]);
  });

  test('main leaves latest alone from the first release on', async () => {
    const held = await readDigest(project.registry, 'latest');
    const sha = await project.origin.commit('main', { later: 'new\n' });
    const main = await observe(project, pushBranch({ branch: 'main', sha }), { checkout: 'refs/heads/main', sha });
    expectWritten(main, ['main']);
    expect(await readDigest(project.registry, 'latest')).toBe(held);
  });
});

describe('release events', () => {
  const here = repositoryObject();
  const published =
    (parts: { action?: string; draft?: boolean; prerelease?: boolean } = {}) =>
    (tag: string, sha: string): Event => {
      const { action = 'published', draft = false, prerelease = false } = parts;
      const payload = { action, release: { tag_name: tag, draft, prerelease }, repository: here };
      return { name: 'release', payload, ref: `refs/tags/${tag}`, sha, headRef: '', baseRef: '' };
    };
  let project: Project;

  beforeAll(async () => {
    project = await openProject(files);
  });

  afterAll(() => project.close());

  test('one that is called a pre-release moves nothing', async () => {
    expectWritten(await release(project, 'v3.0.0', { event: published({ prerelease: true }) }), ['3.0.0']);
  });

  test('a published one is a release', async () => {
    const one = await release(project, 'v3.0.1', { event: published() });
    expectWritten(one, ['3', '3.0', '3.0.1', 'latest']);
    expect(one.run.main.log).toContain('release: a release was published on this git tag (event "release"');
  });

  test.each([{ action: 'created' }, { action: 'edited' }, { draft: true }])('%j is test-only', async (parts) => {
    const one = await release(project, `v3.1.${++counter}`, { event: published(parts) });
    expectWritten(one, []);
    expect(one.run.outputs).toMatchObject({ role: 'test-only', pushed: 'false' });
  });
});

describe('the inputs of versions', () => {
  let project: Project;

  beforeAll(async () => {
    project = await openProject(files);
  });

  afterAll(() => project.close());

  test('pep440: 1.4 is 1.4.0, post-releases are higher, pre-releases move nothing', async () => {
    const inputs = { versions: 'pep440', latest: 'never' };
    expectWritten(await release(project, 'v1.4', { inputs }), ['1', '1.4', '1.4.0']);
    expectWritten(await release(project, '1.4.0.post1', { inputs }), ['1', '1.4', '1.4.0.post1']);
    expectWritten(await release(project, '1.5rc1', { inputs }), ['1.5.0rc1']);
    const { run } = await release(project, '1!1.4', { inputs });
    expect(run.receipt.error?.code).toBe('invalid-input');
  });

  test('version-prefix: what lacks it writes nothing, green and with a notice', async () => {
    const inputs = { 'version-prefix': 'api/', 'extra-tags': 'stable', latest: 'release' };
    const other = await release(project, 'web/v8.0.0', { inputs });
    expectWritten(other, []);
    expect(other.run.outputs).toMatchObject({ pushed: 'false', current: 'false' });
    expect(other.run.receipt.notices).toContainEqual(
      expect.stringContaining('"refs/tags/web/v8.0.0" does not begin with the version-prefix "api/"'),
    );
    expectWritten(await release(project, 'api/v8.0.0', { inputs }), ['8', '8.0', '8.0.0', 'latest', 'stable']);
  });

  test('versions: none makes every git tag a tag-…', async () => {
    expectWritten(await release(project, 'v7.0.0', { inputs: { versions: 'none' } }), ['tag-v7.0.0']);
  });

  test.each<[string, readonly string[]]>([
    ['production-branch', ['20', '20.0', '20.0.0']],
    ['never', ['20', '20.0', '20.0.1']],
    ['release', ['20', '20.0', '20.0.2', 'latest']],
  ])('latest: %s', async (latest, tags) => {
    const version = tags.find((tag) => tag.startsWith('20.0.')) ?? '';
    expectWritten(await release(project, `v${version}`, { inputs: { latest } }), tags);
    const sha = await project.origin.commit('main', { [`change-${++counter}`]: 'new\n' });
    const push = pushBranch({ branch: 'main', sha });
    const main = await observe(project, push, { checkout: 'refs/heads/main', sha, inputs: { latest } });
    expectWritten(main, latest === 'production-branch' ? ['latest', 'main'] : ['main']);
  });
});

describe('a remote that cannot be asked', () => {
  let project: Project;
  let proxy: RegistryProxy;

  beforeAll(async () => {
    project = await openProject(files);
    proxy = await openRegistryProxy(project.registry);
  });

  afterAll(async () => {
    await proxy.close();
    await project.close();
  });

  test('the registry’s own list of 2,100 tags tells which version is the highest', async () => {
    expectWritten(await release(project, 'v1.0.0'), ['1', '1.0', '1.0.0', 'latest']);
    const others = Array.from({ length: 2_100 }, (_, at) => (at % 2 === 0 ? `branch-${at}` : `1.${at}.0-rc.1`));
    await listTags(project, '1.0.0', [...others, '1.2.9', '2.1.0', '3.0.0-rc.1', '4.0']);
    const sha = await project.origin.commit('main', { deaf: 'new\n' });
    await project.origin.tag('v1.3.0', sha);
    const pages = paginate(proxy, project);
    const mark = await project.registry.mark();
    const run = await project.on(pushTag({ tag: 'v1.3.0', sha }), 'refs/tags/v1.3.0', {
      inputs: { image: `${proxy.host}/acme/app`, cache: 'none' },
      prepare: (folder) => setOrigin(folder, '/nonexistent'),
    });
    const requests = await mark();
    expect(run.main.log).not.toContain('::error');
    const written = writtenManifests(requests).filter((one) => !one.includes(':sha'));
    expect(written).toEqual(['1', '1.3', '1.3.0'].map((tag) => `acme/app:${tag}`));
    const whole = ['after nothing', 'after the first 1000', 'after the first 2000'];
    expect(pages.slice(0, 4)).toEqual([...whole, 'after nothing']);
    expect(run.outputs['superseded-tags']).toBe('latest');
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(/the history is shallow/));
  });
});

describe('a version that is published meanwhile', () => {
  let project: Project;
  let proxy: RegistryProxy;
  let inputs: Record<string, string>;

  beforeAll(async () => {
    project = await openProject(files);
    proxy = await openRegistryProxy(project.registry);
    inputs = { image: `${proxy.host}/acme/app` };
  });

  afterAll(async () => {
    await proxy.close();
    await project.close();
  });

  /** Once, right before the first such request, or the one of that number: another run does something. */
  function meanwhile(
    { method, path, number = 1 }: { method: string; path: RegExp; number?: number },
    work: () => Promise<void>,
  ): void {
    let seen = 0;
    proxy.meet = async (request) => {
      if (request.method === method && path.test(request.path) && ++seen === number) await work();
      return undefined;
    };
  }

  async function publish(version: string, tags: readonly string[]): Promise<void> {
    await project.origin.tag(`v${version}`, await project.origin.sha('refs/heads/main'));
    await copyTag(project, '1.0.0', [version, ...tags]);
  }

  test('while the image is built: the lines are never written', async () => {
    expectWritten(await release(project, 'v1.0.0'), ['1', '1.0', '1.0.0', 'latest']);
    meanwhile({ method: 'POST', path: /blobs\/uploads\/$/ }, () => publish('1.1.1', ['1.1', '1', 'latest']));
    const { run, written } = await release(project, 'v1.1.0', { inputs });
    expect(run.main.log).not.toContain('::error');
    expect(written.filter((tag) => !['1.1.1', '1.1', '1', 'latest'].includes(tag))).toEqual(['1.1.0']);
    for (const tag of ['1.1', '1', 'latest'])
      expect(await readDigest(project.registry, tag)).toBe(await readDigest(project.registry, '1.1.1'));
    expect(run.outputs['superseded-tags']?.split('\n').toSorted()).toEqual(['1', '1.1', 'latest']);
  });

  test('right before the line is written: it is given back to the higher version, and the receipt says so', async () => {
    meanwhile({ method: 'PUT', path: /manifests\/1\.2$/ }, () => publish('1.2.1', ['1.2', '1', 'latest']));
    const { run } = await release(project, 'v1.2.0', { inputs });
    expect(run.main.log).not.toContain('::error');
    const higher = await readDigest(project.registry, '1.2.1');
    for (const tag of ['1.2', '1', 'latest'])
      expect([tag, await readDigest(project.registry, tag)]).toEqual([tag, higher]);
    for (const tag of ['1.2', '1', 'latest'])
      expect(run.receipt.tags).toContainEqual(expect.objectContaining({ tag, outcome: 'superseded', after: higher }));
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(/1\.2 belongs to 1\.2\.1/));
    expect(run.outputs['superseded-tags']?.split('\n')).toEqual(expect.arrayContaining(['1.2', '1', 'latest']));
    expect(run.outputs['tags']?.split('\n').map((one) => one.replace(/.*:/, ''))).toEqual(
      expect.arrayContaining(['1.2.0']),
    );
    expect((await readLabels(project.registry, '1.2.0'))['io.slipway.dirty']).toBe('false');
  });

  test('between the write and the look at what was written: superseded, and green', async () => {
    const readBack = { method: 'HEAD', path: /manifests\/1\.3$/, number: 2 };
    meanwhile(readBack, () => publish('1.3.1', ['1.3', '1', 'latest']));
    const { run } = await release(project, 'v1.3.0', { inputs });
    expect(run.main.log).not.toContain('::error');
    const higher = await readDigest(project.registry, '1.3.1');
    for (const tag of ['1.3', '1', 'latest']) {
      expect([tag, await readDigest(project.registry, tag)]).toEqual([tag, higher]);
      expect(run.receipt.tags).toContainEqual(expect.objectContaining({ tag, outcome: 'superseded', after: higher }));
    }
  });

  test('a line that somebody else writes once without a higher version is written again', async () => {
    const readBack = { method: 'HEAD', path: /manifests\/1\.4$/, number: 2 };
    meanwhile(readBack, () => copyTag(project, '1.0.0', ['1.4']));
    const { run } = await release(project, 'v1.4.0', { inputs });
    expect(run.main.log).not.toContain('::error');
    expect(await readDigest(project.registry, '1.4')).toBe(run.outputs['digest']);
    const end = { tag: '1.4', outcome: 'moved', after: run.outputs['digest'] };
    expect(run.receipt.tags).toContainEqual(expect.objectContaining(end));
  });

  test('a line that somebody else keeps on writing is red, and stays as it was found', async () => {
    proxy.meet = async ({ method, path }) => {
      if (method === 'HEAD' && path.endsWith('manifests/1.5')) await copyTag(project, '1.0.0', ['1.5']);
      return undefined;
    };
    const { run } = await release(project, 'v1.5.0', { inputs });
    const found = await readDigest(project.registry, '1.0.0');
    expect(run.receipt.error).toMatchObject({
      code: 'digest-mismatch',
      message: expect.stringContaining(`:1.5 holds ${found}`),
    });
    expect(await readDigest(project.registry, '1.5')).toBe(found);
    const end = { tag: '1.5', outcome: 'unknown', after: found };
    expect(run.receipt.tags).toContainEqual(expect.objectContaining(end));
  });
});

/** Points tags at what another one holds, by the registry's own interface. */
async function copyTag({ registry }: Project, from: string, tags: readonly string[]): Promise<void> {
  const url = `${registry.url}/v2/acme/app/manifests`;
  const agent = { 'user-agent': 'slipway-testbed' };
  const manifest = await fetch(`${url}/${from}`, { headers: { accept: acceptedManifests, ...agent } });
  const body = Buffer.from(await manifest.arrayBuffer());
  const headers = { 'content-type': manifest.headers.get('content-type') ?? '', ...agent };
  for (let at = 0; at < tags.length; at += 50)
    await Promise.all(tags.slice(at, at + 50).map((tag) => fetch(`${url}/${tag}`, { method: 'PUT', headers, body })));
}

/** Lets a registry give out its tags in pages, which distribution 2 does not; tells which were asked for. */
function paginate(proxy: RegistryProxy, { registry }: Project): readonly string[] {
  const pages: string[] = [];
  proxy.meet = async ({ method, path, query }) => {
    if (method !== 'GET' || !path.endsWith('/tags/list')) return undefined;
    const { tags } = (await (await fetch(`${registry.url}${path}`)).json()) as { tags: string[] };
    const sorted = tags.toSorted();
    const [last, length] = [query.get('last'), Number(query.get('n'))];
    const from = last === null ? 0 : sorted.indexOf(last) + 1;
    pages.push(from === 0 ? 'after nothing' : `after the first ${from}`);
    const page = sorted.slice(from, from + length);
    const next = `<${path}?n=${length}&last=${page.at(-1)}>; rel="next"`;
    const body = JSON.stringify({ name: 'acme/app', tags: page });
    return { status: 200, headers: from + length < sorted.length ? { link: next } : {}, body };
  };
  return pages;
}

/** As `copyTag`, for many: where the registry's files are at hand they are what makes a tag. */
async function listTags(project: Project, from: string, tags: readonly string[]): Promise<void> {
  const folder = join(project.registry.storage ?? '', 'docker/registry/v2/repositories/acme/app/_manifests/tags');
  if (!existsSync(folder)) return copyTag(project, from, tags);
  const digest = await readDigest(project.registry, from);
  for (const tag of tags) {
    const current = join(folder, tag, 'current');
    mkdirSync(current, { recursive: true });
    writeFileSync(join(current, 'link'), digest);
  }
}

function setOrigin(folder: string, url: string): void {
  spawnSync('git', ['-C', folder, 'remote', 'set-url', 'origin', url]);
}
