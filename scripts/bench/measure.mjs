// Measures the variants of a case in turn, A B C A B C …, so that whatever else the machine does meets all of them.

import { summarize } from './statistics.mjs';

/** @typedef {import('./statistics.mjs').Summary} Summary */
/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {(world: import('./world.mjs').World) => Promise<() => Promise<number>>} prepare does what is not measured; the result measures, in ms
 * @property {string} [beside] the variant that it is compared with
 */
/** @typedef {{ text: string, holds: (median: (name: string) => number) => { value: string, met: boolean } }} Goal */
/** @typedef {{ name: string, title: string, variants: Variant[], goals: Goal[], times?: number, unit?: string }} Case `times`: more rounds for what is short, fewer for what is long; `unit` where it is not ms */
/** @typedef {{ name: string, summary: Summary, ratio: number | undefined, beside: string | undefined }} Row */
/** @typedef {{ title: string, unit: string, rows: Row[], goals: { text: string, value: string, met: boolean }[] }} Measured */

/**
 * One round to warm up, which does not count, and then all that count.
 * @param {Case} one
 * @param {import('./world.mjs').World} world
 * @param {{ runs: number, gate: ReturnType<typeof import('./quiet.mjs').openGate> }} how
 * @returns {Promise<Measured>}
 */
export async function measureCase({ title, variants, goals, times = 1, unit = 'ms' }, world, { runs, gate }) {
  const samples = new Map(variants.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  const first = times < 0.2 ? 1 : 0; // what takes minutes is not warmed up
  for (let round = first; round <= Math.ceil(runs * times); round += 1) {
    if (round > 0) await gate.pass();
    for (const { name, prepare } of variants) {
      const measure = await prepare(world);
      const ms = await measure();
      if (round > 0) samples.get(name)?.push(ms);
    }
  }
  const summaries = new Map([...samples].map(([name, all]) => [name, summarize(all)]));
  const find = (/** @type {string} */ name) => /** @type {Summary} */ (summaries.get(name));
  const median = (/** @type {string} */ name) => find(name).median;
  return {
    title,
    unit,
    rows: variants.map(({ name, beside }) => ({
      name,
      summary: find(name),
      ratio: beside === undefined ? undefined : median(name) / median(beside),
      beside,
    })),
    goals: goals.map(({ text, holds }) => ({ text, ...holds(median) })),
  };
}

/** The ratio of two medians stays within a bound. @param {string} name @param {string} beside @param {number} bound @returns {Goal} */
export function atMost(name, beside, bound) {
  return {
    text: `${name}: at most ${bound} × ${beside}`,
    holds: (median) => {
      const ratio = median(name) / median(beside);
      return { value: `${ratio.toFixed(2)} ×`, met: ratio <= bound };
    },
  };
}

/** The difference of two medians stays within a bound. @param {string} text @param {[string, string]} names @param {number} bound ms @returns {Goal} */
export function atMostMore(text, [name, beside], bound) {
  return {
    text: `${text}: at most ${bound} ms`,
    holds: (median) => {
      const more = median(name) - median(beside);
      return { value: `${more.toFixed(0)} ms`, met: more <= bound };
    },
  };
}

/** A median stays within a bound. @param {string} name @param {number} bound @param {string} unit @returns {Goal} */
export function within(name, bound, unit) {
  return {
    text: `${name}: at most ${bound} ${unit}`,
    holds: (median) => ({ value: `${median(name).toFixed(0)} ${unit}`, met: median(name) <= bound }),
  };
}
