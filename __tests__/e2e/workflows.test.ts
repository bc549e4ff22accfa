import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullRequest, pushBranch, pushTag, schedule, workflowDispatch } from '../../scripts/testbed/payloads.mjs';
import { prepareApp } from '../support/platforms.ts';
import { app } from '../support/project.ts';
import { receiptProblems } from '../support/receipt-schema.ts';
import {
  makePython,
  mergeGroup,
  type Occasion,
  type Outcome,
  openWorld,
  releasePublished,
} from '../support/workflow-bench.ts';
import { isPushed, isSlipway, readExampleWorkflows, type Step, type Workflow } from '../support/workflows.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

const workflows = readExampleWorkflows();
const pythonApp = 'examples/python-app';
const bot = { name: 'dependabot[bot]', branch: 'dependabot/npm/left-pad' };
const somebody = { actor: 'octocat', secrets: true };
/** What came of the occasions of one workflow, each after the one before it. */
interface Story {
  readonly outcomes: ReadonlyMap<string, Promise<Told>>;
  readonly tags: Promise<Readonly<Record<string, string>>>;
}

interface Told {
  readonly outcome: Outcome;
  /** The commit that was checked out. */
  readonly sha: string;
  readonly past: readonly string[];
}

/** Python's stories take as long as all others together, so these lanes run side by side. */
const [slow, quick] = [workflows.filter(needsPython), workflows.filter((one) => !needsPython(one))];
const lanes = [slow, quick.filter((_, at) => at % 2 === 0), quick.filter((_, at) => at % 2 === 1)];
const stories = new Map<string, Story>();
const folder = mkdtempSync(join(tmpdir(), 'slipway-python-'));
let ends: readonly Promise<unknown>[] = [];

beforeAll(() => {
  const locks = ['requirements.txt', 'requirements-dev.txt'].map((name) => join(pythonApp, name));
  const python = makePython(join(folder, 'venv'), ...locks);
  python.catch(() => undefined); // shows in the tests that need it
  ends = lanes.map((lane) =>
    lane.reduce<Promise<unknown>>((before, workflow) => {
      const opening = before.then(async () =>
        openWorld(await filesFor(workflow), needsPython(workflow) ? { python: await python } : {}),
      );
      const story = tell(workflow, opening);
      stories.set(workflow.place, story);
      return story.tags.catch(() => undefined);
    }, Promise.resolve()),
  );
});

afterAll(async () => {
  await Promise.all(ends);
  rmSync(folder, { recursive: true, force: true });
});

test('the documents show workflows', () => {
  const places = workflows.map(({ place }) => place.replace(/:\d+$/, ''));
  expect(places).toEqual(expect.arrayContaining(['README.md', 'docs/migrating.md', 'docs/tags.md']));
  expect(places.filter((place) => place.startsWith('examples/'))).toHaveLength(
    readdirSync('examples/workflows').length + 1,
  );
});

describe.each([...quick, ...slow].map((workflow) => [workflow.place, workflow] as const))('%s', (_, workflow) => {
  const held: Record<string, string> = {};
  const story = (): Story => {
    const told = stories.get(workflow.place);
    if (told === undefined) throw new Error('its story was not begun');
    return told;
  };

  test.each(occasionsOf(workflow).map(({ name }) => [name]))(
    '%s',
    async (name) => {
      const told = await story().outcomes.get(name);
      if (told === undefined) throw new Error(`${name} did not happen`);
      const { outcome } = told;
      expect(outcome.log).not.toContain('::error');
      expect(outcome.green).toBe(true);
      const said = whatTheDocsSay(name, told);
      expect({
        role: outcome.outputs['role'],
        tag: outcome.outputs['tag'],
        tags: (outcome.outputs['tags'] ?? '')
          .split('\n')
          .filter((one) => one !== '')
          .toSorted(),
        pushed: outcome.outputs['pushed'],
        current: outcome.outputs['current'],
        reused: outcome.outputs['reused'],
      }).toEqual(said);
      expect(receiptProblems(outcome.receipt)).toEqual([]);
      if (['untrusted', 'test-only'].includes(said.role)) expect(outcome.notices).not.toEqual([]);
      expect(outcome.jobs).toEqual(Object.keys(workflow.jobs).filter((job) => job !== 'deploy' || isMain(name)));
      for (const tag of said.tags) held[tag] = outcome.outputs['digest'] ?? '';
    },
    120_000,
  );

  test('the registries hold those tags, production’s cache, and nothing else', async () => {
    const there = await story().tags;
    const caches = Object.keys(there).filter((tag) => tag.endsWith(':cache-main'));
    const images = Object.entries(there).filter(([tag]) => !caches.includes(tag));
    expect(Object.fromEntries(images)).toEqual(held);
    expect(caches).toHaveLength([...story().outcomes.keys()].some(isMain) ? 1 : 0);
  });
});

