import type { Digest } from '../model/digest.ts';
import type { Facts } from './facts.ts';

/** The commit that an image was built of; undefined where this run had no reason to read its labels. */
export function revisionOf(digest: Digest, { image, git, revisions }: Facts): string | undefined {
  return digest === image?.digest ? git?.checkout.head : revisions.get(digest);
}
