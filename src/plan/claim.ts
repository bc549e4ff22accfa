import { ActionError } from '../errors.ts';
import type { GitContext, PullRequest } from '../model/git-context.ts';
import type { GitRef } from '../model/git-ref.ts';
import type { Role } from './rights.ts';

/** What a run is entitled to by its event alone. */
export interface Claim {
  readonly role: Role;
  readonly rule: string;
}

const bot = 'dependabot[bot]';

/** What a run is entitled to; what is not listed writes nothing (INTERFACE, "Roles").
 * @throws ActionError event-refused for an event on somebody's behalf with another commit than its own. */
export function claimOf(git: GitContext, productionBranch: string): Claim {
  const { event, actor } = git;
  switch (event.kind) {
    case 'push':
      return claimPush(git, event.ref, productionBranch);
    case 'workflow-dispatch':
      return claimRef(event.ref, productionBranch) ?? claimUnlisted(git);
    case 'schedule':
      return event.ref.kind === 'branch' ? claimBranch(event.ref.name, productionBranch) : claimUnlisted(git);
    case 'pull-request':
      return claimPull(event.pull, actor);
    case 'merge-group':
      return { role: 'test-only', rule: 'a merge group is tested before it is merged' };
    case 'release':
      return event.action === 'published' &&
        !event.draft &&
        event.ref.kind === 'tag' &&
        event.ref.name === event.tagName
        ? { role: 'release', rule: 'a release was published on this git tag' }
        : claimUnlisted(git);
    case 'other':
      return claimUnlisted(git);
  }
}

function claimPush(git: GitContext, ref: GitRef, productionBranch: string): Claim {
  if (ref.kind === 'branch' && ref.name.startsWith('gh-readonly-queue/'))
    return { role: 'test-only', rule: "a merge queue's branch is tested before it is merged" };
  const claim = claimRef(ref, productionBranch);
  if (git.actor === bot && claim?.role !== 'main')
    return { role: 'untrusted', rule: `a push by ${bot} off the production branch has no secrets` };
  return claim ?? claimUnlisted(git);
}

function claimPull(pull: PullRequest, actor: string): Claim {
  if (actor === bot) return { role: 'untrusted', rule: `a pull request by ${bot} has no secrets` };
  if (!pull.sameRepository)
    return { role: 'untrusted', rule: 'a pull request from a fork, or without a head repository, has no secrets' };
  return { role: 'pull-request', rule: 'a pull request from the same repository' };
}

function claimRef(ref: GitRef, productionBranch: string): Claim | undefined {
  switch (ref.kind) {
    case 'branch':
      return claimBranch(ref.name, productionBranch);
    case 'tag':
      return { role: 'release', rule: 'a git tag' };
    case 'pull':
    case 'other':
      return undefined;
  }
}

function claimBranch(name: string, productionBranch: string): Claim {
  return name === productionBranch
    ? { role: 'main', rule: 'the production branch' }
    : { role: 'branch', rule: `a branch that is not the production branch ${JSON.stringify(productionBranch)}` };
}

/** Such events run with the repository's rights, whoever caused them: the rights may not meet somebody's commit. */
function claimUnlisted(git: GitContext): Claim {
  if (git.checkout.head === git.sha)
    return {
      role: 'test-only',
      rule: 'this event has the repository’s rights on somebody’s behalf and publishes nothing',
    };
  throw new ActionError(
    'event-refused',
    `an event that has the repository's rights on somebody's behalf runs its own commit or none: HEAD is ${git.checkout.head}, GITHUB_SHA is ${git.sha} (${placeOf(git)})`,
    { hint: 'use `pull_request`, `push`, `workflow_dispatch` or a published `release`, or check out GITHUB_SHA' },
  );
}

/** Why there is nothing to build; undefined where there is. */
export function idleRule({ event }: GitContext): string | undefined {
  if (event.kind === 'push' && event.deleted) return 'the ref was deleted';
  if (event.kind === 'pull-request' && event.pull.action === 'closed') return 'the pull request was closed';
  return undefined;
}

/** Event and ref, for messages. */
export function placeOf(git: GitContext): string {
  return `event ${JSON.stringify(git.eventName)} on ${JSON.stringify(git.event.ref.ref)}`;
}
