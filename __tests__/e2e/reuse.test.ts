import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushTag, schedule } from '../../scripts/testbed/payloads.mjs';
import { acceptedManifests } from '../../src/model/manifest.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { openDoor } from '../support/engine-door.ts';
import {
  configOfTag,
  digestOfTag,
  docker,
  engineEnv,
  openProjectAt,
  type Run,
  type RunOptions,
  startRegistry,
} from '../support/project.ts';
import { sentBlobs } from '../support/registry-view.ts';

type Project = Awaited<ReturnType<typeof openProjectAt<Awaited<ReturnType<typeof startRegistry>>>>>;

let project: Project;
let base: string;
let first: Run;
let firstSha: string;
let counter = 0;

const tests = { test: 'grep -q hello api/message' };
const inputs = { context: 'api', cache: 'none', ...tests };

/** A repository of two parts, one of which becomes an image on a base whose name floats. */
async function open(): Promise<Project> {
  const registry = await startRegistry();
  base = `${registry.host}/acme/base:1`;
  docker('tag', 'busybox:stable', base);
  docker('push', '--quiet', base);
  docker('image', 'rm', '--force', base);
  return openProjectAt(registry, {
    '.gitignore': '*.bin\n',
    'api/Dockerfile': `FROM ${base}\nARG WHO=me\nCOPY . /app\nENTRYPOINT ["cat"]\nCMD ["/app/message"]\n`,
    'api/.dockerignore': '*.md\n',
    'api/message': 'hello\n',
    'api/tool': 'echo tool\n',
    'web/page': 'one\n',
  });
}

beforeAll(async () => {
  project = await open();
  firstSha = await project.origin.sha('refs/heads/main');
  first = await project.push('main', { inputs });
}, 120_000);

afterAll(async () => {
  await project.close();
});

/** Commits to a branch that starts where main is. */
async function commit(branch: string, files: Record<string, string>): Promise<string> {
  return project.origin.commit(branch, files, { from: await project.origin.sha('refs/heads/main') });
}

/** The same, where git's own tools change the files. */
async function commitChange(branch: string, change: (folder: string) => void): Promise<void> {
  const clone = await project.origin.clone();
  try {
    change(clone.folder);
    const git = (...args: string[]) => execFileSync('git', ['-C', clone.folder, ...args], { stdio: 'ignore' });
    git('-c', 'user.name=a', '-c', 'user.email=a@b.test', 'commit', '--all', '--message', 'x', '--quiet');
    git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  } finally {
    clone.remove();
  }
}

/** Pushes a new commit that changes nothing which goes into the image. */
async function pushAlike(options: RunOptions = {}): Promise<Run> {
  const branch = `alike-${++counter}`;
  await commit(branch, { 'web/page': `${branch}\n` });
  return project.push(branch, { ...options, inputs: { ...inputs, ...options.inputs } });
}

