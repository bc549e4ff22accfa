import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  pullRequest,
  pullRequestClosed,
  pushBranch,
  repositoryObject,
  schedule,
  workflowDispatch,
} from '../../scripts/testbed/payloads.mjs';
import { openProject, type Project, type Run, type RunOptions } from '../support/project.ts';
import { changedTags, readLabels, readTags, writtenManifests } from '../support/registry-view.ts';

type Event = ReturnType<typeof pushBranch>;

const files = { Dockerfile: 'FROM scratch\nCOPY . /\n', '.dockerignore': '.git\n', message: 'hello\n' };
const bot = 'dependabot[bot]';
const here = repositoryObject();

let project: Project;
let counter = 0;

beforeAll(async () => {
  project = await openProject(files);
});

afterAll(() => project.close());

/** Commits something new, so that every tag that a run writes changes. */
function commit(branch: string): Promise<string> {
  return project.origin.commit(branch, { [`change-${++counter}`]: 'new\n' });
}

/** The merge commit of a pull request with something new. */
async function merge(number: number, head: string) {
  await commit(head);
  return project.origin.pullRequest({ number, head: `refs/heads/${head}` });
}

interface Seen {
  readonly run: Run;
  /** Tags whose digest changed, by the registry's own list. */
  readonly changed: readonly string[];
  /** Tags that were written, by the registry's access log. */
  readonly written: readonly string[];
}

async function observe(event: Event, checkout: string, options: RunOptions = {}): Promise<Seen> {
  const mark = await project.registry.mark();
  const before = await readTags(project.registry);
  const run = await project.on(event, checkout, { ...options, inputs: { cache: 'none', ...options.inputs } });
  const written = writtenManifests(await mark()).map((one) => one.replace('acme/app:', ''));
  const changed = changedTags(before, await readTags(project.registry));
  return { run, changed, written: written.filter((tag) => !tag.startsWith('sha256:')) };
}

/** A slug with its hash, made without the code under test. */
function hashed(readable: string, branch: string): string {
  return `${readable}-${createHash('sha256').update(`refs/heads/${branch}`).digest('hex').slice(0, 16)}`;
}

function fixed(sha: string): string {
  return `sha-${sha.slice(0, 12)}`;
}

interface Given {
  readonly event: Event;
  readonly checkout: string;
  readonly options?: RunOptions;
  /** Tags that must be written, and no others. */
  readonly tags: readonly string[];
}

interface Row {
  readonly name: string;
  readonly role: string;
  readonly tag: string;
  /** What the log says of role, rule, event and ref. */
  readonly says: RegExp;
  readonly make: () => Promise<Given>;
}

const dispatched = (branch: string, sha: string): Event => workflowDispatch({ sha, ref: `refs/heads/${branch}` });

