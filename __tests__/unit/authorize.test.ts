import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import { defaultBranchOf, parseEvent } from '../../src/model/event.ts';
import type { GitContext } from '../../src/model/git-context.ts';
import { authorize } from '../../src/plan/authorize.ts';
import { events, oracle, type Row, refs } from '../support/oracle.ts';
import { clean, commitA, commitB, commitC, published, pull, push, rules, runOf } from '../support/oracle-runs.ts';

const commits = { GITHUB_SHA: commitA, 'pull head': commitB, 'remote head': commitC, other: 'd'.repeat(40) };
const relations = {
  same: { head: { id: 1 }, base: { id: 1 } },
  fork: { head: { id: 2 }, base: { id: 1 } },
  'no head repository': { head: null, base: { id: 1 } },
  'no ids': { head: {}, base: {} },
};

/** The payload of an event with everything in it that any event has, so that nothing is decided by what is missing. */
function payloadOf({ event, ref, relation }: Row): object {
  const { head, base } = relations[relation];
  return {
    action: event.endsWith('closed') ? 'closed' : event === 'release created' ? 'created' : 'published',
    ref: ref === '' ? undefined : ref,
    after: event === 'push deleted' ? '0'.repeat(40) : event === 'push after differs' ? commitB : commitA,
    deleted: event === 'push deleted',
    number: 7,
    repository: { id: 1, default_branch: 'main' },
    pull_request: { number: 7, head: { ref: 'main', sha: commitB, repo: head }, base: { ref: 'main', repo: base } },
    release: {
      draft: event === 'release draft',
      prerelease: false,
      tag_name: event === 'release of another tag' ? 'v0' : 'v1.4.2',
    },
  };
}

function contextOf(row: Row): GitContext {
  const [name = ''] = row.event.split(' ');
  const source = { name, ref: row.ref, payload: payloadOf(row), actor: row.actor };
  return runOf(parseEvent(source), {
    eventName: name,
    actor: row.actor,
    defaultBranch: defaultBranchOf(source),
    checkout: { ...clean, head: commits[row.checkout] },
    remoteHead: { kind: 'known', commit: commitC },
  });
}

function decide(row: Row): string {
  try {
    const rights = authorize(contextOf(row), { productionBranch: 'main', push: row.push });
    if (rights.mayWriteCache !== (rights.role === 'main')) return 'cache without main';
    if (rights.mayWrite === ['untrusted', 'test-only'].includes(rights.role)) return 'writes wrongly';
    if (!rights.because.includes(JSON.stringify(row.ref))) return 'does not say why';
    return `${rights.nothingToDo ? 'idle ' : ''}${rights.role}`;
  } catch (error) {
    const [name = ''] = row.event.split(' ');
    if (!(error instanceof ActionError)) throw error;
    const says = `event ${JSON.stringify(name)} on ${JSON.stringify(row.ref)}`;
    return error.message.includes(says) && error.hint !== ''
      ? 'red'
      : `a message without event and ref: ${error.message}`;
  }
}

function* rows(): Generator<Row> {
  for (const event of events)
    for (const ref of refs)
      for (const relation of ['same', 'fork', 'no head repository', 'no ids'] as const)
        for (const checkout of ['GITHUB_SHA', 'pull head', 'remote head', 'other'] as const)
          for (const actor of ['octocat', 'dependabot[bot]', 'Dependabot[bot]'])
            for (const push of ['auto', 'protected', 'true', 'false'] as const)
              yield { event, ref, relation, checkout, actor, push };
}

test('every event, ref, repository relation, checkout, actor and `push` is decided as the oracle says', () => {
  let seen = 0;
  const differ: object[] = [];
  const outcomes = new Map<string, number>();
  for (const row of rows()) {
    const [expected, came] = [oracle(row), decide(row)];
    outcomes.set(came, (outcomes.get(came) ?? 0) + 1);
    if (came !== expected) differ.push({ ...row, expected, came });
    seen += 1;
  }
  expect(differ.slice(0, 5)).toEqual([]);
  expect(seen).toBeGreaterThanOrEqual(5_760);
  // A matrix that never reaches a role proves nothing about it.
  expect([...outcomes.keys()].sort()).toEqual([
    'branch',
    'idle test-only',
    'main',
    'pull-request',
    'red',
    'release',
    'test-only',
    'untrusted',
  ]);
});

