import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isTag } from '../../src/model/tag.ts';
import { hostileRefs } from '../fixtures/hostile-refs.ts';
import { openProject, type Run } from '../support/project.ts';
import { changedTags, readLabels, readTags, writtenManifests } from '../support/registry-view.ts';

const count = 50;
const atOnce = 3;
const canary = `/tmp/slipway-pwned-${process.pid}`; // of this process alone: other runs look for theirs
const first = [
  'a,ref=evil/prod',
  `$(touch\${IFS}${canary})`,
  `\`touch\${IFS}${canary}\``,
  `x;touch\${IFS}${canary}>;#`,
  '--help',
  'refs/heads/main',
  'latest',
  'Main',
  '日本語',
  'a"b\'c&d|e<f>g',
  '${{github.token}}',
  '\ufeffmain',
];

interface Pushed {
  readonly name: string;
  readonly sha: string;
}

let project: Awaited<ReturnType<typeof openProject>>;
let before: ReadonlyMap<string, string>;
let pushed: readonly Pushed[];
const runs = new Map<string, Run>();
let written: readonly string[];

beforeAll(async () => {
  project = await openProject({
    Dockerfile: 'FROM scratch\nCOPY . /\n',
    '.dockerignore': '.git\n',
    message: 'hello\n',
  });
  const { origin } = project;
  await project.push('main', { inputs: { 'extra-tags': 'stable' } });
  await origin.tag('v1.2.3', await origin.sha('refs/heads/main'));
  pushed = await pushAll();
  before = await readTags(project.registry);
  const mark = await project.registry.mark();
  const waiting = [...pushed];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const inputs = { cache: 'none', reuse: 'off', 'extra-tags': 'stable' }; // the branches’ content is main’s
      runs.set(next.name, await project.push(next.name, { checkout: next.sha, inputs }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  written = writtenManifests(await mark());
}, 180_000);

afterAll(() => project.close());

/** Branches of these names in the origin, each with a commit of its own; what git itself refuses is left out. */
async function pushAll(): Promise<readonly Pushed[]> {
  const { origin } = project;
  const tree = await origin.git('rev-parse', 'refs/heads/main^{tree}');
  const found: Pushed[] = [];
  const corpus = hostileRefs.map(({ ref }) => ref).filter((ref) => !first.includes(ref));
  const stride = Math.floor(corpus.length / 80);
  const spread = corpus.filter((_, at) => at < 40 || at % stride === 0);
  for (const name of [...first, ...spread]) {
    if (found.length === count) break;
    // not to be handed to a process as they are, and the production branch itself is no hostile name
    if (/[\0\ufffd]|\p{Surrogate}/u.test(name) || name === 'main') continue;
    const sha = await origin.git('commit-tree', tree, '-p', 'refs/heads/main', '-m', `on ${found.length}`);
    const isTaken = await origin.setRef(`refs/heads/${name}`, sha).catch(() => undefined);
    if (isTaken !== undefined) found.push({ name, sha });
  }
  return found;
}

test(`${count} branches were pushed, the seeds among them`, () => {
  expect(pushed).toHaveLength(count);
  expect(pushed.map(({ name }) => name)).toEqual(expect.arrayContaining(first));
});

test('each run is green and has a legal tag of its own, which holds the image of its commit', async () => {
  for (const { name, sha } of pushed) {
    const run = runs.get(name);
    const tag = run?.outputs['tag'] ?? '';
    expect([name, run?.green, run?.outputs['role'], isTag(tag)]).toEqual([name, true, 'branch', true]);
    expect([name, run?.outputs['tags']]).toEqual([name, `${project.image}:${tag}`]);
    expect([name, (await readLabels(project.registry, tag))['io.slipway.revision']]).toEqual([name, sha]);
  }
});

test('the tags that were written are these and no others, by the access log and by the list', async () => {
  const own = pushed.map(({ name }) => runs.get(name)?.outputs['tag'] ?? '').toSorted();
  expect(new Set(own.map((tag) => tag.toLowerCase())).size).toBe(count);
  expect(written).toEqual(own.map((tag) => `acme/app:${tag}`).toSorted());
  expect(changedTags(before, await readTags(project.registry))).toEqual(own);
});

test('no name made another repository, ran a command or was taken for an option', async () => {
  const catalog = (await (await fetch(`${project.registry.url}/v2/_catalog`)).json()) as { repositories: string[] };
  expect(catalog.repositories).toEqual(['acme/app']);
  expect(existsSync(canary)).toBe(false);
  for (const run of runs.values()) expect(run.main.log).not.toMatch(/^(?:::error|Usage:)/m);
});

test('no name is taken for a command by the runner', () => {
  for (const { name } of pushed) {
    const run = runs.get(name);
    expect([name, run?.outputs['digest']]).toEqual([name, expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
    expect([name, run?.masks, run?.envFile]).toEqual([name, [], {}]);
  }
});
