// The app of the demo: which folder, which of its files, and what its own workflow tells Slipway to do with it.

import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { finish } from '../testbed/process.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'python-app');
const OURS = new Set(['image', 'push', 'production-branch', 'username', 'password', 'github-token']); // the demo's own to say

/**
 * @typedef {object} Project
 * @property {string} folder
 * @property {string} name
 * @property {string[]} files paths below `folder`: what git tracks, and what it would
 * @property {Record<string, string>} inputs the `with:` block of its workflow, without what belongs to the demo
 * @property {string} because where the inputs come from
 * @property {{ path: string, comment: string } | undefined} source a file to change, and what begins a comment in it
 */

/** The project in a folder; an Error of one line where it cannot be used. @param {string | undefined} given @returns {Promise<Project>} */
export async function findProject(given) {
  const folder = given === undefined ? EXAMPLE : resolve(given);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${given ?? folder} is no folder`);
  const files = await listFiles(folder);
  const { inputs, because } = readInputs(folder, files);
  const dockerfile = inputs.file ?? join(inputs.context ?? '.', 'Dockerfile');
  if (!files.includes(join(dockerfile)))
    throw new Error(
      `${folder} has no Dockerfile that git knows of: looked for ${dockerfile}; a workflow in it that uses Slipway can name another with \`file\``,
    );
  const stage = /^FROM\s.*\sAS\s+test\s*$/im.test(readFileSync(join(folder, dockerfile), 'utf8'));
  const found = because !== undefined || !stage ? inputs : { ...inputs, 'test-target': 'test' };
  return {
    folder,
    name: basename(folder),
    files,
    inputs: found,
    because: because ?? (stage ? 'it has no workflow with Slipway; its stage `test` is the test' : 'it has no tests'),
    source: findSource(files),
  };
}

/** @param {string} folder */
async function listFiles(folder) {
  const listed = await finish(['git', '-C', folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (listed.code !== 0)
    throw new Error(
      `git cannot list the files of ${folder}, and the demo takes a git work tree: ${listed.stderr.trim().split('\n')[0] || `git ended with ${listed.code}`}`,
    );
  const paths = new Set(listed.stdout.split('\0').filter((path) => path !== ''));
  const files = [...paths].filter((path) => isFile(join(folder, path)));
  if (files.length === 0) throw new Error(`${folder} has no files that git knows of, and none that it would take in`);
  return files;
}

/** A deleted file is still tracked, and a submodule is a folder. @param {string} path */
function isFile(path) {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFile() || stat.isSymbolicLink());
}

/**
 * What the first step of a workflow that uses Slipway gives it; expressions of GitHub's are left out.
 * @param {string} folder @param {string[]} files
 * @returns {{ inputs: Record<string, string>, because: string | undefined }}
 */
function readInputs(folder, files) {
  const known = knownInputs();
  for (const path of files.filter((file) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file))) {
    const given = findStep(parseWorkflow(join(folder, path)));
    if (given === undefined) continue;
    const usable = Object.entries(given)
      .filter(([name, value]) => known.has(name) && !OURS.has(name) && !String(value).includes('${{'))
      .map(([name, value]) => [name, String(value)]);
    return { inputs: Object.fromEntries(usable), because: `as ${path} says` };
  }
  return { inputs: {}, because: undefined };
}

/** @param {string} file */
function parseWorkflow(file) {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // a workflow that cannot be read says nothing of Slipway
  }
}

/** @param {any} workflow @returns {Record<string, unknown> | undefined} */
function findStep(workflow) {
  const jobs = Object.values(workflow?.jobs ?? {});
  const steps = jobs.flatMap((job) => (Array.isArray(job?.steps) ? job.steps : []));
  return steps.find((step) => /(^|\/)slipway(@|$)/i.test(step?.uses ?? ''))?.with;
}

/** The example shows all that Slipway will do; an input that this version does not know yet is left out. */
function knownInputs() {
  return new Set(Object.keys(parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')).inputs));
}

const HASH = ['py', 'rb', 'sh', 'pl', 'ex', 'r'];
const SLASHES = ['js', 'mjs', 'cjs', 'ts', 'jsx', 'tsx', 'go', 'rs', 'java', 'kt', 'c', 'cc', 'cpp', 'cs', 'swift'];
const pair = (/** @type {string} */ ending, /** @type {string} */ comment) => /** @type {const} */ ([ending, comment]);
const COMMENTS = new Map([...HASH.map((one) => pair(one, '#')), ...SLASHES.map((one) => pair(one, '//'))]);

/** A source file of the kind there is most of, no test, and as deep as the code lies. @param {string[]} files */
function findSource(files) {
  const isTest = /(^|[/_.])(test|spec)s?[/_.]/;
  const sources = files.filter((file) => COMMENTS.has(ending(file)) && !isTest.test(file));
  const count = (/** @type {string} */ path) => sources.filter((file) => ending(file) === ending(path)).length;
  const depth = (/** @type {string} */ path) => path.split('/').length;
  const [path] = sources.sort((a, b) => count(b) - count(a) || depth(b) - depth(a) || (a < b ? -1 : 1));
  return path === undefined ? undefined : { path, comment: COMMENTS.get(ending(path)) ?? '#' };
}

/** @param {string} path */
function ending(path) {
  return basename(path).split('.').at(-1)?.toLowerCase() ?? '';
}
