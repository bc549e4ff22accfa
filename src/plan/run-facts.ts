import type { GitContext } from '../model/git-context.ts';
import type { Repository } from '../model/image-ref.ts';
import type { Platform } from '../model/platform.ts';
import type { Holdings } from './adoption.ts';
import type { LocalName } from './build-request.ts';
import type { BuilderChoice } from './builder.ts';
import type { CacheIntent, settleCache } from './cache-plan.ts';
import type { FoundBases } from './content-key.ts';
import type { Grants } from './grants.ts';
import type { Machine } from './machine.ts';
import type { TagPlan } from './tag-plan.ts';
import type { Verdict } from './verdict.ts';

/** What was found out before the plan is made. */
export interface RunFacts {
  readonly git: GitContext;
  readonly wanted: TagPlan;
  readonly push: Verdict;
  /** The first of those that this run writes to. */
  readonly repository: Repository;
  readonly context: {
    readonly path: string;
    readonly file: string;
    readonly dockerfile: string;
    readonly named: readonly NamedContext[];
  };
  readonly grants: Grants;
  readonly holdings: readonly Holdings[];
  /** Content key of what this run would build. */
  readonly key: string;
  readonly bases: FoundBases;
  readonly cacheIntent: CacheIntent;
  readonly cacheFound: Parameters<typeof settleCache>[1];
  readonly name: LocalName;
  /** This run's private folder. */
  readonly folder: string;
  readonly machine: Machine;
  readonly builder: BuilderChoice;
  /** Whether an engine answers. */
  readonly hasEngine: boolean;
  /** What is built for; empty: what the builder builds for anyway. */
  readonly platforms: readonly Platform[];
}

/** A build context beside the main one. */
export type NamedContext =
  | { readonly kind: 'folder'; readonly name: string; readonly path: string; readonly inRepository: string }
  | { readonly kind: 'remote'; readonly name: string; readonly url: string };
