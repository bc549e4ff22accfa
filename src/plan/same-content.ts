import type { AdoptionRequest, Holdings } from './adoption.ts';
import { type FoundImage, isFreeFor } from './holdings.ts';
import { tagOfCommit } from './wanted-tag.ts';

/** Whether an image was built from this commit and content key, or was taken for this commit's by an earlier run: only main and release
 * write `sha-…`. What a floating base image has become since does not count: a run again gives what it gave. */
export function isThisImage(
  { commit, key }: Pick<AdoptionRequest, 'commit' | 'key'>,
  { tag, held: { labels } }: FoundImage,
): boolean {
  if (labels === undefined || commit === '' || key === '') return false;
  const ofCommit = labels.revision === commit || tag === tagOfCommit(commit);
  return ofCommit && labels.key === key && labels.dirty === 'false';
}

/** Whether what main shipped, of whatever commit, is what this run would build: the same content on the same base images. A fixed tag
 * that this commit has already must not come to differ from it. */
export function isSame(request: AdoptionRequest, found: FoundImage, seen: readonly Holdings[]): boolean {
  const { commit, key, bases, headKnown, wanted } = request;
  const { labels } = found.held;
  if (!wanted.shipped.includes(found.tag) || !headKnown || commit === '' || key === '' || bases.key === '')
    return false;
  if (labels?.key !== key || labels.bases !== bases.key || labels.dirty !== 'false') return false;
  return wanted.commitTag === undefined || isFreeFor(wanted.commitTag, seen, found);
}

/** Why none of the images that are there will do. */
export function whyBuild({ wanted, key, headKnown, bases }: AdoptionRequest, there: readonly FoundImage[]): string {
  const near = there.find(
    ({ tag, held: { labels } }) => wanted.shipped.includes(tag) && key !== '' && labels?.key === key,
  );
  if (near === undefined) return 'no tag of this run or of main holds an image of this content';
  const where = `${near.repository}:${near.tag} holds an image of the same files`;
  if (!headKnown) return `${where}, and where this run’s ref points is unknown`;
  if (bases.key === '') return `${where}, and whether a build would give the same is unknown: ${bases.unknown}`;
  if (near.held.labels?.bases === '') return `${where}, and what that was made from is unknown`;
  return `${where}, and a base image has moved since`;
}
