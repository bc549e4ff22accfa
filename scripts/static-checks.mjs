// The static layer of `npm test`: each check is a program whose exit status says whether it passed.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finish } from './testbed/process.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LIMIT_MS = 10 * 60_000;

/** @typedef {{ name: string, passed: boolean, said: string, ms: number }} Checked */

/** @type {{ name: string, check: () => Promise<string | undefined> }[]} a check returns what is wrong, or undefined */
const CHECKS = [
  { name: 'biome', check: () => checkProgram(['node_modules/.bin/biome', 'check', '.']) },
  { name: 'tsc', check: () => checkProgram(['node_modules/.bin/tsc', '--noEmit']) },
  { name: 'oxlint', check: () => checkProgram(['node_modules/.bin/oxlint', '--type-aware']) },
  { name: 'dist is what the sources build to', check: checkDist },
  {
    name: 'README and docs/checks say what action.yml and the rules say',
    check: () => checkProgram([process.execPath, 'scripts/docs.mjs', '--check']),
  },
  { name: 'workflows: inputs and permissions', check: () => checkWorkflows('inputs') },
  { name: 'workflows: actionlint', check: () => checkWorkflows('actionlint') },
  { name: 'workflows: zizmor', check: () => checkWorkflows('zizmor') },
];

/** All checks side by side, in their order. @returns {Promise<Checked[]>} */
export function runStaticChecks() {
  return Promise.all(
    CHECKS.map(async ({ name, check }) => {
      const begun = Date.now();
      const said = await check().catch((error) => /** @type {Error} */ (error).message);
      return { name, passed: said === undefined, said: said ?? '', ms: Date.now() - begun };
    }),
  );
}

/** @param {string[]} argv @returns {Promise<string | undefined>} */
async function checkProgram(argv) {
  const done = await finish(argv, { cwd: ROOT, timeoutMs: LIMIT_MS });
  if (done.code === 0) return undefined;
  return `${done.stdout}${done.stderr}`.trim() || `${argv[0]} ended with ${done.signal ?? done.code}`;
}

/** @param {string} linter */
function checkWorkflows(linter) {
  return checkProgram([process.execPath, 'scripts/lint-workflows.mjs', linter]);
}

/** Builds again, elsewhere, and compares byte for byte; a file that nothing builds is wrong too. */
async function checkDist() {
  const fresh = mkdtempSync(join(tmpdir(), 'slipway-dist-'));
  try {
    const argv = ['node_modules/.bin/rolldown', '--config', 'rolldown.config.mjs'];
    const done = await finish(argv, { cwd: ROOT, env: { ...process.env, SLIPWAY_DIST: fresh }, timeoutMs: LIMIT_MS });
    if (done.code !== 0)
      return `the build ended with ${done.signal ?? done.code}: ${done.stderr.trim() || done.stdout.trim()}`;
    const [built, committed] = [readFolder(fresh), readFolder(join(ROOT, 'dist'))];
    if (built.size === 0) return 'the build wrote nothing';
    const names = [...new Set([...built.keys(), ...committed.keys()])];
    const stale = names.filter((name) => !built.get(name)?.equals(committed.get(name) ?? Buffer.alloc(0)));
    return stale.length === 0
      ? undefined
      : `dist/${stale.join(', dist/')} is not what the sources build to: \`npm run package\` writes it`;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {Map<string, Buffer>} */
function readFolder(folder) {
  try {
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return new Map();
    throw error;
  }
}
