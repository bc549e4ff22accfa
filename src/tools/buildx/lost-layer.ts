/** An engine whose storage is being cleared by what goes on beside: a build that was cancelled, an image with the same layers that is
 * removed. It passes. */
const cleared = /^failed to prepare extraction snapshot [\s\S]*snapshot \S+ does not exist: not found/;

/** A layer that two write at a time. With `COPY --link` a solve on the containerd image store crosses itself so: 18 of 30 such builds of plain
 * docker failed once or more, with up to 8 failures on end (measured on Docker Engine 28.5). What is cached by then takes 0.3 s to try. */
const crossed = /^(?!process ")[\s\S]*\bref \S+ locked for \S+ \(since [^)]*\): unavailable(?:\n|$)/;

/** A step in the builder's cache whose layer went with the build that made it, since that was cancelled. The record stays: each build of the
 * same files fails at it, until one makes the step anew (measured on Docker Engine 28.5). */
const broken = /^failed to commit \S+ to \S+ during finalize: [\s\S]*snapshot \S+ does not exist: not found/;

/** Reads whether a solve failed for a layer that the builder lost or holds: `for-now`, `crossed`, where only more tries help, or `in-cache`,
 * where only making its step anew does. */
export function lostLayer(cause: string): 'for-now' | 'crossed' | 'in-cache' | undefined {
  if (broken.test(cause)) return 'in-cache';
  if (crossed.test(cause)) return 'crossed';
  return cleared.test(cause) ? 'for-now' : undefined;
}
