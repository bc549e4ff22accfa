import { ActionError } from '../errors.ts';
import type { GitContext } from '../model/git-context.ts';
import { requireCheckout } from './checkout-rule.ts';
import { type Claim, claimOf, idleRule, placeOf } from './claim.ts';
import type { Rights, Role } from './rights.ts';
import { isFaithful, planProductionTag } from './slug.ts';

/** The inputs that decide what a run may do. */
export interface AuthorizePolicy {
  readonly productionBranch: string | undefined;
  readonly push: 'auto' | 'protected' | 'true' | 'false';
}

/** Decides role and rights from event, payload, actor, ref and checkout; what is not listed may write nothing (INTERFACE,
 * "Roles").
 * @throws ActionError event-refused where the event acts for somebody else on another commit, or where it is unknown which
 * branch is the production branch; invalid-input where that can have no tag; checkout-mismatch where a run that would
 * write holds another commit than the event's. */
export function authorize(git: GitContext, policy: AuthorizePolicy): Rights {
  const productionBranch = policy.productionBranch ?? git.defaultBranch ?? refuseUnknownProduction(git);
  const productionTag = planProductionTag(productionBranch);
  const idle = idleRule(git);
  const claim = idle === undefined ? claimOf(git, productionBranch) : { role: 'test-only' as const, rule: idle };
  const mayWrite = writes(claim.role);
  if (mayWrite && pushes(claim.role, policy.push)) {
    requireFaithful(git, claim);
    requireCheckout(git, claim.role);
  }
  return {
    role: claim.role,
    productionBranch,
    productionTag,
    mayWrite,
    mayWriteCache: claim.role === 'main',
    nothingToDo: idle !== undefined,
    because: `${claim.role}: ${claim.rule} (${placeOf(git)})`,
    notices: mayWrite || idle !== undefined ? [] : [`nothing is written: ${claim.rule} (${placeOf(git)})`],
  };
}

function writes(role: Role): boolean {
  switch (role) {
    case 'main':
    case 'release':
    case 'branch':
    case 'pull-request':
      return true;
    case 'untrusted':
    case 'test-only':
      return false;
  }
}

function pushes(role: Role, push: AuthorizePolicy['push']): boolean {
  switch (push) {
    case 'auto':
    case 'true':
      return true;
    case 'protected':
      return role === 'main' || role === 'release';
    case 'false':
      return false;
  }
}

/** Two refs whose bytes are no UTF-8 reach us as one text, so that their tags could not be told apart. */
function requireFaithful(git: GitContext, claim: Claim): void {
  if (git.event.kind === 'pull-request' || isFaithful(git.event.ref.name)) return;
  throw new ActionError(
    'event-refused',
    `${claim.rule} whose name has bytes that are no UTF-8 has no tag of its own (${placeOf(git)})`,
    { hint: 'rename the branch or git tag' },
  );
}

function refuseUnknownProduction(git: GitContext): never {
  throw new ActionError(
    'event-refused',
    `which branch is the production branch is unknown: \`repository.default_branch\` of the payload is missing (${placeOf(git)})`,
    { hint: 'name it with the input `production-branch`' },
  );
}