describe('named cases', () => {
  const dispatch = (ref: string) => runOf({ ...push(ref), kind: 'workflow-dispatch' } as GitContext['event']);
  test.each<[name: string, git: GitContext, role: string]>([
    ['a push to main', runOf(push('refs/heads/main')), 'main'],
    ['a push to main by Dependabot (a merge)', runOf(push('refs/heads/main'), { actor: 'dependabot[bot]' }), 'main'],
    [
      'a re-run of Dependabot’s push by a person keeps the actor',
      runOf(push('refs/heads/d/x'), { actor: 'dependabot[bot]', runAttempt: '2' }),
      'untrusted',
    ],
    ['a dispatch on a git tag', dispatch('refs/tags/v1.0.0'), 'release'],
    ['an annotated git tag: `after` is the tag object', runOf(push('refs/tags/v1.0.0', commitB)), 'release'],
    ['a release', runOf(published('v1.0.0', 'release')), 'release'],
    [
      'a pull request with its head checked out',
      runOf(pull('x'), { checkout: { ...clean, head: commitB } }),
      'pull-request',
    ],
    [
      'a commit that the job itself pushed',
      runOf(push('refs/heads/main'), {
        checkout: { ...clean, head: commitC },
        remoteHead: { kind: 'known', commit: commitC },
      }),
      'main',
    ],
    [
      'a fork with any checkout',
      runOf(pull('x', { sameRepository: false }), { checkout: { ...clean, head: commitC } }),
      'untrusted',
    ],
    ['a pull request whose head is called main', runOf(pull('main')), 'pull-request'],
    [
      'a push without `after` (Gitea)',
      runOf({ ...push('refs/heads/x'), after: undefined } as GitContext['event']),
      'branch',
    ],
  ])('%s', (_, git, role) => expect(authorize(git, rules).role).toBe(role));

  test.each<[name: string, git: GitContext, code: string, says: RegExp]>([
    [
      'an old commit on main',
      runOf(push('refs/heads/main'), { checkout: { ...clean, head: commitB } }),
      'checkout-mismatch',
      new RegExp(`HEAD is ${commitB}.*${commitA}`),
    ],
    [
      'the ref is gone',
      runOf(push('refs/heads/x'), { checkout: { ...clean, head: commitB }, remoteHead: { kind: 'gone' } }),
      'checkout-mismatch',
      /gone/,
    ],
    ['`after` is not GITHUB_SHA', runOf(push('refs/heads/main', commitB)), 'checkout-mismatch', new RegExp(commitB)],
    [
      'pull_request_target with the head checked out',
      runOf({ kind: 'other', name: 'pull_request_target', ref: push('refs/heads/main').ref } as GitContext['event'], {
        checkout: { ...clean, head: commitB },
      }),
      'event-refused',
      /pull_request_target.*refs\/heads\/main/,
    ],
    [
      'no default branch',
      runOf(push('refs/heads/main'), { defaultBranch: undefined }),
      'event-refused',
      /default_branch/,
    ],
    ['bytes that are no UTF-8', runOf(push('refs/heads/bad\ufffd')), 'event-refused', /UTF-8/],
    [
      'a production branch that can have no tag',
      runOf(push('refs/heads/x'), { defaultBranch: 'a--b' }),
      'invalid-input',
      /production-branch: "a--b"/,
    ],
  ])('red: %s', (_, git, code, says) => {
    expect(() => authorize(git, rules)).toThrow(says);
    expect(() => authorize(git, rules)).toThrow(expect.objectContaining({ code }));
  });

  test('`production-branch` wins over the default branch', () => {
    const policy = { ...rules, productionBranch: 'release' };
    expect(authorize(runOf(push('refs/heads/main')), policy).role).toBe('branch');
    expect(authorize(runOf(push('refs/heads/release')), policy)).toMatchObject({
      role: 'main',
      productionTag: 'release',
    });
  });
  test('a run that writes nothing says so', () => {
    expect(authorize(runOf(pull('x', { sameRepository: false })), rules).notices.join()).toContain('fork');
    expect(authorize(runOf(push('refs/heads/main')), rules).notices).toEqual([]);
  });
});
