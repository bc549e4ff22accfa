import type { RunEvent } from '../model/git-context.ts';
import type { Role } from './rights.ts';

/** Whether this run writes its comment on a pull request, and on which. */
export type CommentPlan =
  | { readonly kind: 'write'; readonly pull: number }
  /** `because` is empty where nobody would expect one. */
  | { readonly kind: 'none'; readonly because: string };

/** Who asks for a comment, and what with. */
export interface CommentQuestion {
  readonly setting: 'auto' | 'true' | 'false';
  readonly event: RunEvent;
  readonly role: Role;
  readonly hasToken: boolean;
}

/** Decides about the comment on a pull request. Forks and Dependabot are given tokens that may only read. */
export function planComment({ setting, event, role, hasToken }: CommentQuestion): CommentPlan {
  if (setting === 'false' || event.kind !== 'pull-request' || event.pull.action === 'closed')
    return { kind: 'none', because: '' };
  if (role !== 'pull-request')
    return { kind: 'none', because: 'the token of a pull request from a fork or by Dependabot may not comment' };
  if (!hasToken) return { kind: 'none', because: 'there is no `github-token`' };
  return { kind: 'write', pull: event.pull.number };
}