function expectReused(run: Run): void {
  expect(run.main.log).not.toContain('::error');
  expect(run.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'], current: 'true' });
}

describe('what main shipped is taken for', () => {
  test('a branch that changes another folder, without a layer being moved; the tests run on its own tree', async () => {
    const mark = await project.registry.mark();
    const run = await pushAlike();
    expectReused(run);
    expect(await digestOfTag(project.registry, 'alike-1')).toBe(first.outputs['digest']);
    expect(run.receipt.tests).toEqual([expect.objectContaining({ kind: 'test', passed: true })]);
    expect(run.main.log).toContain(`built from commit ${firstSha}, whose content is the same`);
    expect(run.summary).toContain('whose content is the same; its labels name that commit');
    const requests = await mark();
    const { layers } = await readManifest('main');
    expect(sentBlobs(requests)).toEqual([]);
    for (const layer of layers) expect(requests.filter(({ path }) => path.endsWith(layer))).toEqual([]);
  });

  test('a pull request', async () => {
    await commit('topic', { 'web/page': 'topic\n' });
    const run = await project.pullRequest(7, 'topic', { inputs });
    expectReused(run);
    expect(await digestOfTag(project.registry, 'pr-7')).toBe(first.outputs['digest']);
  });

  test('main’s next commit, which changes a file that is ignored, and for that commit run again', async () => {
    const sha = await commit('main', { 'api/README.md': 'read\n' });
    expectReused(await project.push('main', { inputs }));
    expect(await digestOfTag(project.registry, `sha-${sha.slice(0, 12)}`)).toBe(first.outputs['digest']);
    const { door, asked, close } = await openDoor(await findEngine(engineEnv), async () => undefined);
    if (door.endpoint.kind !== 'unix') throw new Error('a door is a socket');
    const env = { DOCKER_HOST: `unix://${door.endpoint.path}` };
    expectReused(await project.push('main', { inputs, env }));
    close();
    expect(asked.filter((one) => !/^(?:GET|HEAD) /.test(one))).toEqual([]); // nothing is made there, so nothing is taken away
    expect(asked).toContain('GET /info');
    const { config } = await configOfTag(project.registry, 'main');
    expect(config.Labels['io.slipway.revision']).toBe(firstSha);
  });

  test('a version of that commit, and for the version run again', async () => {
    const sha = await project.origin.sha('refs/heads/main');
    await project.origin.tag('v1.0.0', sha);
    const event = pushTag({ tag: 'v1.0.0', sha });
    expectReused(await project.on(event, 'refs/tags/v1.0.0', { inputs }));
    expectReused(await project.on(event, 'refs/tags/v1.0.0', { inputs }));
  });

  test('a version of the commit that built it, whose tests are known to have passed', async () => {
    await project.origin.tag('v0.9.0', firstSha);
    const run = await project.on(pushTag({ tag: 'v0.9.0', sha: firstSha }), 'refs/tags/v0.9.0', { inputs });
    expectReused(run);
    expect(run.receipt.tests).toEqual([]);
  });

  test('a run with other tests, which run on it', async () => {
    const run = await pushAlike({ inputs: { verify: 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello' } });
    expectReused(run);
    expect(run.receipt.tests.map(({ kind, passed }) => [kind, passed])).toEqual([
      ['test', true],
      ['verify', true],
    ]);
  });
});

describe('what main shipped is not taken for', () => {
  test.each<[name: string, options: RunOptions]>([
    ['another build argument', { inputs: { 'build-args': 'WHO=you' } }],
    ['a secret of another name', { inputs: { secrets: 'token=x' } }],
    [
      'files that git ignores and the builder is sent',
      { prepare: (folder) => writeFileSync(join(folder, 'api', 'made.bin'), 'made\n') },
    ],
    ['a run with `reuse: off`', { inputs: { reuse: 'off' } }],
  ])('%s', async (_, options) => {
    const run = await pushAlike(options);
    expect(run.main.log).not.toContain('::error');
    expect(run.outputs).toMatchObject({ reused: 'false', pushed: 'true' });
  });

  test.each<[name: string, change: (folder: string) => void]>([
    ['an executable', (folder) => chmodSync(join(folder, 'api', 'tool'), 0o755)],
    [
      'a link',
      (folder) => {
        symlinkSync('tool', join(folder, 'api', 'link'));
        execFileSync('git', ['-C', folder, 'add', 'api/link']);
      },
    ],
  ])('a commit that makes %s', async (_, change) => {
    const branch = `change-${++counter}`;
    await commitChange(branch, change);
    expect((await project.push(branch, { inputs })).outputs).toMatchObject({ reused: 'false', pushed: 'true' });
  });

  test('a base image that has moved behind its name; the same commit again is what it was', async () => {
    const { text, manifest } = await readManifest('1', 'acme/base');
    await putBase(JSON.stringify({ ...manifest, annotations: { moved: 'yes' } }));
    const run = await pushAlike();
    expect(run.outputs).toMatchObject({ reused: 'false', pushed: 'true' });
    expect(run.main.log).toContain('a base image has moved since');
    expectReused(await project.push('main', { inputs }));
    await putBase(text);
  });

  test('a run on schedule', async () => {
    const sha = await project.origin.sha('refs/heads/main');
    const run = await project.on(schedule({ sha }), 'refs/heads/main', { inputs: { ...inputs, pull: 'false' } });
    expect(run.outputs).toMatchObject({ role: 'main', reused: 'false', pushed: 'true' });
  });
});

test('what a branch built is never taken for main', async () => {
  const sha = await commit('theirs', { 'api/message': 'hello theirs\n' });
  const branch = await project.push('theirs', { inputs });
  expect(branch.outputs).toMatchObject({ role: 'branch', reused: 'false', pushed: 'true' });
  await project.origin.setRef('refs/heads/main', sha);
  const run = await project.push('main', { inputs });
  expect(run.outputs).toMatchObject({ role: 'main', reused: 'false', pushed: 'true' });
});

async function readManifest(tag: string, path = 'acme/app') {
  const url = `${project.registry.url}/v2/${path}/manifests/${tag}`;
  const text = await (await fetch(url, { headers: { accept: acceptedManifests } })).text();
  const manifest = JSON.parse(text) as { mediaType: string; layers?: { digest: string }[] };
  return { text, manifest, layers: (manifest.layers ?? []).map(({ digest }) => digest) };
}

async function putBase(text: string): Promise<void> {
  const { mediaType } = JSON.parse(text) as { mediaType: string };
  const url = `${project.registry.url}/v2/acme/base/manifests/1`;
  const reply = await fetch(url, { method: 'PUT', body: text, headers: { 'content-type': mediaType } });
  if (!reply.ok) throw new Error(`the base was not moved: ${reply.status} ${await reply.text()}`);
}
