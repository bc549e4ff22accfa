/** How long things may take, in milliseconds unless the name says otherwise; docs/reliability-limits.md explains them to users. */

const second = 1_000;
const minute = 60 * second;

/** How long something is waited for: `request` for the first byte, `idle` between two pieces, `budget` for all tries to begin. */
export interface Patience {
  readonly request: number;
  readonly budget: number;
  readonly tries: number;
  readonly idle: number;
}

/** What the relay grants a cache's manifest and config: while BuildKit imports them every other build of the engine waits. */
export const importPatience: Patience = { request: 5 * second, budget: 8 * second, tries: 2, idle: 5 * second };

/** What the relay grants a layer: only the build that needs it waits. */
export const layerPatience: Patience = { request: 15 * second, budget: 30 * second, tries: 3, idle: 30 * second };

/** How long an engine may take to show whether it reaches this machine's loopback. */
export const reachLimit = 2 * second;

/** Silence after which a transfer that must make progress is ended: a pull, a push, an import of a cache. */
export const stallLimit = 2 * minute;

/** Patience with a push or pull of the engine's, which is repeated as a whole. */
export const transferPace = { budget: 5 * minute, tries: 6, firstPause: second, longestPause: 30 * second } as const;

/** Patience with a blob that Slipway sends itself; `request` for each of its short questions. */
export const sendingPace = { request: 30 * second, budget: 170 * minute, tries: 6 } as const;

/** The cache is written after publication: nobody waits longer for it. */
export const cacheExportLimit = 10 * minute;

/** How long a run waits for what tells in what its image differs from main's, counted from the upload's end. */
export const comparisonLimit = 10 * second;

/** How long an image may take to be read for a report alone, beside what goes on. */
export const auditLimit = 30 * second;

/** A part of the story that has a heading in the log. */
export type Phase = 'Who asks' | 'What is there' | 'Build and test' | 'Prove' | 'Check' | 'Upload' | 'Tags' | 'Cache';

/** The last line of defence of each phase: what waits in it has a shorter limit of its own. An upload counts by its progress, so its limit
 * only has to be longer than anything that still moves. */
export const phaseLimits: Readonly<Record<Exclude<Phase, 'Build and test' | 'Prove'>, number>> = {
  'Who asks': 5 * minute,
  'What is there': 10 * minute,
  Check: 20 * minute,
  Upload: 180 * minute,
  Tags: 30 * minute,
  Cache: cacheExportLimit + minute,
};

/** What a phase takes beside its builds and tests: bringing an image to the engine, taking turns, tidying up. */
const beside = 20 * minute;

/** The limits of every phase, by what the user grants builds and tests. A build may run twice, with bytecode and without. */
export function planPhaseLimits(granted: {
  readonly build: { readonly limit: number };
  readonly tests: { readonly limit: number; readonly image: readonly unknown[] };
}): Readonly<Record<Phase, number>> {
  const { build, tests } = granted;
  const all = {
    ...phaseLimits,
    'Build and test': 2 * build.limit + tests.limit + beside,
    Prove: (tests.image.length + 1) * tests.limit + beside,
  };
  // setTimeout takes no more than 31 bits, and ends at once where it is given more
  return Object.fromEntries(
    Object.entries(all).map(([phase, limit]) => [phase, Math.min(limit, longestTimer)]),
  ) as typeof all;
}

const longestTimer = 2 ** 31 - 1;
