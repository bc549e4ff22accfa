// npm run test:faults [-- PART… --quick]: see USAGE.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, readLoad } from './bench/quiet.mjs';
import { keepRun, renderReliability } from './faults/report.mjs';
import { installPackages } from './install.mjs';
import { ensureTestbed } from './testbed/index.mjs';
import { obtainNode24 } from './testbed/node24.mjs';
import { finish } from './testbed/process.mjs';
import { findRegistryProgram } from './testbed/registry-program.mjs';

/** @typedef {import('./faults/figures.mjs').Figures} Figures */
/** @typedef {import('./faults/figures.mjs').How} How */
/** @typedef {import('./faults/report.mjs').Run} Run */

const DOCS = fileURLToPath(new URL('../docs', import.meta.url));
/** Each part in its turn; they share one engine. @type {Record<string, (how: How) => Promise<Figures[]>>} */
const PARTS = {
  client: async (how) => (await import('./faults/client.mjs')).client(how),
  interleavings: async ({ quick, log }) =>
    (await import('./faults/interleavings.mjs')).interleavings({ count: quick ? 200 : 10_000, log }),
  log: async (how) => (await import('./faults/tests.mjs')).log(how),
  releases: async (how) => (await import('./faults/releases.mjs')).releases('default', how),
  'releases-classic': async (how) => (await import('./faults/releases.mjs')).releases('classic', how),
  signals: async ({ quick, log }) => (await import('./faults/signals.mjs')).signals({ count: quick ? 4 : 200, log }),
  hostile: async (how) => (await import('./faults/tests.mjs')).hostile(how),
};
const USAGE = `npm run test:faults             every part: ${Object.keys(PARTS).join(', ')}
npm run test:faults -- PART…    these parts; the page keeps the others as they were
npm run test:faults -- --quick  a few cases of each part; nothing is written, but with --write
Each part that ends is written to docs/reliability.json and .md.`;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

function parseArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  for (const name of positionals)
    if (!(name in PARTS)) throw new Error(`there is no part ${JSON.stringify(name)}.\n${USAGE}`);
  const parts = Object.entries(PARTS).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  return { ...values, parts, write: values.write || !values.quick };
}

/** A part that breaks counts as a case that failed: the others go on. @param {string} name @param {(how: How) => Promise<Figures[]>} part @param {boolean} quick */
async function runPart(name, part, quick) {
  say(`== ${name}`);
  try {
    return await part({ quick, log: say });
  } catch (error) {
    const failed = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return [{ name, cases: 1, passed: 0, failed, note: 'the part itself broke' }];
  }
}

/** The machine and every program whose version matters. */
async function describe() {
  const bench = await ensureTestbed({ log: say, want: ['python'] });
  Object.assign(process.env, bench.env); // for the tests of jest's
  const program = findRegistryProgram();
  const version = program === undefined ? '' : (await finish([program, '--version'], {})).stdout.trim();
  const registry = /(\d+\.\d+\.\d+\S*)/.exec(version)?.[1] ?? 'of unknown version';
  return [...(await describeMachine(bench)), `CNCF distribution ${registry}`];
}

async function main() {
  const { parts, quick, help, write } = parseArguments();
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const programs = await describe();
  /** @type {Run[]} */
  const runs = [];
  for (const [part, work] of parts) {
    const begun = Date.now();
    const load = readLoad();
    const figures = await runPart(part, work, quick);
    const minutes = Math.round((Date.now() - begun) / 60_000);
    const machine = [...programs, `load average ${load} before and ${readLoad()} after`];
    const run = { part, quick, date: new Date().toISOString().slice(0, 10), minutes, machine, figures };
    runs.push(run);
    if (write) writePage(run);
  }
  process.stdout.write(`\n${renderReliability(runs)}`);
  const all = runs.flatMap(({ figures }) => figures);
  return all.some(({ failed, cases, passed }) => failed.length > 0 || passed < cases) ? 1 : 0;
}

/** A part at a time: what was measured is kept whatever comes after it. @param {Run} run */
function writePage(run) {
  const [json, page] = ['reliability.json', 'reliability.md'].map((name) => join(DOCS, name));
  const before = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : [];
  const runs = keepRun(before, run, Object.keys(PARTS));
  writeFileSync(json, `${JSON.stringify(runs, null, 2)}\n`);
  writeFileSync(page, renderReliability(runs));
}

/** Runs this program on a Node that understands TypeScript, which the parts are made of. */
async function onNode24() {
  installPackages({ log: say });
  const node = await obtainNode24(say);
  if (node === process.execPath) return main();
  const again = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' });
  return again.status ?? 1;
}

await onNode24().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
