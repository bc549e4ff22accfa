import type { Digest } from '../model/digest.ts';
import type { RepositoryName } from '../model/image-ref.ts';
import type { Tag } from '../model/tag.ts';
import { adopt, build } from './adoption-result.ts';
import type { FoundBases } from './content-key.ts';
import { findHeld, findReleased, requireOneDigest } from './holdings.ts';
import type { OurLabels } from './labels.ts';
import { isSame, isThisImage, whyBuild } from './same-content.ts';
import type { TagPlan } from './tag-plan.ts';

/** What a tag holds in a registry. */
export type Held =
  | { readonly kind: 'absent' }
  | { readonly kind: 'held'; readonly digest: Digest; readonly labels: OurLabels | undefined }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What one repository holds under the tags of `adoptionTags`; a tag that was not looked at counts as unreadable. */
export interface Holdings {
  readonly repository: RepositoryName;
  readonly tags: readonly { readonly tag: Tag; readonly held: Held }[];
}

/** What an image must be to stand for this run. */
export interface AdoptionRequest {
  readonly wanted: TagPlan;
  /** HEAD. */
  readonly commit: string;
  /** Content key, empty where unknown. */
  readonly key: string;
  readonly bases: FoundBases;
  /** Hash of the tests, empty where unknown. */
  readonly tests: string;
  /** Whether the remote says where the ref points: the labels of an image of another commit cannot tell how old the tag's is. */
  readonly headKnown: boolean;
  readonly dirty: boolean;
  readonly reuse: 'auto' | 'off';
  /** `pull`, `no-cache` or schedule: the run asks for freshness. */
  readonly fresh: boolean;
  readonly runId: string;
  readonly runAttempt: string;
}

/** Take an image that exists, or build one (INTERFACE, "Nothing is built twice"). */
export type Adoption =
  | {
      readonly kind: 'adopt';
      readonly digest: Digest;
      readonly from: { readonly repository: RepositoryName; readonly tag: Tag };
      /** The commit whose build made it; empty where its labels do not say. */
      readonly builtFrom: string;
      /** False: the tests run again before the digest gets a tag. */
      readonly testsKnown: boolean;
      /** Repositories that are not `from` and where no looked-at tag holds the digest: it is copied there first. */
      readonly copyTo: readonly RepositoryName[];
      /** Fixed tags of the plan that this run leaves alone: they hold another image of this commit. */
      readonly keep: readonly Tag[];
      readonly because: string;
      readonly notices: readonly string[];
    }
  | {
      readonly kind: 'build';
      /** The tag that goes out with the layers; undefined where the run writes nothing. */
      readonly firstTag: Tag | undefined;
      /** Fixed tags of the plan that this run leaves alone: they are taken, or its work tree is dirty. */
      readonly keep: readonly Tag[];
      readonly because: string;
      readonly notices: readonly string[];
    };

/** The tags whose holdings `planAdoption` asks for; none where the run writes nothing. What a branch built is only ever looked for
 * under that branch's own tags. */
export function adoptionTags({ tags, own, commitTag, versionTag, shipped }: TagPlan): readonly Tag[] {
  const named = tags.some(({ name }) => name === own) ? [own] : [];
  return [...new Set([...named, versionTag, commitTag, ...shipped])].filter((tag) => tag !== undefined);
}

/** Adopt or build.
 * @throws ActionError tag-conflict where a version tag holds another commit, or a fixed tag two digests; registry-failed
 * where a version tag cannot be read. */
export function planAdoption(request: AdoptionRequest, seen: readonly Holdings[]): Adoption {
  const { wanted } = request;
  for (const tag of [wanted.versionTag, wanted.commitTag]) if (tag !== undefined) requireOneDigest(tag, seen);
  const released = wanted.versionTag === undefined ? undefined : findReleased(wanted.versionTag, request, seen);
  if (released !== undefined) return adopt(request, seen, released);
  const refusal = refusalOf(request);
  if (refusal !== undefined) return build(request, seen, refusal);
  const there = adoptionTags(wanted).flatMap((tag) => findHeld(tag, seen));
  const found = there.find((one) => isThisImage(request, one)) ?? there.find((one) => isSame(request, one, seen));
  return found === undefined ? build(request, seen, whyBuild(request, there)) : adopt(request, seen, found);
}

/** Why this run takes no image that is not already its version; undefined where it may. */
function refusalOf({ wanted, dirty, fresh, reuse }: AdoptionRequest): string | undefined {
  if (wanted.tags.length === 0) return 'this run writes no tag that an image could be taken for';
  if (dirty) return 'the work tree is dirty';
  if (fresh) return 'the run asks for a fresh image';
  return reuse === 'off' ? '`reuse` is off' : undefined;
}
