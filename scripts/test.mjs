// npm test [-- LAYER… | -- FILE… | -- LAYER… -t PATTERN]: see USAGE.

import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.mjs';
import { runJestTests } from './jest.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAYERS = ['static', 'unit', 'property', 'contract', 'e2e', 'e2e:classic', 'e2e:stable'];
const NEEDS_TESTBED = ['contract', 'e2e', 'e2e:classic', 'e2e:stable'];
/**
 * Layers that run end-to-end tests again on another engine of the test bench: what depends on its image store and on the versions.
 * `npm run test:engines` runs all of them on all engines.
 * @type {Record<string, { engine: import('./testbed/engine.mjs').EngineKind, files: string[] }>}
 */
const ON_ENGINE = {
  'e2e:classic': {
    engine: 'classic',
    files: ['main', 'machine', 'refused', 'logins', 'registries', 'repositories', 'self-hosted', 'faults', 'builders'],
  },
  'e2e:stable': { engine: 'stable', files: ['main', 'machine', 'refused', 'logins', 'build-inputs'] },
};
const USAGE = `npm test                        every layer: ${LAYERS.join(', ')}
npm test -- unit contract       these layers
npm test -- e2e -t "a pattern"  of a layer, the tests whose names match; what begins with - goes to jest with all that follows
npm test -- FILE…               these files below __tests__`;

/** @typedef {{ layers: string[], files: string[], jestArgs: string[] }} Wanted */
/** @typedef {Wanted & { ahead: Promise<void> }} Prepared `ahead`: the test bench is as ready as it can be made */
/** @typedef {import('./jest.mjs').Counts} Counts */
/** @typedef {import('./testbed/engine.mjs').EngineKind} EngineKind */

/** What to run; an Error where a word is neither a layer nor a test. @param {string[]} args @returns {Wanted} */
function parseArguments(args) {
  const dash = args.findIndex((arg) => arg.startsWith('-'));
  const words = dash < 0 ? args : args.slice(0, dash);
  const jestArgs = dash < 0 ? [] : args.slice(dash);
  const files = words
    .filter((word) => !LAYERS.includes(word))
    .map((word) => relative(ROOT, resolve(word)).replaceAll('\\', '/'));
  for (const file of files) {
    if (!LAYERS.includes(layerOf(file)) || !existsSync(join(ROOT, file)))
      throw new Error(`${file} is neither a layer nor a test.\n${USAGE}`);
  }
  const named = LAYERS.filter((layer) => words.includes(layer) || files.some((file) => layerOf(file) === layer));
  const every = jestArgs.length === 0 ? LAYERS : LAYERS.slice(1); // a filter says nothing of static checks
  return { layers: named.length === 0 ? every : named, files, jestArgs };
}

