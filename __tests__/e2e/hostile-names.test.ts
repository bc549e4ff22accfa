import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isTag } from '../../src/model/tag.ts';
import { hostileRefs } from '../fixtures/hostile-refs.ts';
import { type ArgvRecorder, openRecorder } from '../support/argv-recorder.ts';
import { openProject, type Project, type Run } from '../support/project.ts';
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

/** A name that no tool could take for anything else. */
const plain = 'plain';

interface Pushed {
  readonly name: string;
  readonly sha: string;
}

let project: Project;
let before: ReadonlyMap<string, string>;
let pushed: readonly Pushed[];
const runs = new Map<string, Run>();
const recorders = new Map<string, ArgvRecorder>();
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
  const push = async ({ name, sha }: Pushed): Promise<void> => {
    const recorder = await openRecorder();
    recorders.set(name, recorder);
    const inputs = { cache: 'none', reuse: 'off', 'extra-tags': 'stable' }; // the branches’ content is main’s
    runs.set(name, await project.push(name, { checkout: sha, inputs, env: recorder.env }));
  };
  await push({ name: plain, sha: await origin.commit(plain, {}) });
  before = await readTags(project.registry);
  const mark = await project.registry.mark();
  const waiting = [...pushed];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await push(next);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  written = writtenManifests(await mark());
}, 300_000);

afterAll(async () => {
  for (const recorder of recorders.values()) recorder.remove();
  await project.close();
});

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

test('git is told the ref as one word, and nothing that is started differs from what a plain name starts', () => {
  const expected = callsOf(plain);
  expect(expected.filter((call) => call.includes(' bake '))).toHaveLength(1);
  expect(expected.filter((call) => call.endsWith(' ls-remote --quiet origin <ref> <ref>^{} refs/tags/*'))).toHaveLength(
    1,
  );
  for (const { name } of pushed) expect([name, callsOf(name)]).toEqual([name, expected]);
});

/** A nonce, a commit or a UUID. */
const unique = /\b(?:[0-9a-f]{32,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g;

/** What a run started, each once: the ref where it is a word by itself, and what differs between any two runs, by placeholders. */
function callsOf(name: string): readonly string[] {
  const ref = `refs/heads/${name}`;
  const words = (recorders.get(name)?.calls() ?? []).map((call) =>
    call.map((word) => {
      if (word === ref) return '<ref>';
      if (word === `${ref}^{}`) return '<ref>^{}';
      return word.replace(/\/\S*?slipway-(?:work|e2e)-\w+/g, '<folder>').replace(unique, '<hex>');
    }),
  );
  return [...new Set(words.map((call) => call.join(' ')))].toSorted();
}