const rows: readonly Row[] = [
  {
    name: 'the very first push of a repository: `before` is zero',
    role: 'main',
    tag: 'main',
    says: /main: the production branch \(event "push" on "refs\/heads\/main"\)/,
    make: async () => {
      const sha = await project.origin.sha('refs/heads/main');
      return {
        event: pushBranch({ branch: 'main', sha, before: '0'.repeat(40) }),
        checkout: 'refs/heads/main',
        tags: [fixed(sha), 'latest', 'main'],
        options: { inputs: { cache: 'none' } },
      };
    },
  },
  {
    name: 'a push to main by Dependabot: a merge is a merge',
    role: 'main',
    tag: 'main',
    says: /main: the production branch/,
    make: async () => {
      const sha = await commit('main');
      return {
        event: pushBranch({ branch: 'main', sha, actor: bot }),
        checkout: 'refs/heads/main',
        tags: [fixed(sha), 'latest', 'main'],
        options: { env: { GITHUB_ACTOR: bot } },
      };
    },
  },
  {
    name: 'a dispatch on main, with extra tags',
    role: 'main',
    tag: 'main',
    says: /main: the production branch \(event "workflow_dispatch" on "refs\/heads\/main"\)/,
    make: async () => {
      const sha = await commit('main');
      return {
        event: dispatched('main', sha),
        checkout: 'refs/heads/main',
        tags: [fixed(sha), 'edge', 'latest', 'main'],
        options: { inputs: { 'extra-tags': 'edge' } },
      };
    },
  },
  {
    name: 'a schedule, whose payload has no repository',
    role: 'main',
    tag: 'main',
    says: /main: the production branch \(event "schedule" on "refs\/heads\/main"\)/,
    make: async () => {
      const sha = await commit('main');
      return {
        event: schedule({ sha }),
        checkout: 'refs/heads/main',
        tags: [fixed(sha), 'latest', 'main'],
      };
    },
  },
  {
    name: 'a schedule on the default branch that is not the production branch',
    role: 'branch',
    tag: 'develop',
    says: /branch: a branch that is not the production branch "main" \(event "schedule" on "refs\/heads\/develop"\)/,
    make: async () => {
      const sha = await commit('develop');
      return {
        event: schedule({ sha, branch: 'develop' }),
        checkout: 'refs/heads/develop',
        tags: ['develop'],
        options: { inputs: { 'production-branch': 'main' } },
      };
    },
  },
  {
    name: 'a push to a branch',
    role: 'branch',
    tag: 'feature--x',
    says: /branch: a branch that is not the production branch "main" \(event "push" on "refs\/heads\/feature\/x"\)/,
    make: async () => {
      const sha = await commit('feature/x');
      return {
        event: pushBranch({ branch: 'feature/x', sha }),
        checkout: 'refs/heads/feature/x',
        tags: ['feature--x'],
        options: { inputs: { 'extra-tags': 'edge' } },
      };
    },
  },
  {
    name: 'a dispatch on a branch',
    role: 'branch',
    tag: 'feature--x',
    says: /branch: .*event "workflow_dispatch" on "refs\/heads\/feature\/x"/,
    make: async () => {
      const sha = await commit('feature/x');
      return { event: dispatched('feature/x', sha), checkout: 'refs/heads/feature/x', tags: ['feature--x'] };
    },
  },
  {
    name: 'a push to a branch called like an extra tag',
    role: 'branch',
    tag: hashed('branch-edge', 'edge'),
    says: /branch: /,
    make: async () => {
      const sha = await commit('edge');
      return {
        event: pushBranch({ branch: 'edge', sha }),
        checkout: 'refs/heads/edge',
        tags: [hashed('branch-edge', 'edge')],
        options: { inputs: { 'extra-tags': 'edge' } },
      };
    },
  },
  {
    name: 'a renamed default branch: what was main is a branch like any other',
    role: 'branch',
    tag: hashed('branch-main', 'main'),
    says: /a branch that is not the production branch "trunk"/,
    make: async () => {
      const sha = await commit('main');
      return {
        event: pushBranch({ branch: 'main', sha, defaultBranch: 'trunk' }),
        checkout: 'refs/heads/main',
        tags: [hashed('branch-main', 'main')],
      };
    },
  },
  {
    name: 'a renamed default branch: the payload names it',
    role: 'main',
    tag: 'trunk',
    says: /main: the production branch \(event "push" on "refs\/heads\/trunk"\)/,
    make: async () => {
      const sha = await commit('trunk');
      return {
        event: pushBranch({ branch: 'trunk', sha, defaultBranch: 'trunk' }),
        checkout: 'refs/heads/trunk',
        tags: [fixed(sha), 'latest', 'trunk'],
      };
    },
  },
  {
    name: '`production-branch` wins over the default branch',
    role: 'main',
    tag: 'release--next',
    says: /main: the production branch \(event "push" on "refs\/heads\/release\/next"\)/,
    make: async () => {
      const sha = await commit('release/next');
      return {
        event: pushBranch({ branch: 'release/next', sha }),
        checkout: 'refs/heads/release/next',
        tags: [fixed(sha), 'latest', 'release--next'],
        options: { inputs: { 'production-branch': 'release/next' } },
      };
    },
  },
  {
    name: 'a pull request from the same repository',
    role: 'pull-request',
    tag: 'pr-7',
    says: /pull-request: a pull request from the same repository \(event "pull_request" on "refs\/pull\/7\/merge"\)/,
    make: async () => ({
      event: pullRequest({ number: 7, head: 'topic', ...(await merge(7, 'topic')) }),
      checkout: 'refs/pull/7/merge',
      tags: ['pr-7', 'topic'],
    }),
  },
  {
    name: 'a pull request whose head commit is checked out',
    role: 'pull-request',
    tag: 'pr-7',
    says: /pull-request: /,
    make: async () => {
      const merged = await merge(7, 'topic');
      return {
        event: pullRequest({ number: 7, head: 'topic', ...merged }),
        checkout: merged.headSha,
        tags: ['pr-7', 'topic'],
      };
    },
  },
  {
    name: 'a pull request from main into another branch leaves main’s tag alone',
    role: 'pull-request',
    tag: 'pr-9',
    says: /pull-request: /,
    make: async () => {
      await commit('main');
      await commit('old');
      const merged = await project.origin.pullRequest({ number: 9, head: 'refs/heads/main' });
      return {
        event: pullRequest({ number: 9, head: 'main', base: 'old', ...merged }),
        checkout: merged.headSha,
        tags: ['pr-9'],
      };
    },
  },
  {
    name: 'a fork, from a branch called main',
    role: 'untrusted',
    tag: 'pr-8',
    says: /nothing is written: a pull request from a fork, or without a head repository, has no secrets \(event "pull_request" on "refs\/pull\/8\/merge"\)/,
    make: async () => ({
      event: pullRequest({ number: 8, head: 'main', ...(await merge(8, 'theirs')), fork: 'mallory/app' }),
      checkout: 'refs/pull/8/merge',
      tags: [],
    }),
  },
  {
    name: 'a fork that was deleted',
    role: 'untrusted',
    tag: 'pr-8',
    says: /nothing is written: a pull request from a fork, or without a head repository/,
    make: async () => ({
      event: pullRequest({ number: 8, head: 'theirs', ...(await merge(8, 'theirs')), deletedFork: true }),
      checkout: 'refs/pull/8/merge',
      tags: [],
    }),
  },
  {
    name: 'a push by Dependabot',
    role: 'untrusted',
    tag: hashed('dependabot-npm_and_yarn-types-node-20', 'dependabot/npm_and_yarn/@types/node-20'),
    says: /nothing is written: a push by dependabot\[bot\] off the production branch has no secrets \(event "push"/,
    make: async () => {
      const branch = 'dependabot/npm_and_yarn/@types/node-20';
      const sha = await commit(branch);
      return {
        event: pushBranch({ branch, sha, actor: bot }),
        checkout: `refs/heads/${branch}`,
        tags: [],
        options: { env: { GITHUB_ACTOR: bot, GITHUB_TRIGGERING_ACTOR: bot } },
      };
    },
  },
  {
    name: 'a pull request by Dependabot',
    role: 'untrusted',
    tag: 'pr-10',
    says: /nothing is written: a pull request by dependabot\[bot\] has no secrets/,
    make: async () => ({
      event: pullRequest({ number: 10, head: 'dependabot/x', ...(await merge(10, 'dependabot/x')), actor: bot }),
      checkout: 'refs/pull/10/merge',
      tags: [],
      options: { env: { GITHUB_ACTOR: bot, GITHUB_TRIGGERING_ACTOR: bot } },
    }),
  },
  {
    name: 'a pull request by Dependabot that a person runs again: still without secrets',
    role: 'untrusted',
    tag: 'pr-10',
    says: /nothing is written: a pull request by dependabot\[bot\] has no secrets/,
    make: async () => ({
      event: pullRequest({ number: 10, head: 'dependabot/x', ...(await merge(10, 'dependabot/x')), actor: bot }),
      checkout: 'refs/pull/10/merge',
      tags: [],
      options: { env: { GITHUB_ACTOR: bot, GITHUB_TRIGGERING_ACTOR: 'octocat', GITHUB_RUN_ATTEMPT: '2' } },
    }),
  },
  {
    name: 'a pull request by a person that Dependabot’s commit triggered',
    role: 'pull-request',
    tag: 'pr-11',
    says: /pull-request: /,
    make: async () => ({
      event: pullRequest({ number: 11, head: 'topic', ...(await merge(11, 'topic')) }),
      checkout: 'refs/pull/11/merge',
      tags: ['pr-11', 'topic'],
      options: { env: { GITHUB_TRIGGERING_ACTOR: bot } },
    }),
  },
  {
    name: 'a merge group',
    role: 'test-only',
    tag: 'gh-readonly-queue--main--pr-7-abc',
    says: /nothing is written: a merge group is tested before it is merged \(event "merge_group"/,
    make: async () => {
      const head_ref = 'refs/heads/gh-readonly-queue/main/pr-7-abc';
      const sha = await commit('gh-readonly-queue/main/pr-7-abc');
      const payload = { action: 'checks_requested', merge_group: { head_sha: sha, head_ref }, repository: here };
      return { event: event('merge_group', payload, { ref: head_ref, sha }), checkout: head_ref, tags: [] };
    },
  },
  {
    name: 'a push on a merge queue’s branch',
    role: 'test-only',
    tag: 'gh-readonly-queue--main--pr-7-abc',
    says: /nothing is written: a merge queue's branch is tested before it is merged \(event "push"/,
    make: async () => {
      const branch = 'gh-readonly-queue/main/pr-7-abc';
      const sha = await commit(branch);
      return { event: pushBranch({ branch, sha }), checkout: `refs/heads/${branch}`, tags: [] };
    },
  },
  {
    name: 'Gitea: a push without `after`, `deleted` and ids',
    role: 'branch',
    tag: 'gitea',
    says: /branch: /,
    make: async () => {
      const sha = await commit('gitea');
      const payload = { ref: 'refs/heads/gitea', repository: { default_branch: 'main', full_name: 'octo-org/app' } };
      return {
        event: event('push', payload, { ref: 'refs/heads/gitea', sha }),
        checkout: 'refs/heads/gitea',
        tags: ['gitea'],
      };
    },
  },
  {
    name: 'Gitea: a pull request without repository ids counts as a fork’s',
    role: 'untrusted',
    tag: 'pr-12',
    says: /a pull request from a fork, or without a head repository/,
    make: async () => {
      const merged = await merge(12, 'gitea');
      const payload = {
        action: 'opened',
        repository: { default_branch: 'main' },
        pull_request: { number: 12, head: { ref: 'gitea', sha: merged.headSha }, base: { ref: 'main' } },
      };
      return {
        event: event('pull_request', payload, { ref: 'refs/pull/12/merge', sha: merged.mergeSha }),
        checkout: 'refs/pull/12/merge',
        tags: [],
      };
    },
  },
  ...['pull_request_target', 'workflow_run', 'issue_comment', 'create', 'repository_dispatch', 'never_heard_of'].map(
    (name): Row => ({
      name: `${name} on its own commit`,
      role: 'test-only',
      tag: 'main',
      says: new RegExp(
        `nothing is written: this event has the repository.s rights on somebody.s behalf and publishes nothing \\(event "${name}" on "refs/heads/main"\\)`,
      ),
      make: async () => {
        const sha = await project.origin.sha('refs/heads/main');
        return {
          event: event(name, { action: 'x', repository: here }, { ref: 'refs/heads/main', sha }),
          checkout: sha,
          tags: [],
        };
      },
    }),
  ),
];

function event(name: string, payload: object, at: { ref: string; sha: string }): Event {
  return { name, payload, ...at, headRef: '', baseRef: '' };
}

describe('each role writes its own tags and no others', () => {
  test.each(rows)('$role: $name', async ({ role, tag, says, make }) => {
    const { event, checkout, options, tags } = await make();
    const { run, changed, written } = await observe(event, checkout, options);
    expect(run.main.log).not.toContain('::error');
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ role, tag, pushed: String(tags.length > 0), current: String(tags.length > 0) });
    expect([written, changed]).toEqual([tags.toSorted(), tags.toSorted()]);
    expect(run.outputs['tags']?.split('\n').filter(Boolean).toSorted()).toEqual(
      tags.map((one) => `${project.image}:${one}`).toSorted(),
    );
    expect(run.main.log).toMatch(says);
    const notices = run.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);
    if (tags.length === 0) expect(notices).toContainEqual(expect.stringMatching(says));
  });
});

