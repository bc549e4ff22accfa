// node scripts/docs.mjs [--check]: the tables of README.md that say what action.yml says.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const README = new URL('../README.md', import.meta.url);
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

/** Columns are padded as the formatter pads them. @param {string[]} head @param {string[][]} rows */
function renderTable(head, rows) {
  const cells = [head, ...rows.map((row) => row.map(formatCell))];
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** Text that cannot break out of its cell. @param {string} text */
function formatCell(text) {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
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

function main() {
  const now = readFileSync(README, 'utf8');
  const wanted = renderReadme(now, parse(readFileSync(ACTION, 'utf8')));
  if (now === wanted) return 0;
  if (process.argv.includes('--check')) {
    process.stderr.write(
      `README.md does not say what action.yml says; \`npm run docs\` writes it: ${firstDifference(now, wanted)}\n`,
    );
    return 1;
  }
  writeFileSync(README, wanted);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
