// The releases of one engine, named by SLIPWAY_TESTBED_ENGINE; the last line it prints holds the figures.

import { availableParallelism } from 'node:os';
import { caseOf, judgeAll, planReleaseCases, sample } from '../../__tests__/support/faults/release-cases.ts';
import { openReleases } from '../../__tests__/support/faults/release-run.ts';
import { bench } from '../../__tests__/support/project.ts';
import { Tally } from './figures.mjs';
import { RESULT } from './releases.mjs';

const MOST_WORKERS = 6;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

async function main() {
  const { store, version } = bench.engine;
  const count = Math.min(MOST_WORKERS, Math.max(2, availableParallelism()));
  const workers = await Promise.all(Array.from({ length: count }, openReleases));
  try {
    const [seen = []] = await Promise.all(workers.map((worker) => worker.rehearse()));
    const cases = process.argv.includes('--quick') ? sample[store].slice(0, 6).map(caseOf) : planReleaseCases(seen);
    const tally = new Tally(`releases, ${store} image store`, say);
    await judgeAll(workers, cases, (verdict) => tally.add(verdict));
    say(
      `${RESULT}${JSON.stringify([tally.figures(`Docker Engine ${version}, ${seen.length} requests in a release`)])}`,
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

await main();
process.exit(0); // a release that was ended by its limit may leave a connection open
