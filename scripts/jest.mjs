// Runs jest in a process of its own and counts what it says.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ passed: number, failed: number, note?: string }} Counts */

/**
 * A jest that crashed, or that ran no test without being asked for some only, counts as failed.
 * @param {string[]} argv @param {{ env: Record<string, string>, isFiltered: boolean }} how
 * @returns {Promise<Counts>}
 */
export async function runJestTests(argv, { env, isFiltered }) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-jest-'));
  try {
    const outputFile = join(folder, 'results.json');
    // a test that failed half-way may leave a server behind: its layer still ends, and tells of it
    // most tests wait for an engine: with a worker less than there are cores half of the machine would too
    const code = await spawnJest(
      [...argv, '--maxWorkers=100%', '--forceExit', '--json', '--outputFile', outputFile],
      env,
    );
    return countTests(outputFile, { code, isFiltered });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The flags travel in NODE_OPTIONS, because jest's workers need them too.
 * @param {string[]} argv @param {Record<string, string>} env @returns {Promise<number | undefined>} undefined where it was killed
 */
function spawnJest(argv, env) {
  const flags = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [join('node_modules', 'jest', 'bin', 'jest.js'), ...argv], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env, NODE_OPTIONS: flags.filter(Boolean).join(' ') },
  });
  return new Promise((done) => {
    child.on('error', () => done(undefined));
    child.on('close', (code) => done(code ?? undefined));
  });
}

/** @param {string} outputFile @param {{ code: number | undefined, isFiltered: boolean }} run @returns {Counts} */
function countTests(outputFile, { code, isFiltered }) {
  if (!existsSync(outputFile))
    return { passed: 0, failed: 1, note: `jest ended with ${code ?? 'a signal'} and left no result` };
  const {
    numPassedTests: passed,
    numFailedTests,
    numRuntimeErrorTestSuites,
  } = JSON.parse(readFileSync(outputFile, 'utf8'));
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  if (failed === 0 && code !== 0) return { passed, failed: 1, note: `jest ended with ${code ?? 'a signal'}` };
  if (failed === 0 && passed === 0) return { passed, failed: isFiltered ? 0 : 1, note: 'no test ran' };
  return { passed, failed };
}
