import type { Checkout, GitContext, PullRequest, RunEvent } from '../../src/model/git-context.ts';
import { parseGitRef } from '../../src/model/git-ref.ts';
import { type AuthorizePolicy, authorize } from '../../src/plan/authorize.ts';
import type { KnownVersions, TagPlan, TagPolicy } from '../../src/plan/tag-plan.ts';
import { planTags } from '../../src/plan/tag-plan.ts';

export const commitA = 'a'.repeat(40);
export const commitB = 'b'.repeat(40);
export const commitC = 'c'.repeat(40);

export const policy: TagPolicy = {
  latest: 'auto',
  versions: 'semver',
  versionPrefix: undefined,
  extraTags: [],
  protectedTags: [],
};
export const rules: AuthorizePolicy = { productionBranch: undefined, push: 'auto' };
export const noVersions: KnownVersions = { kind: 'known', versions: [] };

export const clean: Checkout = {
  head: commitA,
  tree: 'f'.repeat(40),
  parents: [],
  commitTime: 1_700_000_000,
  dirty: false,
  shallow: true,
};

/** A run of an event on commit A, all as GitHub sends it; parts may be replaced. */
export function runOf(event: RunEvent, parts: Partial<GitContext> = {}): GitContext {
  return {
    event,
    eventName: event.kind === 'other' ? event.name : event.kind.replace('-', '_'),
    sha: commitA,
    actor: 'octocat',
    defaultBranch: 'main',
    checkout: clean,
    remoteHead: { kind: 'unknown', reason: 'not asked' },
    source: 'https://github.com/acme/app',
    runId: '4711',
    runAttempt: '1',
    ...parts,
  };
}

export function push(ref: string, after: string | undefined = commitA): RunEvent {
  return { kind: 'push', ref: parseGitRef(ref), after, deleted: false };
}

export function pull(headRef: string, parts: Partial<PullRequest> = {}): RunEvent {
  return {
    kind: 'pull-request',
    ref: parseGitRef('refs/pull/7/merge'),
    pull: { number: 7, action: 'opened', headRef, headSha: commitB, sameRepository: true, ...parts },
  };
}

export function published(tag: string, prerelease: 'release' | 'prerelease'): RunEvent {
  const ref = parseGitRef(`refs/tags/${tag}`);
  return {
    kind: 'release',
    ref,
    action: 'published',
    draft: false,
    prerelease: prerelease === 'prerelease',
    tagName: tag,
  };
}

/** The plan of a run, from event to tags. */
export function planOf(git: GitContext, parts: Partial<TagPolicy> = {}, known: KnownVersions = noVersions): TagPlan {
  return planTags({ ...policy, ...parts }, { git, rights: authorize(git, rules) }, known);
}

export function names(plan: TagPlan): readonly string[] {
  return plan.tags.map(({ name }) => name);
}
