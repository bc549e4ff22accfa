// npm run test:engines [-- KIND…]: every end-to-end test, and what the engine has promised, on every engine of the test bench; and then
// the runs that must leave nothing.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.mjs';
import { runJestTests } from './jest.mjs';
import { parseEngineKind } from './testbed/engine.mjs';
import { ensureTestbed } from './testbed/index.mjs';

/** @typedef {import('./testbed/engine.mjs').EngineKind} EngineKind */
/** @typedef {import('./jest.mjs').Counts & { kind: EngineKind, name: string, ms: number }} Result */

const TESTS = fileURLToPath(new URL('../__tests__', import.meta.url));
const CONTRACTS = ['engine', 'engine-containers', 'buildx'].map((name) => join(TESTS, 'contract', `${name}.test.ts`));
/** @type {EngineKind[]} */
const KINDS = ['default', 'classic', 'stable'];
const ROUNDS = '50';

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {EngineKind} kind @param {Record<string, string>} more @param {{ name: string, argv: string[] }} what @returns {Promise<Result>} */
async function runOn(kind, more, { name, argv }) {
  const begun = Date.now();
  const { env } = await ensureTestbed({ log: (line) => say(`  ${line}`), engine: kind, want: ['python'] });
  const all = { ...env, ...more, SLIPWAY_TESTBED_ENGINE: kind };
  const counts = await runJestTests(['--runTestsByPath', ...argv], { env: all, isFiltered: false });
  const result = { kind, name, ms: Date.now() - begun, ...counts };
  say(renderResult(result));
  return result;
}

/** @param {Result} result */
function renderResult({ kind, name, ms, passed, failed, note }) {
  const text = `${kind.padEnd(8)} ${name.padEnd(16)} ${(ms / 1000).toFixed(1).padStart(7)} s  ${passed} passed, ${failed} failed`;
  return note === undefined ? text : `${text}: ${note}`;
}

async function main() {
  const chosen = process.argv.slice(2).map(parseEngineKind);
  installPackages({ log: say });
  const files = readdirSync(join(TESTS, 'e2e')).filter((name) => name.endsWith('.test.ts'));
  /** @type {Result[]} */
  const results = [];
  for (const kind of chosen.length === 0 ? KINDS : chosen) {
    results.push(await runOn(kind, {}, { name: 'contract', argv: CONTRACTS }));
    for (const file of files)
      results.push(await runOn(kind, {}, { name: file.replace('.test.ts', ''), argv: [join(TESTS, 'e2e', file)] }));
  }
  if (chosen.length === 0) {
    const argv = [join(TESTS, 'e2e', 'self-hosted.test.ts'), '-t', 'nothing is left'];
    results.push(await runOn('apart', { SLIPWAY_SOAK: ROUNDS }, { name: `${ROUNDS} runs`, argv }));
  }
  say(`\n${results.map(renderResult).join('\n')}`);
  const sum = (/** @type {'passed' | 'failed'} */ what) => results.reduce((total, one) => total + one[what], 0);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
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