describe('nothing is built', () => {
  test('for a pull request that was closed', async () => {
    const merged = await merge(13, 'done');
    const { run, written } = await observe(
      pullRequestClosed({ number: 13, head: 'done', ...merged }),
      'refs/pull/13/merge',
    );
    expectIdle(run, written, 'the pull request was closed');
  });

  test('for a branch that was deleted', async () => {
    const sha = await project.origin.sha('refs/heads/main');
    const pushed = pushBranch({ branch: 'gone', sha });
    const payload = { ...pushed.payload, after: '0'.repeat(40), deleted: true, head_commit: null };
    const { run, written } = await observe({ ...pushed, payload }, sha);
    expectIdle(run, written, 'the ref was deleted');
  });

  function expectIdle(run: Run, written: readonly string[], rule: string): void {
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ role: 'test-only', pushed: 'false', digest: '', tags: '' });
    expect(written).toEqual([]);
    expect(run.main.log).toContain(rule);
    expect(run.main.log).not.toContain('build │');
  }
});

describe('an event on somebody’s behalf with somebody’s commit is red before anything runs', () => {
  test.each(['pull_request_target', 'workflow_run', 'issue_comment', 'create', 'never_heard_of'])(
    '%s',
    async (name) => {
      const sha = await project.origin.sha('refs/heads/main');
      const foreign = await commit('mallory');
      const mark = await project.registry.mark();
      const { run } = await observe(
        event(name, { action: 'x', repository: here }, { ref: 'refs/heads/main', sha }),
        foreign,
        { inputs: { test: 'touch "$RUNNER_TEMP/ran"' } },
      );
      expect(run.green).toBe(false);
      expect(run.receipt.error).toMatchObject({
        code: 'event-refused',
        message: expect.stringContaining(
          `HEAD is ${foreign}, GITHUB_SHA is ${sha} (event ${JSON.stringify(name)} on "refs/heads/main")`,
        ),
        hint: expect.stringContaining('check out GITHUB_SHA'),
      });
      expect(run.runnerFiles).not.toContain('ran');
      expect(run.main.log).not.toContain('build │');
      expect(await mark()).toEqual([]);
    },
  );

  test('pull_request_target as GitHub sends it, with the head of a fork checked out', async () => {
    const merged = await merge(14, 'mallory');
    const sent = pullRequest({ number: 14, head: 'main', fork: 'mallory/app', name: 'pull_request_target', ...merged });
    const { run, written } = await observe(sent, merged.headSha);
    expect([run.green, run.receipt.error?.code, written]).toEqual([false, 'event-refused', []]);
  });
});

