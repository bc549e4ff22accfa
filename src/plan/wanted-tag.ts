import type { GitContext } from '../model/git-context.ts';
import { parseTag, type Tag } from '../model/tag.ts';
import type { Version, VersionScheme } from '../model/version.ts';
import type { Rights } from './rights.ts';

/** Which runs write `latest` (INTERFACE, input `latest`). */
export type LatestPolicy = 'auto' | 'production-branch' | 'release' | 'never';

/** The inputs that decide tags. */
export interface TagPolicy {
  readonly latest: LatestPolicy;
  readonly versions: VersionScheme | 'none';
  readonly versionPrefix: string | undefined;
  readonly extraTags: readonly string[];
  /** Globs (`*` and `?`) that no branch and no pull request reaches. */
  readonly protectedTags: readonly string[];
}

/** Who asks, and what for. */
export interface TagRun {
  readonly git: GitContext;
  readonly rights: Rights;
}

/** Published versions that are no pre-releases, as far as `planVersionQuestion` asked for them. */
export type KnownVersions =
  | { readonly kind: 'known'; readonly versions: readonly Version[] }
  | { readonly kind: 'unknown'; readonly reason: string };

/** `own` is the tag named after the run's ref where it moves; `fixed` are `sha-…` and a version's full tag. */
export type TagKind = 'own' | 'fixed' | 'head-branch' | 'latest' | 'line' | 'extra';

/** What a tag may follow: nothing (written once), the ref's head, or the order of versions. */
export type Movement = 'never' | 'by-ref' | 'by-version';

/** A tag that this run may and should write. */
export interface WantedTag {
  readonly name: Tag;
  readonly kind: TagKind;
  readonly moves: Movement;
}

/** A wanted tag as a value. */
export function want(name: Tag, kind: TagKind, moves: Movement): WantedTag {
  return { name, kind, moves };
}

/** The name of main's and release's own fixed tag: it names the commit that is checked out. */
export function commitTag(git: GitContext): Tag {
  return tagOfCommit(git.checkout.head);
}

/** The fixed tag of a commit's image. */
export function tagOfCommit(commit: string): Tag {
  return parseTag(`sha-${commit.slice(0, 12)}`);
}
