// Runs that are told to stop, at each boundary of their phases and at any time: what is left, what the receipt says, and the same run again.

import { boundaryCases, randomCase, sampleCases } from './signals/cases.mjs';
import { runCase } from './signals/run-case.mjs';
import { openWorld } from './signals/world.mjs';

/** @typedef {{ name: string, cases: number, passed: number, failed: string[], note: string }} Figures */

const AT_ONCE = 3;

/**
 * The figures of `count` cases: the boundaries first, a sample of them where there are more than that, then random moments.
 * @param {{ count: number, log: (line: string) => void }} options
 * @returns {Promise<Figures[]>}
 */
export async function signals({ count, log }) {
  const every = boundaryCases();
  const boundaries = (count < every.length ? sampleCases(every) : every).slice(0, count);
  const random = Array.from({ length: count - boundaries.length }, (_, index) => randomCase(index));
  const world = await openWorld(log);
  try {
    const engine = `${world.bench.engine.version}, ${world.bench.engine.store} store`;
    return [
      await runAll(world, boundaries, { name: 'signals at phase boundaries', note: engine, log }),
      await runAll(world, random, { name: 'signals at random times', note: engine, log }),
    ];
  } finally {
    await world.close();
  }
}

/** @param {import('./signals/world.mjs').World} world @param {import('./signals/cases.mjs').Case[]} cases @param {{ name: string, note: string, log: (line: string) => void }} how @returns {Promise<Figures>} */
async function runAll(world, cases, { name, note, log }) {
  const open = [...cases];
  /** @type {string[]} */
  const failed = [];
  const work = async () => {
    for (let one = open.shift(); one !== undefined; one = open.shift()) {
      const begun = Date.now();
      const faults = await runCase(world, one).catch((error) => [/** @type {Error} */ (error).stack ?? String(error)]);
      const took = `${((Date.now() - begun) / 1_000).toFixed(1)} s`;
      log(faults.length === 0 ? `ok     ${one.name} (${took})` : `FAILED ${one.name} (${took}): ${faults.join('; ')}`);
      if (faults.length > 0) failed.push(`${one.name}: ${faults.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { name, cases: cases.length, passed: cases.length - failed.length, failed, note };
}
