import { ActionError } from '../errors.ts';
import type { GitContext } from '../model/git-context.ts';
import type { Role } from './rights.ts';

/** Holds where HEAD is the event's commit, or the ref's head at the remote now (a commit that the job itself pushed).
 * @throws ActionError checkout-mismatch with both commits where it is neither. */
export function requireCheckout(git: GitContext, role: Role): void {
  const { head } = git.checkout;
  const allowed = eventCommits(git);
  if (allowed.some((commit) => commit === head)) return;
  if (git.remoteHead.kind === 'known' && git.remoteHead.commit === head) return;
  throw new ActionError(
    'checkout-mismatch',
    `a ${role} run writes tags only for its own commit: HEAD is ${head}, the event's commit is ${said(git, allowed)}, ${remote(git)} (event ${JSON.stringify(git.eventName)} on ${JSON.stringify(git.event.ref.ref)})`,
    { hint: 'let actions/checkout take its default ref, or set `push: false` to build and test only' },
  );
}

/** GITHUB_SHA names a git tag's commit peeled, while `after` of an annotated tag is the tag's object: so `after` is held
 * against it for branches alone, and where the two differ the payload names no commit that can be trusted. */
function eventCommits({ event, sha }: GitContext): readonly string[] {
  switch (event.kind) {
    case 'push':
      return event.ref.kind === 'branch' && event.after !== undefined && event.after !== sha ? [] : [sha];
    case 'pull-request':
      return [sha, event.pull.headSha];
    case 'workflow-dispatch':
    case 'schedule':
    case 'release':
    case 'merge-group':
    case 'other':
      return [sha];
  }
}

function said({ event, sha }: GitContext, allowed: readonly string[]): string {
  if (allowed.length > 0) return allowed.join(' or ');
  const after = event.kind === 'push' ? event.after : undefined;
  return `unclear (GITHUB_SHA ${sha}, \`after\` ${after})`;
}

function remote({ remoteHead }: GitContext): string {
  switch (remoteHead.kind) {
    case 'known':
      return `the ref's head at the remote is ${remoteHead.commit}`;
    case 'gone':
      return 'the ref is gone at the remote';
    case 'unknown':
      return `the ref's head at the remote is unknown (${remoteHead.reason})`;
  }
}
