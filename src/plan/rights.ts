import type { Tag } from '../model/tag.ts';

/** What kind of run this is, decided from event, payload, actor and ref alone (INTERFACE, "Roles"). */
export type Role = 'main' | 'release' | 'branch' | 'pull-request' | 'untrusted' | 'test-only';

/** What this run is entitled to. */
export interface Rights {
  readonly role: Role;
  /** The production branch's name. */
  readonly productionBranch: string;
  /** Its own tag, written by main alone. */
  readonly productionTag: Tag;
  /** True where the role may write tags at all (main, release, branch, pull-request). */
  readonly mayWrite: boolean;
  /** True for main alone. */
  readonly mayWriteCache: boolean;
  /** True where nothing is to be built (deleted ref, closed pull request). */
  readonly nothingToDo: boolean;
  /** One sentence for the log: rule, ref and event. */
  readonly because: string;
  readonly notices: readonly string[];
}
