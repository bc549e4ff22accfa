// docs/checks: a page for each rule, and an index by step, from what the rules say of themselves.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { renderTable } from './markdown-table.mjs';

/** @typedef {import('../src/audit/rule.ts').Rule} Rule */
/** @typedef {Rule['stride']} Stride */

/** @type {[Stride, string, string][]} in the order in which a team takes them */
const STEPS = [
  ['working', 'Working', 'The image starts and does what it is for.'],
  ['secure', 'Secure', 'What is in it can do no more harm than it must, and gives nothing away.'],
  ['automated', 'Automated', 'It is built, tested and published without a hand, and fails where it should.'],
  ['debuggable', 'Debuggable', 'One can tell which image runs, and what went wrong in it.'],
  ['operable', 'Operable', 'It starts, stops, answers and recovers as a platform expects.'],
  ['reproducible', 'Reproducible', 'The next build has the same in it.'],
  ['fast', 'Fast to build', 'A change is built in the time that the change takes.'],
  ['small', 'Small', 'Nothing ships that nobody needs.'],
];

const SEVERITIES = ['high', 'medium', 'low', 'info'];

/** @type {Record<Rule['needs'], string>} */
const SOURCES = {
  image: 'read out of the image',
  dockerfile: 'read in the Dockerfile and the build context',
  probes: 'seen by running the image, so `checks: report` does not know it',
};

/** Every rule, as the action has it. @returns {Promise<readonly Rule[]>} */
export async function loadRules() {
  const { build } = await import('rolldown');
  const folder = mkdtempSync(join(tmpdir(), 'slipway-rules-'));
  try {
    const file = join(folder, 'rules.mjs');
    const input = fileURLToPath(new URL('../src/audit/rules.ts', import.meta.url));
    await build({ input, platform: 'node', logLevel: 'warn', output: { file, format: 'esm', codeSplitting: false } });
    return (await import(pathToFileURL(file).href)).rules;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** File name in docs/checks to text. @param {readonly Rule[]} rules @returns {Map<string, string>} */
export function renderCheckPages(rules) {
  const pages = rules.map((rule) => /** @type {const} */ ([`${rule.id}.md`, renderPage(rule)]));
  return new Map([['README.md', renderIndex(rules)], ...pages]);
}

/** @param {Rule} rule */
function renderPage({ id, stride, severity, title, why, remedy, ignoreWhen, needs }) {
  const step = STEPS.find(([name]) => name === stride)?.[1];
  const shown = severity === 'info' ? '`info`, a hint' : severity;
  const ignore = `When ${ignoreWhen}. Then put \`${id}: reason\` into \`checks-ignore\`, or \`# slipway ignore=${id}: reason\` above the line of the Dockerfile: [Ignoring](../checks.md#ignoring).`;
  return `# \`${id}\`

${wrap(`**${title}.** Severity ${shown}; step [${step}](README.md#${anchorOf(step ?? '')}); ${SOURCES[needs]}.`)}

${wrap(why)}

## What to do

\`\`\`text
${remedy}
\`\`\`

## When to ignore it

${wrap(ignore)}
`;
}

/** A paragraph in lines of 120 characters; what is code stays together. @param {string} text */
function wrap(text) {
  const lines = [''];
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > 120) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

/** @param {readonly Rule[]} rules */
function renderIndex(rules) {
  const sections = STEPS.map(([stride, name, meaning]) => {
    const mine = rules
      .filter((rule) => rule.stride === stride)
      .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
    const rows = mine.map(({ id, severity, title, needs }) => [`[\`${id}\`](${id}.md)`, severity, title, needs]);
    const table = renderTable(['check', 'severity', 'finds', 'needs'], rows);
    return `## ${name}\n\n${meaning}${mine.length === 0 ? '' : `\n\n${table}`}`;
  });
  const about = `${rules.length} checks in eight steps; [checks.md](../checks.md) says how they are asked for, held and ignored. \`npm run docs\` writes these pages from the rules themselves.`;
  return `# Checks

${wrap(about)}

${sections.join('\n\n')}
`;
}

/** As GitHub makes it of a heading. @param {string} heading */
function anchorOf(heading) {
  return heading.toLowerCase().replaceAll(' ', '-');
}
