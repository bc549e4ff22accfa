import { ActionError } from '../errors.ts';
import type { RepositoryName } from '../model/image-ref.ts';
import type { Tag } from '../model/tag.ts';
import type { AdoptionRequest, Held, Holdings } from './adoption.ts';

/** An image that was found under a tag. */
export interface FoundImage {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly held: Extract<Held, { kind: 'held' }>;
}

/** What one repository holds under a tag; one that was not looked at is not taken for free. */
export function heldBy(one: Holdings, tag: Tag): Held {
  return one.tags.find((entry) => entry.tag === tag)?.held ?? { kind: 'unreadable', reason: 'it was not looked at' };
}

/** The images under a tag, in the order of the repositories. */
export function findHeld(tag: Tag, seen: readonly Holdings[]): readonly FoundImage[] {
  return seen.flatMap((one) => {
    const held = heldBy(one, tag);
    return held.kind === 'held' ? [{ repository: one.repository, tag, held }] : [];
  });
}

/** A fixed tag is written once: it may be free, or hold this very image. */
export function isFreeFor(tag: Tag, seen: readonly Holdings[], { held: image }: FoundImage): boolean {
  const readable = seen.every((one) => heldBy(one, tag).kind !== 'unreadable');
  return readable && findHeld(tag, seen).every(({ held }) => held.digest === image.digest);
}

/** Holds where a fixed tag names one image, wherever it is there at all.
 * @throws ActionError tag-conflict with repositories and digests. */
export function requireOneDigest(tag: Tag, seen: readonly Holdings[]): void {
  const found = findHeld(tag, seen);
  if (new Set(found.map(({ held }) => held.digest)).size < 2) return;
  const where = found.map(({ repository, held }) => `${repository}:${tag} is ${held.digest}`).join(', ');
  throw new ActionError('tag-conflict', `a fixed tag names one image, but ${where}`, {
    hint: 'delete the tag in the repository where it is wrong, and run again',
  });
}

/** The image that a version's tag names already; undefined where it is free everywhere. It is this commit's by its labels, or because
 * the commit's own fixed tag names it too: then its content is that of the commit in its labels.
 * @throws ActionError tag-conflict where it is not of this commit; registry-failed where it cannot be read. */
export function findReleased(tag: Tag, request: AdoptionRequest, seen: readonly Holdings[]): FoundImage | undefined {
  const { commit, wanted } = request;
  for (const one of seen) {
    const held = heldBy(one, tag);
    if (held.kind === 'unreadable')
      throw new ActionError('registry-failed', `whether ${one.repository}:${tag} exists is unknown: ${held.reason}`, {
        hint: 'a version tag is written once: run again when the registry answers',
      });
  }
  const found = findHeld(tag, seen);
  const ofCommit = wanted.commitTag === undefined ? [] : findHeld(wanted.commitTag, seen);
  const isOurs = ({ digest, labels }: FoundImage['held']): boolean =>
    commit !== '' && (labels?.revision === commit || ofCommit.some(({ held }) => held.digest === digest));
  const other = found.find(({ held }) => !isOurs(held));
  if (other === undefined) return found[0];
  const { digest, labels } = other.held;
  const theirs = labels === undefined || labels.revision === '' ? 'an unknown commit' : `commit ${labels.revision}`;
  throw new ActionError(
    'tag-conflict',
    `${other.repository}:${tag} is ${digest} of ${theirs} and is written once; this run is commit ${commit}, whose image has no digest yet because nothing was built`,
    { hint: 'give this commit a version of its own, or delete the tag in the registry if it was a mistake' },
  );
}
