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

/** What tests on this engine need in their environment. @param {EngineKind} kind @returns {Promise<Record<string, string>>} */
async function bringUp(kind) {
  const { env } = await ensureTestbed({ log: (line) => say(`  ${line}`), engine: kind, want: ['python'] });
  return { ...env, SLIPWAY_TESTBED_ENGINE: kind };
}

/** @param {EngineKind} kind @param {{ name: string, argv: string[], env: Record<string, string> }} what @returns {Promise<Result>} */
async function runOn(kind, { name, argv, env }) {
  const begun = Date.now();
  const counts = await runJestTests(['--runTestsByPath', ...argv], { env, isFiltered: false });
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
    const env = await bringUp(kind);
    results.push(await runOn(kind, { name: 'contract', argv: CONTRACTS, env }));
    for (const file of files) {
      const name = file.replace('.test.ts', '');
      results.push(await runOn(kind, { name, argv: [join(TESTS, 'e2e', file)], env }));
    }
  }
  if (chosen.length === 0) {
    const env = { ...(await bringUp('apart')), SLIPWAY_SOAK: ROUNDS };
    const argv = [join(TESTS, 'e2e', 'self-hosted.test.ts'), '-t', 'nothing is left'];
    results.push(await runOn('apart', { name: `${ROUNDS} runs`, argv, env }));
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
