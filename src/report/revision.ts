import type { Digest } from '../model/digest.ts';
import type { Facts } from './facts.ts';

/** The commit that an image was built of; undefined where this run had no reason to read its labels, or they do not say. */
export function revisionOf(digest: Digest, { image, git, plan, revisions }: Facts): string | undefined {
  if (digest !== image?.digest) return revisions.get(digest);
  if (plan?.adoption.kind !== 'adopt') return git?.checkout.head;
  return plan.adoption.builtFrom === '' ? undefined : plan.adoption.builtFrom; // another commit's, where content is the same
}
