import { ActionError } from '../errors.ts';
import type { GitContext } from '../model/git-context.ts';
import { branchRef } from '../model/git-ref.ts';
import type { Tag } from '../model/tag.ts';
import type { Version } from '../model/version.ts';
import { extraTagProblems, type Protection } from './protected.ts';
import { nameRun } from './run-name.ts';
import type { Follows } from './standing.ts';
import { chooseTags } from './tag-choice.ts';
import { commitTag, type KnownVersions, type TagPolicy, type TagRun, type WantedTag } from './wanted-tag.ts';

export type { KnownVersions, LatestPolicy, Movement, TagKind, TagPolicy, TagRun, WantedTag } from './wanted-tag.ts';

/** Which tags this run writes, and which it does not and why. */
export interface TagPlan {
  /** Output `tag`: the version or `tag-<slug>`, `pr-<n>`, or the slug; also where nothing may be written. */
  readonly own: Tag;
  /** In the order of writing: fixed ones first, `own`, then the other moving ones; no two equal. */
  readonly tags: readonly WantedTag[];
  /** The plain `sha-<12 hex>` of main and release. */
  readonly commitTag: Tag | undefined;
  /** The version's full tag, where this run is a version. */
  readonly versionTag: Tag | undefined;
  /** Where main's image of the same content is looked for: its fixed tag of the commit that is checked out, which a merge has
   * none of, and main's own tag. */
  readonly shipped: readonly Tag[];
  /** The tag that goes out with the layers unless `planAdoption` says another; undefined where nothing is written. */
  readonly first: Tag | undefined;
  /** What `by-ref` tags follow: a full ref, and the commit of this run that is compared with the ref's head. */
  readonly follows: Follows;
  readonly version: Version | undefined;
  /** Wanted by the inputs, not allowed to this run: output `refused-tags`. */
  readonly refused: readonly { readonly tag: string; readonly rule: string }[];
  /** A higher version is published: part of output `superseded-tags`. */
  readonly superseded: readonly { readonly tag: Tag; readonly by: string }[];
  readonly notices: readonly string[];
}

/** The tags of a run (INTERFACE, "Tags"). What must be known of the remote is asked by `planVersionQuestion`.
 * @throws ActionError invalid-input for an unusable extra tag, version or `protected-tags`. */
export function planTags(policy: TagPolicy, run: TagRun, known: KnownVersions): TagPlan {
  const { git, rights } = run;
  const protection: Protection = {
    productionBranch: rights.productionBranch,
    productionTag: rights.productionTag,
    extraTags: policy.extraTags,
    protectedTags: policy.protectedTags,
  };
  requireExtraTags(protection);
  const name = nameRun(policy, run, protection);
  const choice = chooseTags({ policy, run, known, protection, name });
  const tags = distinct(choice.tags);
  const follows = followed(git);
  return {
    own: name.own,
    tags,
    commitTag: choice.commitTag,
    versionTag: choice.versionTag,
    shipped: tags.length === 0 ? [] : [...(follows.merged ? [] : [commitTag(git)]), rights.productionTag],
    first: tags[0]?.name,
    follows: { ...follows, mendable: choice.commitTag !== undefined },
    version: name.version,
    refused: choice.refused,
    superseded: choice.superseded,
    notices: choice.notices,
  };
}

function requireExtraTags({ extraTags, productionTag }: Protection): void {
  const problems = extraTagProblems(extraTags, productionTag);
  if (problems.length === 0) return;
  throw new ActionError('invalid-input', problems.join('\n'), {
    hint: 'choose names that no branch, version or other kind of tag has, such as `stable`',
  });
}

/** The first of equal tags stays: fixed ones come first and are never taken for moving ones. */
function distinct(tags: readonly WantedTag[]): readonly WantedTag[] {
  return tags.filter((tag, at) => tags.findIndex(({ name }) => name === tag.name) === at);
}

/** On pull requests the tags follow the head branch, whatever merge commit was tested. */
function followed({ event, checkout }: GitContext): Omit<Follows, 'mendable'> {
  if (event.kind !== 'pull-request') return { ref: event.ref.ref, commit: checkout.head, merged: false };
  const { headRef, headSha } = event.pull;
  return { ref: branchRef(headRef), commit: headSha, merged: checkout.head !== headSha };
}
