// node scripts/docs.mjs [--check]: the tables of README.md that say what action.yml says, and docs/checks, which says what the rules say.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { renderTable } from './markdown-table.mjs';

const README = new URL('../README.md', import.meta.url);
const CHECKS = new URL('../docs/checks/', import.meta.url);
const ACTION = new URL('../action.yml', import.meta.url);

/**
 * The text with the tables of this action between its markers.
 * @param {string} readme
 * @param {{ inputs: Record<string, { description: string, default?: string, required?: boolean }>, outputs: Record<string, { description: string }> }} action
 */
export function renderReadme(readme, action) {
  const inputs = Object.entries(action.inputs).map(([name, { description, default: fallback, required }]) => [
    `\`${name}\``,
    required ? 'required' : fallback === undefined ? '—' : `\`${fallback}\``,
    description,
  ]);
  const outputs = Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description]);
  const withInputs = replaceBetween(readme, 'inputs', renderTable(['input', 'default', 'meaning'], inputs));
  return replaceBetween(withInputs, 'outputs', renderTable(['output', 'meaning'], outputs));
}

/** @param {string} text @param {string} name @param {string} content */
function replaceBetween(text, name, content) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md has no ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`;
}

/** The first line that differs, for people who wonder what is stale. @param {string} now @param {string} wanted */
function firstDifference(now, wanted) {
  const [is, should] = [now.split('\n'), wanted.split('\n')];
  const at = should.findIndex((line, index) => line !== is[index]);
  return `line ${at + 1}\n  is      ${is[at] ?? ''}\n  should  ${should[at] ?? ''}`;
}

/** Every document that is written by this script, with what it should say; undefined where it should not be there.
 * @returns {Promise<{ name: string, url: URL, now: string | undefined, wanted: string | undefined }[]>} */
async function listDocuments() {
  const { loadRules, renderCheckPages } = await import('./check-pages.mjs');
  const readme = readFileSync(README, 'utf8');
  const pages = renderCheckPages(await loadRules());
  mkdirSync(CHECKS, { recursive: true });
  const there = readdirSync(CHECKS);
  const names = [...new Set([...pages.keys(), ...there])].sort();
  return [
    { name: 'README.md', url: README, now: readme, wanted: renderReadme(readme, parse(readFileSync(ACTION, 'utf8'))) },
    ...names.map((name) => {
      const url = new URL(name, CHECKS);
      const now = there.includes(name) ? readFileSync(url, 'utf8') : undefined;
      return { name: `docs/checks/${name}`, url, now, wanted: pages.get(name) };
    }),
  ];
}

/** @param {string[]} args */
async function main(args) {
  if (args.some((arg) => arg !== '--check')) {
    process.stderr.write('usage: node scripts/docs.mjs [--check]\n');
    return 2;
  }
  const stale = (await listDocuments()).filter(({ now, wanted }) => now !== wanted);
  if (args.includes('--check')) {
    for (const { name, now, wanted } of stale) process.stderr.write(`${name} ${tellStale(now, wanted)}\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const { url, wanted } of stale)
    if (wanted === undefined) rmSync(url);
    else writeFileSync(url, wanted);
  return 0;
}

/** @param {string | undefined} now @param {string | undefined} wanted */
function tellStale(now, wanted) {
  const write = '`npm run docs` writes it';
  if (wanted === undefined) return 'is about no rule: `npm run docs` removes it';
  if (now === undefined) return `is missing: ${write}`;
  return `does not say what action.yml or the rules say; ${write}: ${firstDifference(now, wanted)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
