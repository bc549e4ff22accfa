// Parts of the sweep that are tests of jest's: hostile code, and the log.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runJestTests } from '../jest.mjs';

/** @typedef {import('./figures.mjs').Figures} Figures */

const TESTS = fileURLToPath(new URL('../../__tests__', import.meta.url));
const FUZZ = 10;

/** Every attack, as test, test-image, verify and test-target. @param {import('./figures.mjs').How} how */
export async function hostile({ quick }) {
  const files = readdirSync(join(TESTS, 'e2e')).filter((name) => name.startsWith(quick ? 'hostile-names' : 'hostile'));
  return [
    await count('hostile code', 'real runs', {
      files: files.map((name) => join(TESTS, 'e2e', name)),
    }),
  ];
}

/** The log's filter, with ten times the lines of `npm test`. @param {import('./figures.mjs').How} how */
export async function log({ quick }) {
  const scale = quick ? 1 : FUZZ;
  const note = `${100_000 * scale} lines through the runner's own command parser`;
  return [
    await count('log', note, { files: [join(TESTS, 'property', 'log.test.ts')], env: { SLIPWAY_FUZZ: String(scale) } }),
  ];
}

/** @param {string} name @param {string} note @param {{ files: string[], env?: Record<string, string> }} what @returns {Promise<Figures>} */
async function count(name, note, { files, env = {} }) {
  const {
    passed,
    failed,
    note: trouble,
  } = await runJestTests(['--runTestsByPath', ...files], { env, isFiltered: false });
  const names =
    failed === 0
      ? []
      : [`${failed} tests of ${files.length} files failed${trouble === undefined ? '' : `: ${trouble}`}`];
  return { name, cases: passed + failed, passed, failed: names, note };
}
