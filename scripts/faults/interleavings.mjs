// Two and three runs that write the same tags, on a registry in the process. Needs a Node that runs TypeScript.

/** @typedef {import('./figures.mjs').Figures} Figures */
/** @typedef {import('../../__tests__/support/races/sweep.ts').Swept} Swept */

/**
 * Every order of two writers' requests, the same with a writer dying before each of its requests, and orders of three writers drawn
 * by lot.
 * @param {{ count: number, log: (line: string) => void }} how `count` orders of each case of three; below 1,000 also fewer of the others
 * @returns {Promise<Figures[]>}
 */
export async function interleavings({ count, log }) {
  const { pairs, triples } = await import('../../__tests__/support/races/cases.ts');
  const { sweepCrashes, sweepPair, sweepTriple } = await import('../../__tests__/support/races/sweep.ts');
  const isQuick = count < 1_000;
  /** @type {Figures[]} */
  const all = [];
  const add = (/** @type {string} */ name, /** @type {Swept} */ swept) => {
    const figures = tell(name, swept);
    log(`${name}: ${figures.cases} orders, ${figures.failed.length} failed; ${figures.note}`);
    all.push(figures);
  };
  for (const one of pairs) {
    add(`two writers: ${one.name}`, await sweepPair(one, 'reduced'));
    if (one.small) add(`two writers, every single order: ${one.name}`, await sweepPair(one, 'plain'));
    if (one.small || !isQuick) add(`two writers, one dies: ${one.name}`, await sweepCrashes(one));
  }
  for (const one of triples) add(`three writers: ${one.name}`, await sweepTriple(one, count));
  return all;
}

/** @param {string} name @param {Swept} swept @returns {Figures} */
function tell(name, { orders, open, orphaned, broken, brokenOrders, endings }) {
  const said = [`ends: ${endings.join(' or ')}`];
  if (open > 0) said.push(`${open} in the round trip that stays open`);
  if (orphaned > 0)
    said.push(`${orphaned} left to the next run by a writer that died between a write and its last look`);
  return { name, cases: orders, passed: orders - brokenOrders, failed: [...broken], note: said.join('; ') };
}