/** Begins a story; a failure shows in the test that awaits it. */
function tell(workflow: Workflow, opening: Promise<World>): Story {
  const outcomes = new Map<string, Promise<Told>>();
  let before: Promise<unknown> = opening;
  for (const { name, happen } of occasionsOf(workflow)) {
    const past = [...outcomes.keys()];
    const told = before.then(async () => {
      const world = await opening;
      const occasion = { name, ...(await happen(world)) };
      const sha = await world.origin.sha(occasion.event.ref);
      return { outcome: await world.run(workflow, occasion), sha, past };
    });
    outcomes.set(name, told);
    before = told.catch(() => undefined);
  }
  const tags = before.then(async () => {
    const world = await opening;
    try {
      return await world.readTags();
    } finally {
      await world.close();
    }
  });
  tags.catch(() => undefined);
  return { outcomes, tags };
}

function isMain(name: string): boolean {
  return ['push to main', 'run by hand on main', 'schedule'].includes(name);
}

/** What README says of an event: role and tags, as a user who has read it would expect them. */
function whatTheDocsSay(name: string, told: Told) {
  const { inputs } = told.outcome;
  const { role, tag, tags } = rowOf(name, told);
  const isProduction = role === 'main' || role === 'release';
  const stays = inputs['push'] === 'false' || (inputs['push'] === 'protected' && !isProduction);
  const repositories = (isProduction ? (inputs['protected-image'] ?? inputs['image']) : inputs['image']) ?? '';
  const all = stays ? [] : repositories.split('\n').flatMap((one) => tags.map((each) => `${one}:${each}`));
  const pushed = String(all.length > 0);
  // The production branch's commit was built before: nothing is built twice, but for a schedule.
  const again = isProduction && name !== 'schedule' && told.past.some(isMain);
  return { role, tag, tags: all.toSorted(), pushed, current: pushed, reused: String(again && !stays) };
}

function rowOf(name: string, { outcome: { inputs, runId }, sha, past }: Told) {
  const fixed = `sha-${sha.slice(0, 12)}`;
  const extra = (inputs['extra-tags'] ?? '').split('\n').filter((one) => one !== '');
  const latest = inputs['latest'] ?? 'auto';
  const isReleased = past.includes('git tag') || past.includes('release');
  const mains = latest === 'production-branch' || (latest === 'auto' && !isReleased) ? ['latest'] : [];
  const releases = latest === 'auto' || latest === 'release' ? ['latest'] : [];
  switch (name) {
    case 'push to main':
    case 'run by hand on main':
      return { role: 'main', tag: 'main', tags: [fixed, 'main', ...extra, ...mains] };
    case 'schedule':
      return {
        role: 'main',
        tag: 'main',
        tags: [past.some(isMain) ? `${fixed}-${runId}-1` : fixed, 'main', ...extra, ...mains],
      };
    case 'push to a branch':
      return { role: 'branch', tag: 'feature--x', tags: ['feature--x'] };
    case 'git tag':
    case 'release':
      return { role: 'release', tag: '1.4.2', tags: ['1.4.2', fixed, '1.4', '1', ...releases, ...extra] };
    case 'pull request':
      return { role: 'pull-request', tag: 'pr-7', tags: ['pr-7', 'topic'] };
    case 'pull request from a fork':
      return { role: 'untrusted', tag: 'pr-8', tags: [] };
    case 'pull request by Dependabot':
      return { role: 'untrusted', tag: 'pr-9', tags: [] };
    case 'push by Dependabot':
      return { role: 'untrusted', tag: 'dependabot--npm--left-pad', tags: [] };
    case 'merge queue':
      return { role: 'test-only', tag: expect.stringMatching(/^gh-readonly-queue--/), tags: [] };
    default:
      throw new Error(`README says nothing of ${name}`);
  }
}

interface Happening {
  readonly name: string;
  readonly happen: (world: World) => Promise<Omit<Occasion, 'name'>>;
}