/** @param {string} file */
function layerOf(file) {
  return /^__tests__\/([^/]+)/.exec(file)?.[1] ?? '';
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @returns {Promise<Counts>} */
async function runStatic() {
  const { runStaticChecks } = await import('./static-checks.mjs');
  const checks = await runStaticChecks();
  for (const { name, passed, said, ms } of checks)
    say(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds(ms)})${passed ? '' : `\n${said}`}`);
  return {
    passed: checks.filter(({ passed }) => passed).length,
    failed: checks.filter(({ passed }) => !passed).length,
  };
}

/** One layer by jest; a jest that crashed, or a layer without a test, counts as failed. @param {string} layer @param {Prepared} wanted @returns {Promise<Counts>} */
async function runJest(layer, { files, jestArgs, ahead }) {
  const again = ON_ENGINE[layer];
  const folderName = again === undefined ? layer : 'e2e';
  if (!hasTests(join(ROOT, '__tests__', folderName)))
    return { passed: 0, failed: 1, note: `__tests__/${folderName} holds no test` };
  const kind = await engineOf(layer);
  if (again !== undefined && !(await canRunOn(kind)))
    return { passed: 0, failed: 0, note: `skipped: the engine ${kind} can be brought up as root on Debian only` };
  if (NEEDS_TESTBED.includes(layer)) await ahead;
  const env = NEEDS_TESTBED.includes(layer) ? await bringUpTestbed(kind) : {};
  const ofLayer =
    again === undefined
      ? files.filter((file) => layerOf(file) === layer)
      : again.files.map((name) => `__tests__/e2e/${name}.test.ts`);
  const paths = ofLayer.length > 0 ? ['--runTestsByPath', ...ofLayer] : [`__tests__/${layer}/`];
  const isFiltered = jestArgs.length > 0;
  const sharesEngine = NEEDS_TESTBED.includes(layer) && !isFiltered;
  return runJestTests([...paths, ...jestArgs], { env, isFiltered, sharesEngine });
}

/** @param {string} folder */
function hasTests(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => `${name}`.endsWith('.test.ts'));
}

/** @param {string} layer @returns {Promise<EngineKind>} */
async function engineOf(layer) {
  if (layer !== 'e2e') return ON_ENGINE[layer]?.engine ?? 'default';
  const { parseEngineKind } = await import('./testbed/engine.mjs');
  return parseEngineKind(process.env.SLIPWAY_TESTBED_ENGINE || 'default');
}

/** @param {EngineKind} kind */
async function canRunOn(kind) {
  const { canBringUp } = await import('./testbed/engine.mjs');
  return canBringUp(kind);
}

/** @param {Wanted} wanted */
async function prepareTestbed({ layers, files, jestArgs }) {
  const those = layers.filter((layer) => NEEDS_TESTBED.includes(layer));
  if (those.length === 0) return;
  const { prepareAhead } = await import('./testbed/ahead.mjs');
  const kinds = [...new Set(await Promise.all(those.map(engineOf)))];
  const isWhole = those.includes('e2e') && files.length === 0 && jestArgs.length === 0;
  await prepareAhead({ kinds, isWhole, log: (line) => say(`  ${line}`) });
}

/** @param {EngineKind} kind @returns {Promise<Record<string, string>>} */
async function bringUpTestbed(kind) {
  const { EXTRAS, ensureTestbed } = await import('./testbed/index.mjs');
  const { obtainBuildkit } = await import('./testbed/buildkit.mjs');
  const log = (/** @type {string} */ line) => say(`  ${line}`);
  const { env } = await ensureTestbed({ log, engine: kind, want: kind === 'default' ? EXTRAS : [] });
  if (await canRunOn('default')) await obtainBuildkit(log); // minutes the first time, longer than a test may wait
  return { ...env, SLIPWAY_TESTBED_ENGINE: kind };
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @param {Prepared} wanted @returns {Promise<Counts>} */
async function runLayers(wanted) {
  const total = { passed: 0, failed: 0 };
  const lines = [];
  for (const layer of wanted.layers) {
    say(`\n== ${layer}`);
    const begun = Date.now();
    const counts = await (layer === 'static' ? runStatic() : runJest(layer, wanted)).catch((error) => {
      return { passed: 0, failed: 1, note: /** @type {Error} */ (error).message };
    });
    total.passed += counts.passed;
    total.failed += counts.failed;
    lines.push(
      `${layer.padEnd(11)} ${seconds(Date.now() - begun).padStart(8)}  ${counts.passed} passed, ${counts.failed} failed${counts.note ? `: ${counts.note}` : ''}`,
    );
    say(lines.at(-1) ?? '');
  }
  if (lines.length > 1) say(`\n${lines.join('\n')}`);
  return total;
}

async function main() {
  const wanted = parseArguments(process.argv.slice(2));
  installPackages({ log: say });
  const ahead = prepareTestbed(wanted);
  ahead.catch(() => {}); // the layer that needs it tells of it
  return runLayers({ ...wanted, ahead });
}

const total = await main().catch((error) => {
  say(/** @type {Error} */ (error).message);
  return { passed: 0, failed: 1 };
});
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
say(`${total.passed} passed, ${total.failed} failed`);
