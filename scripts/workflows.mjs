// Which workflows this repository shows to anybody: its own, the examples' and those that README.md and docs/ print.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseDocument } from 'yaml';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ path: string, text: string }} Workflow `path` is relative to the root; of a snippet it says its place in the document */

/** @returns {Workflow[]} */
export function readWorkflows() {
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = [
    '.github/workflows',
    'examples/workflows',
    ...examples.map(({ name }) => `examples/${name}/.github/workflows`),
  ];
  const files = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((name) => /\.ya?ml$/.test(name))
        .map((name) => `${folder}/${name}`),
    );
  const workflows = files.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [...workflows, ...['README.md', ...pages.map((name) => `docs/${name}`)].flatMap(readSnippets)];
}

/** The job that printed steps stand in, so that they are checked like the whole workflows. */
const FRAME = `on: push
permissions: {}
jobs:
  snippet:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: write
    steps:
      - uses: OWNER/slipway@v0
        id: slipway
        with:
          image: ghcr.io/acme/app
`;

/** The workflows and the steps in a document's fenced blocks. @param {string} path @returns {Workflow[]} */
function readSnippets(path) {
  const document = readFileSync(join(ROOT, path), 'utf8');
  return [...document.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(({ 1: text = '', index }) => ({
    path: `${path.replaceAll('/', '-')}-line-${document.slice(0, index).split('\n').length + 1}.yml`,
    text: /^jobs:/m.test(text) ? text : FRAME + text.replaceAll(/^(?=.)/gm, ' '.repeat(6 - text.search(/\S/))),
  }));
}

/** What is wrong with the steps that use Slipway, as people would copy them. @param {Workflow} workflow @returns {string[]} */
export function findWrongSteps({ path, text }, action = readAction()) {
  const problems = [];
  const document = parseDocument(text);
  if (document.errors.length > 0) return document.errors.map(({ message }) => `${path}: ${message}`);
  const { jobs = {}, permissions } = document.toJS();
  for (const [name, job] of Object.entries(jobs)) {
    for (const { uses, with: given = {} } of job.steps ?? []) {
      if (!/^[^/]+\/slipway@/i.test(uses ?? '')) continue;
      for (const input of Object.keys(given))
        if (!(input in action.inputs)) problems.push(`input ${input} does not exist`);
      for (const [input, { required }] of Object.entries(action.inputs))
        if (required && !given[input]) problems.push(`input ${input} is missing`);
      const rights = job.permissions ?? permissions;
      const needed = `${given.push}` === 'false' ? ['contents: read'] : ['contents: read', 'packages: write'];
      for (const right of needed) {
        const [scope, level] = right.split(': ');
        if (rights?.[scope] !== level) problems.push(`job ${name} has no permission ${right}`);
      }
    }
  }
  return problems.map((problem) => `${path}: ${problem}`);
}

function readAction() {
  return parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));
}
