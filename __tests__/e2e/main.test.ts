import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outputNames } from '../../src/report/outputs.ts';
import { imageStore } from '../support/image-store.ts';
import {
  configOfTag,
  digestOfTag,
  leftovers,
  openProject,
  type Project,
  type Run,
  runImage,
  tagsOf,
} from '../support/project.ts';

let project: Project;
let first: Run;
let sha: string;

beforeAll(async () => {
  project = await openProject();
  sha = await project.origin.sha('refs/heads/main');
  first = await project.push('main', {
    inputs: {
      test: 'grep -q hello message',
      'test-target': 'test',
      'test-image': 'cat /app/message',
      verify: 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello',
    },
  });
}, 120_000);

afterAll(async () => {
  await project.close();
});

describe('a push to main', () => {
  test('is green and publishes its fixed tag, its own tag and latest at one digest', async () => {
    expect(first.main.log).not.toContain('::error');
    expect(first.green).toBe(true);
    const fixed = `sha-${sha.slice(0, 12)}`;
    expect(await tagsOf(project.registry)).toEqual([...imageStore.cacheTags, 'latest', 'main', fixed]);
    const digests = await Promise.all(['latest', 'main', fixed].map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(digests)).toEqual(new Set([first.outputs['digest']]));
  });

  test('the image in the registry is the app', () => {
    expect(runImage(`${project.image}@${first.outputs['digest']}`)).toBe('hello\n');
  });

  test('tells a story: a group for each step, closed, with its time', () => {
    const steps = ['Who asks', 'What is there', 'Build and test', 'Prove', 'Upload', 'Tags'];
    const told = imageStore.cacheTags.length > 0 ? [...steps, 'Cache'] : steps;
    const begun = first.commands
      .filter(({ phase }) => phase === 'main')
      .map(({ command, data }) => `${command} ${data}`);
    expect(begun.filter((one) => /^(?:end)?group /.test(one))).toEqual(
      told.flatMap((name) => [`group ${name}`, 'endgroup ']),
    );
    const times = first.main.log.split('\n').filter((line) => /^[✓✗] /.test(line));
    expect(times).toEqual(told.map((name) => expect.stringMatching(new RegExp(`^✓ ${name}: [\\d.]+ m?s`))));
  });

  test('every output is written', () => {
    expect(Object.keys(first.outputs).toSorted()).toEqual([...outputNames].toSorted());
    const tags = ['main', 'latest', `sha-${sha.slice(0, 12)}`].map((tag) => `${project.image}:${tag}`);
    expect(first.outputs).toMatchObject({
      role: 'main',
      tag: 'main',
      current: 'true',
      pushed: 'true',
      reused: 'false',
      ref: `${project.image}@${first.outputs['digest']}`,
      version: '',
      'refused-tags': '',
      'superseded-tags': '',
    });
    expect(first.outputs['tags']?.split('\n').toSorted()).toEqual(tags.toSorted());
    expect(first.outputs['image-id']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(first.outputs['metadata'] ?? '')).toHaveProperty(
      ['containerimage.digest'],
      first.outputs['digest'],
    );
  });

  test('every test ran', () => {
    const passed = first.receipt.tests.filter((one) => one.passed).map(({ kind }) => kind);
    expect(passed.toSorted()).toEqual(['test', 'test-image', 'test-target', 'verify']);
  });

  test('the receipt agrees with the registry', async () => {
    expect(first.receipt.result).toBe('ship');
    for (const { tag, after, outcome, before: held } of first.receipt.tags) {
      expect([tag, after, outcome, held]).toEqual([tag, await digestOfTag(project.registry, tag), 'new', null]);
    }
    expect(first.receipt.tags).toHaveLength(3);
    expect(first.receipt.cache.export).toEqual(imageStore.cacheWritten);
  });

  test('labels name the commit and the content', async () => {
    const { config } = await configOfTag(project.registry, 'main');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.revision': sha,
      'org.opencontainers.image.source': 'https://github.com/octo-org/app',
      'io.slipway.revision': sha,
      'io.slipway.head': sha,
      'io.slipway.dirty': 'false',
      'io.slipway.key': expect.stringMatching(/^[0-9a-f]{64}$/),
      'io.slipway.tests': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(config.User).toBe('nobody');
  });

  test('leaves nothing on the machine', () => {
    expect(first.state['slipway-ended']).toBe('nothing'); // in the engine, so that post has nothing to ask it
    expect(first.post?.code).toBe(0);
    expect(leftovers(first, project.image)).toEqual([]);
    expect(first.leftFiles).toEqual([]);
  });

  test('writes a summary with the pull command', () => {
    expect(first.summary).toMatch(/^## ✅ Slipway: published\n/);
    expect(first.summary).toContain(`\n\`\`\`sh\ndocker pull ${project.image}@${first.outputs['digest']}\n\`\`\`\n`);
    expect(first.summary).toContain(`| <code>main</code> | new | — | [<code>${sha.slice(0, 7)}</code>](`);
  });
});

describe('after main', () => {
  const protectedWrites = /manifests\/(?:main|latest|cache-main|sha-[0-9a-f]{12})$/;

  test('a branch writes its own tag alone and reads main’s cache', async () => {
    const mark = await project.registry.mark();
    await project.origin.commit('feature/x', { message: 'hello branch\n' });
    const run = await project.push('feature/x');
    expect(run.main.log).not.toContain('::error');
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ role: 'branch', tag: 'feature--x', current: 'true', reused: 'false' });
    expect(run.outputs['cache-from']).toContain(`${project.image}@sha256:`);
    expect(
      (await mark())
        .filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'))
        .map(({ path }) => path),
    ).toEqual(['/v2/acme/app/manifests/feature--x']);
    for (const tag of ['main', 'latest'])
      expect(await digestOfTag(project.registry, tag)).toBe(first.outputs['digest']);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('a pull request writes pr-<n> and the head branch’s own tag', async () => {
    const mark = await project.registry.mark();
    await project.origin.commit('topic', { message: 'hello topic\n' });
    const run = await project.pullRequest(7, 'topic');
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ role: 'pull-request', tag: 'pr-7', current: 'true' });
    expect(await digestOfTag(project.registry, 'pr-7')).toBe(run.outputs['digest']);
    expect(await digestOfTag(project.registry, 'topic')).toBe(run.outputs['digest']);
    expect((await mark()).filter(({ method, path }) => method === 'PUT' && protectedWrites.test(path))).toEqual([]);
  });

  test('a pull request from a fork is built and tested, writes nothing and is green', async () => {
    const mark = await project.registry.mark();
    await project.origin.commit('theirs', { message: 'hello fork\n' });
    const run = await project.pullRequest(8, 'theirs', {
      fork: 'mallory/app',
      inputs: { test: 'grep -q fork message', 'test-image': 'true' },
    });
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ role: 'untrusted', tag: 'pr-8', pushed: 'false', tags: '', current: 'false' });
    expect(run.receipt.tests.every(({ passed }) => passed)).toBe(true);
    expect(run.annotations.some(({ level }) => level === 'notice')).toBe(true);
    expect((await mark()).filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  test('the same commit again builds nothing and ends with the same digest and tags', async () => {
    const mark = await project.registry.mark();
    const inputs = {
      test: 'grep -q hello message',
      'test-target': 'test',
      'test-image': 'cat /app/message',
      verify: 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello',
    };
    const again = await project.push('main', { inputs, runId: '4712' });
    expect(again.green).toBe(true);
    expect(again.outputs).toMatchObject({
      reused: 'true',
      digest: first.outputs['digest'],
      tags: expect.stringContaining(`${project.image}:main`),
    });
    expect(again.outputs['tags']?.split('\n').toSorted()).toEqual(first.outputs['tags']?.split('\n').toSorted());
    expect(again.receipt.tests).toEqual([]);
    expect((await mark()).filter(({ method, path }) => method === 'PUT' && path.includes('manifests'))).toEqual([]);
  });

  test('other tests run again on the image that exists, each kind of them', async () => {
    const inputs = {
      test: 'test -f message',
      'test-target': 'test',
      'test-image': 'grep -q hello /app/message',
      verify: 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello',
    };
    const again = await project.push('main', { inputs, runId: '4713' });
    expect(again.main.log).not.toContain('::error');
    expect(again.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'] });
    expect(again.receipt.tests.map(({ kind }) => kind).toSorted()).toEqual([
      'test',
      'test-image',
      'test-target',
      'verify',
    ]);
    expect(leftovers(again, project.image)).toEqual([]);
  });

  test('other tests that fail hold the image that exists', async () => {
    const again = await project.push('main', { inputs: { test: 'false' }, runId: '4714' });
    expect(again.green).toBe(false);
    expect(again.receipt.error?.code).toBe('test-failed');
    expect(again.state['slipway-ended']).toBe('something');
    expect(leftovers(again, project.image)).toEqual([]);
  });

  test('the next commit moves the tags, and the summary says from which commit to which', async () => {
    const next = await project.origin.commit('main', { message: `hello ${randomUUID()}\n` }); // no builder has it
    const run = await project.push('main', { runId: '4715' });
    expect(run.main.log).not.toContain('::error');
    const page = 'https://github.com/octo-org/app';
    const moved = `moved, [what changed](${page}/compare/${sha}...${next})`;
    const [from, to] = [sha, next].map((commit) => `[<code>${commit.slice(0, 7)}</code>](${page}/commit/${commit})`);
    for (const tag of ['main', 'latest']) {
      const row = run.summary
        .split('\n')
        .find((line) => line.startsWith(`| <code>${tag}</code> | ${moved} | ${from}<br>`));
      expect(row).toContain(` | ${to}<br>`);
    }
    expect(run.receipt.revisions).toEqual(
      expect.arrayContaining([
        { digest: first.outputs['digest'], commit: sha },
        { digest: run.outputs['digest'], commit: next },
      ]),
    );
    expect(run.receipt.image).toMatchObject({
      platform: expect.stringMatching(/^linux\//),
      uncached: { step: 'COPY . /app', file: 'Dockerfile', line: 4 },
    });
  });
});

describe('main goes on', () => {
  test('a commit that changes nothing in the image leaves the cache as it is', async () => {
    const before = await digestOfTag(project.registry, 'cache-main');
    await project.origin.commit('main', {}, { message: 'Nothing' });
    const run = await project.push('main', { inputs: { 'test-target': 'test', reuse: 'off' } });
    expect(run.outputs).toMatchObject({ reused: 'false', pushed: 'true' });
    expect(run.receipt.cache.export).toEqual(imageStore.cacheKept);
    expect(run.main.log).not.toContain('exporting cache');
    expect(await digestOfTag(project.registry, 'cache-main')).toBe(before);
  });

  test('a commit that changes a file writes it', async () => {
    const before = await digestOfTag(project.registry, 'cache-main');
    await project.origin.commit('main', { message: 'hello more\n' });
    const run = await project.push('main');
    expect(run.receipt.cache.export).toEqual(imageStore.cacheWritten);
    expect((await digestOfTag(project.registry, 'cache-main')) === before).toBe(imageStore.kind === 'classic');
  });
});