/** What can happen that the workflow's `on:` lets through, in this order. */
function occasionsOf(workflow: Workflow): readonly Happening[] {
  const { on } = workflow;
  const prefix = stepOf(workflow).with?.['version-prefix'] ?? '';
  const gitTag = `${prefix}v1.4.2`;
  const pushes = (ref: string) => isPushed(on['push'], ref);
  const pulls = on['pull_request'] !== undefined;
  const all: readonly (Happening & { readonly if: boolean; readonly often?: boolean; readonly once?: boolean })[] = [
    { name: 'push to main', if: pushes('refs/heads/main'), happen: (world) => pushed(world, 'main') },
    {
      name: 'push to a branch',
      if: pushes('refs/heads/feature/x'),
      often: true,
      happen: (world) => committed(world, 'feature/x'),
    },
    { name: 'pull request', if: pulls, happen: (world) => requested(world, { number: 7, head: 'topic' }) },
    {
      name: 'pull request from a fork',
      if: pulls,
      once: true,
      happen: (world) => requested(world, { number: 8, head: 'theirs', fork: 'mallory/app' }),
    },
    {
      name: 'pull request by Dependabot',
      if: pulls,
      once: true,
      happen: (world) => requested(world, { number: 9, head: bot.branch, actor: bot.name }),
    },
    {
      name: 'push by Dependabot',
      if: pushes(`refs/heads/${bot.branch}`),
      once: true,
      happen: (world) => committed(world, bot.branch, bot.name),
    },
    { name: 'merge queue', if: on['merge_group'] !== undefined, happen: queued },
    { name: 'git tag', if: pushes(`refs/tags/${gitTag}`), often: true, happen: (world) => tagged(world, gitTag) },
    { name: 'release', if: on['release'] !== undefined, happen: (world) => published(world, gitTag) },
    { name: 'run by hand on main', if: on['workflow_dispatch'] !== undefined, happen: dispatched },
    { name: 'schedule', if: on['schedule'] !== undefined, happen: scheduled },
  ];
  // Python's builds and tests take seconds, so each event happens once there; forks and Dependabot are README's own.
  const isPython = needsPython(workflow);
  const isReadme = /^README\.md|pull-requests\.yml$/.test(workflow.place);
  return all.filter((one) => one.if && !(one.often && isPython) && !(one.once && !isReadme));
}

async function pushed({ origin }: World, branch: string, actor = somebody.actor): Promise<Omit<Occasion, 'name'>> {
  const sha = await origin.sha(`refs/heads/${branch}`);
  return { event: pushBranch({ branch, sha, actor }), actor, secrets: actor !== bot.name };
}

async function committed(world: World, branch: string, actor?: string): Promise<Omit<Occasion, 'name'>> {
  await world.origin.commit(branch, { 'CHANGES.md': `${branch}\n` });
  return pushed(world, branch, actor);
}

async function requested(
  { origin }: World,
  request: { readonly number: number; readonly head: string; readonly fork?: string; readonly actor?: string },
): Promise<Omit<Occasion, 'name'>> {
  const { number, head, actor = somebody.actor } = request;
  await origin.commit(head, { 'CHANGES.md': `${head}\n` });
  const merged = await origin.pullRequest({ number, head: `refs/heads/${head}` });
  const secrets = request.fork === undefined && actor !== bot.name;
  return { event: pullRequest({ ...request, ...merged, actor }), actor, secrets };
}

async function queued({ origin }: World): Promise<Omit<Occasion, 'name'>> {
  const sha = await origin.sha('refs/heads/main');
  const event = mergeGroup(sha);
  await origin.setRef(event.ref, sha);
  return { event, ...somebody };
}

async function tagged({ origin }: World, tag: string): Promise<Omit<Occasion, 'name'>> {
  const sha = await origin.sha('refs/heads/main');
  await origin.tag(tag, sha, { annotated: tag });
  return { event: pushTag({ tag, sha }), ...somebody };
}

async function published(world: World, tag: string): Promise<Omit<Occasion, 'name'>> {
  const { event } = await tagged(world, tag);
  return { event: releasePublished(tag, event.sha), ...somebody };
}

async function scheduled({ origin }: World): Promise<Omit<Occasion, 'name'>> {
  return { event: schedule({ sha: await origin.sha('refs/heads/main') }), ...somebody };
}

async function dispatched({ origin }: World): Promise<Omit<Occasion, 'name'>> {
  return { event: workflowDispatch({ sha: await origin.sha('refs/heads/main') }), ...somebody };
}

function stepOf({ jobs }: Workflow): Step {
  const [step, ...others] = Object.values(jobs).flatMap(({ steps }) => steps.filter(isSlipway));
  if (step === undefined || others.length > 0) throw new Error('a workflow of ours has our step once');
  return step;
}

/** The app of examples/python-app for its own workflow and for those that speak of Python. */
function needsPython(workflow: Workflow): boolean {
  return workflow.place.startsWith(pythonApp) || /\bpython\b/.test(JSON.stringify(stepOf(workflow).with));
}

async function filesFor(workflow: Workflow): Promise<Record<string, string>> {
  const { context = '.', platforms } = stepOf(workflow).with ?? {};
  const plain = platforms === undefined ? app : await prepareApp();
  const files = needsPython(workflow) ? readFolder(pythonApp) : plain;
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [join(String(context), name), text]));
}

function readFolder(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'),
  );
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), readFileSync(path, 'utf8')];
    }),
  );
}