describe('the checkout rule', () => {
  test('a commit that the job itself pushed is the ref’s head, and its image names that commit', async () => {
    const sha = await commit('main');
    const later = await commit('main');
    const { run, written } = await observe(pushBranch({ branch: 'main', sha }), 'refs/heads/main');
    expect(run.main.log).not.toContain('::error');
    expect(written).toEqual(['latest', 'main', fixed(later)]);
    expect((await readLabels(project.registry, 'main'))['io.slipway.revision']).toBe(later);
  });

  test('a foreign commit under a push to main is red, with both commits and the way out', async () => {
    const foreign = await commit('mallory');
    const sha = await commit('main');
    const { run, written } = await observe(pushBranch({ branch: 'main', sha }), foreign);
    expect(run.receipt.error).toMatchObject({
      code: 'checkout-mismatch',
      message: expect.stringMatching(
        new RegExp(`HEAD is ${foreign}.*commit is ${sha}.*event "push" on "refs/heads/main"`),
      ),
      hint: expect.stringContaining('actions/checkout'),
    });
    expect(written).toEqual([]);
  });
});

test('a GitHub Enterprise server is named in the labels', async () => {
  const sha = await commit('main');
  const { run } = await observe(pushBranch({ branch: 'main', sha }), 'refs/heads/main', {
    env: { GITHUB_SERVER_URL: 'https://ghe.example.com' },
  });
  expect(run.green).toBe(true);
  expect(await readLabels(project.registry, 'main')).toMatchObject({
    'org.opencontainers.image.source': 'https://ghe.example.com/octo-org/app',
    'org.opencontainers.image.revision': sha,
  });
});

test('without the default branch in the payload the run is red and names the input', async () => {
  const sha = await commit('feature/x');
  const { run, written } = await observe(
    event('push', { ref: 'refs/heads/feature/x', after: sha }, { ref: 'refs/heads/feature/x', sha }),
    'refs/heads/feature/x',
  );
  expect(run.receipt.error).toMatchObject({
    code: 'event-refused',
    hint: expect.stringContaining('production-branch'),
  });
  expect(written).toEqual([]);
});
