// npm run bench [-- --only NAME] [-- -n RUNS] [-- --scale] [-- --beside DIR] [-- --write]: Slipway beside plain docker, in one run.

import { besideActions } from './bench/actions.mjs';
import { CASES } from './bench/cases.mjs';
import { measureCase } from './bench/measure.mjs';
import { describeMachine, openGate, readLoad } from './bench/quiet.mjs';
import { renderCase, writeDocument } from './bench/report.mjs';
import { SCALE } from './bench/scale.mjs';
import { openWorld } from './bench/world.mjs';
import { listenForStop } from './demo/interrupt.mjs';
import { installPackages } from './install.mjs';
import { canBringUp, parseEngineKind } from './testbed/engine.mjs';
import { ensureTestbed } from './testbed/index.mjs';
import { readArguments } from './usage.mjs';

/** @typedef {import('./testbed/engine.mjs').EngineKind} EngineKind */

const RUNS = '9';
const USAGE = `npm run bench                  everything, side by side, on both image stores
npm run bench -- --engine KIND on one engine: default, classic, stable, apart
npm run bench -- --only NAME   one of: ${CASES.map(({ name }) => name).join(', ')}
npm run bench -- -n RUNS       rounds (${RUNS} without)
npm run bench -- --patience S  seconds to wait, all in all, for other work to end (60 without)
npm run bench -- --scale       how cost grows, in place of that: ${SCALE.map(({ name }) => name).join(', ')}
npm run bench -- --beside DIR  beside Docker's own actions too: DIR has metadata-action and build-push-action, with dist
npm run bench -- --write       the figures go to docs/performance.md, those of --scale to docs/scaling.md
The exit status is 1 past a goal.`;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

function parseArguments() {
  const options = /** @type {const} */ ({
    only: { type: 'string' },
    engine: { type: 'string' },
    runs: { type: 'string', short: 'n', default: RUNS },
    patience: { type: 'string', default: '60' },
    scale: { type: 'boolean', default: false },
    beside: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const { values } = readArguments({ options }, USAGE);
  const others = values.beside === undefined ? [] : [besideActions(values.beside)];
  const cases = (values.scale ? SCALE : [...CASES, ...others]).filter(
    ({ name }) => values.only === undefined || name === values.only,
  );
  const runs = readNumber('-n', values.runs);
  const patience = readNumber('--patience', values.patience);
  if (cases.length === 0) throw new Error(`there is no ${JSON.stringify(values.only)}.\n${USAGE}`);
  const engines = chooseEngines(values.engine);
  if (values.write && (values.only !== undefined || (engines.length < 2 && !values.scale)))
    throw new Error('--write needs the whole run on both image stores: leave --only and --engine out');
  return { ...values, cases, runs, patience, engines };
}

/** Both image stores where the second engine can be had. @param {string | undefined} chosen @returns {EngineKind[]} */
function chooseEngines(chosen) {
  if (chosen !== undefined) return [parseEngineKind(chosen)];
  return canBringUp('classic') ? ['default', 'classic'] : ['default'];
}

/** @param {string} name @param {string} text */
function readNumber(name, text) {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`${name} takes a whole number, not ${JSON.stringify(text)}`);
}

/** @returns {Promise<number>} */
async function main() {
  const { engines, scale, write, help, ...how } = parseArguments();
  if (help) {
    say(USAGE);
    return 0;
  }
  installPackages({ log: say });
  const stop = listenForStop(say);
  const measurements = [];
  try {
    for (const kind of engines) measurements.push(await measureOn(kind, stop, how));
  } finally {
    stop.end();
  }
  if (write && measurements.some(({ isQuiet }) => !isQuiet))
    throw new Error('not written: too much other work; try again on a quiet machine');
  if (write) say(`written: ${writeDocument(measurements, scale ? 'scaling' : 'performance')}`);
  const goals = measurements.flatMap(({ measured }) => measured.flatMap((one) => one.goals));
  return goals.some(({ met }) => !met) ? 1 : 0;
}

/**
 * All cases on one engine.
 * @param {EngineKind} kind @param {ReturnType<typeof listenForStop>} stop
 * @param {{ cases: typeof CASES, runs: number, patience: number }} how
 */
async function measureOn(kind, stop, { cases, runs, patience }) {
  const bench = await ensureTestbed({ log: (line) => say(`  ${line}`), engine: kind, want: ['python'] });
  const machine = await describeMachine(bench);
  say(`\n${machine.join('\n')}`);
  const gate = openGate(patience * 1_000);
  const before = readLoad();
  const begun = Date.now();
  const world = await openWorld(bench, stop);
  try {
    const measured = [];
    for (const one of cases) {
      const done = await measureCase(one, world, { runs, gate });
      measured.push(done);
      say(`\n${renderCase(done)}`);
    }
    const load = `load average ${before} before and ${readLoad()} after (this run's own is about 1); ${gate.describe()}`;
    say(`\n${load} (${((Date.now() - begun) / 1000).toFixed(0)} s)`);
    return { store: bench.engine.store, machine, load, measured, isQuiet: gate.isQuiet() };
  } finally {
    await world.close();
  }
}

await main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
    process.exitCode = 1;
  },
);
