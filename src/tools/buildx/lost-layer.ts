/** An engine whose storage is being cleared by what goes on beside: a build that was cancelled, an image with the same layers that is
 * removed. It passes. */
const cleared =
  /^failed to prepare extraction snapshot [\s\S]*snapshot \S+ does not exist: not found|\bref \S+ locked\b.*: unavailable/;

/** A step in the builder's cache whose layer went with the build that made it, since that was cancelled. The record stays: each build of the
 * same files fails at it, until one makes the step anew (measured on Docker Engine 28.2). */
const broken = /^failed to commit \S+ to \S+ during finalize: [\s\S]*snapshot \S+ does not exist: not found/;

/** Reads whether a solve failed for a layer that the builder lost: `for-now`, or `in-cache` where only making its step anew helps. */
export function lostLayer(cause: string): 'for-now' | 'in-cache' | undefined {
  if (broken.test(cause)) return 'in-cache';
  return cleared.test(cause) ? 'for-now' : undefined;
}
