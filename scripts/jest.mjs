// Runs jest in a process of its own and counts what it says.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ passed: number, failed: number, note?: string }} Counts */
/** @typedef {Counts & { red: Red[] }} Result the files that failed, where jest came to its end */
/** @typedef {{ file: string, passed: number, tests: string[] }} Red `tests`: the names of those that failed */

const MOST_REPEATED = 3; // more is no accident

/**
 * A jest that crashed, or that ran no test without being asked for some only, counts as failed.
 * @param {string[]} argv @param {{ env: Record<string, string>, isFiltered: boolean, sharesEngine?: boolean }} how `sharesEngine`: a few files that
 *   fail run once more by themselves, since an engine that two tests use at a time crosses itself; the note names what passed only then
 * @returns {Promise<Counts>}
 */
export async function runJestTests(argv, { env, isFiltered, sharesEngine = false }) {
  // most tests wait for an engine: with a worker less than there are cores half of the machine would too
  const { red, ...first } = await runOnce([...argv, '--maxWorkers=100%'], { env, isFiltered });
  if (!sharesEngine || red.length === 0 || red.length > MOST_REPEATED) return first;
  const files = red.map(({ file }) => file);
  process.stdout.write(`\nonce more, by themselves: ${files.join(' ')}\n`);
  const second = await runOnce(['--runTestsByPath', ...files, '--maxWorkers=1'], { env, isFiltered: false });
  const still = new Set(second.red.flatMap(({ tests }) => tests));
  const mended = red.flatMap(({ tests }) => tests).filter((name) => !still.has(name));
  return {
    passed: first.passed - red.reduce((sum, { passed }) => sum + passed, 0) + second.passed,
    failed: second.failed,
    note: [mended.length > 0 && `FAILED AT FIRST, passed by itself: ${mended.join('; ')}`, second.note]
      .filter(Boolean)
      .join('; '),
  };
}

/** @param {string[]} argv @param {{ env: Record<string, string>, isFiltered: boolean }} how @returns {Promise<Result>} */
async function runOnce(argv, { env, isFiltered }) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-jest-'));
  try {
    const outputFile = join(folder, 'results.json');
    // a test that failed half-way may leave a server behind: its layer still ends, and tells of it
    const code = await spawnJest([...argv, '--forceExit', '--json', '--outputFile', outputFile], env);
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

/** @param {string} outputFile @param {{ code: number | undefined, isFiltered: boolean }} run @returns {Result} */
function countTests(outputFile, { code, isFiltered }) {
  const ended = `jest ended with ${code ?? 'a signal'}`;
  if (!existsSync(outputFile)) return { passed: 0, failed: 1, note: `${ended} and left no result`, red: [] };
  const results = JSON.parse(readFileSync(outputFile, 'utf8'));
  const passed = results.numPassedTests;
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  if (failed === 0 && code !== 0) return { passed, failed: 1, note: ended, red: [] };
  if (failed === 0 && passed === 0) return { passed, failed: isFiltered ? 0 : 1, note: 'no test ran', red: [] };
  return { passed, failed, red: findRed(results.testResults) };
}

/**
 * @param {{ name: string, status: string, assertionResults: { fullName: string, status: string }[] }[]} files
 * @returns {Red[]}
 */
function findRed(files) {
  return files
    .filter(({ status }) => status === 'failed')
    .map(({ name, assertionResults }) => {
      const those = (/** @type {string} */ wanted) => assertionResults.filter(({ status }) => status === wanted);
      const file = relative(ROOT, name);
      const tests = those('failed').map(({ fullName }) => `${file}: ${fullName}`);
      return { file, passed: those('passed').length, tests: tests.length === 0 ? [file] : tests };
    });
}
