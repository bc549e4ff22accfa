// The figures as text, and as a page of the documentation.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./measure.mjs').Measured} Measured */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {Measured} measured */
export function renderCase({ title, unit, rows, goals }) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const head = `  ${''.padEnd(width)}  ${['min', 'median', 'max'].map((word) => word.padStart(8)).join('')}  ratio`;
  const lines = rows.map(({ name, summary, ratio }) => {
    const figures = [summary.min, summary.median, summary.max].map((ms) => whole(ms).padStart(8)).join('');
    return `  ${name.padEnd(width)}  ${figures}  ${ratio === undefined ? '' : `${ratio.toFixed(2)} ×`}`.trimEnd();
  });
  const ends = goals.map(({ text, value, met }) => `  ${met ? 'met   ' : 'MISSED'}  ${text}; it is ${value}`);
  return [`${title} (${unit}, ${runsOf(rows)})`, head, ...lines, ...ends].join('\n');
}

/** @typedef {{ store: string, machine: string[], load: string, measured: Measured[] }} Measurement all cases on one engine */

const HOW = [
  'its table (A, B, C, A, B, C, …) on one engine and one registry on loopback, after a round that does not count. Slipway is',
  'main plus post, each started as the runner starts it, from the start of the process to its end; the app is a few files on',
  'busybox, so that nothing hides what Slipway itself costs. A real build, a real test and a real network make the ratios smaller.',
  'Slipway also takes its image out of the engine again (post); plain docker leaves it there.',
];

const CHOICES = [
  '',
  '## Choices behind the figures',
  '',
  '- **When the cache is written.** After publication, by a solve of its own: in the first one it would be public before the tests',
  '  have passed. It is left as it is where no step of the image ran and it has every layer of it; a commit that makes a new layer',
  '  pays for the second solve.',
  '- **What is in it.** On the containerd image store the layers of all stages (`mode=max`), so that a branch that changes an early step',
  '  of the last stage does not run the others again. On the classic store, which writes no such cache, the image carries its own.',
  '- **Compression.** Image and cache are both gzip. Layers keep the compression they have: with zstd for the cache alone, an image',
  '  whose layers came from the cache would have another digest than one whose layers were made. zstd for both made a cold',
  '  build 15 % shorter on a builder of its own, and engines before Docker 23.0 and containerd 1.5 cannot pull such an image.',
  '- **How an image is read for its checks.** Blob by blob, two layers at a time and each verified, where the engine keeps images in',
  '  containerd’s store and hands its blobs out (`POST /grpc`, as buildx asks): 4.1 s became 2.0 s for 300 MB on two cores. For an',
  '  archive (`docker save`) such an engine fetches each 32 KiB by a call of its own; others are asked for one all the same.',
];

const PAGES = {
  performance: [
    '# How fast Slipway is',
    '',
    'Measured by `npm run bench -- --write`, which wrote this page. Each row of a table was measured in turn with the others of',
    ...HOW,
    'How cost grows with tags, repositories, megabytes, files and versions is measured by `npm run bench -- --scale`.',
  ],
  scaling: [
    '# How the cost of Slipway grows',
    '',
    'Measured by `npm run bench -- --scale --write`, which wrote this page. Each row of a table was measured in turn with the others of',
    ...HOW,
  ],
};

/** Writes a page of docs; the result is its path. @param {Measurement[]} measurements @param {keyof typeof PAGES} page */
export function writeDocument(measurements, page) {
  const path = join(ROOT, 'docs', `${page}.md`);
  const end = page === 'performance' ? CHOICES : [];
  const text = [...PAGES[page], ...measurements.flatMap(renderMeasurement), ...end, ''].join('\n');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return relative(ROOT, path);
}

/** @param {Measurement} measurement */
function renderMeasurement({ store, machine, load, measured }) {
  return [
    '',
    `## On the ${store} image store`,
    '',
    ...machine.map((line) => `- ${line}`),
    `- ${new Date().toISOString().slice(0, 10)}, ${load}`,
    ...measured.flatMap(renderSection),
  ];
}

/** @param {Measured} measured */
function renderSection({ title, unit, rows, goals }) {
  return [
    '',
    `### ${title}`,
    '',
    `In ${unit}, ${runsOf(rows)}.`,
    '',
    '| | minimum | median | maximum | ratio of medians |',
    '| --- | ---: | ---: | ---: | --- |',
    ...rows.map(({ name, summary: { min, median, max }, ratio, beside }) => {
      const compared = ratio === undefined ? '' : `${ratio.toFixed(2)} × \`${beside}\``;
      return `| ${name} | ${whole(min)} | ${whole(median)} | ${whole(max)} | ${compared} |`;
    }),
    '',
    ...goals.map(({ text, value, met }) => `- Goal: ${text}. Here ${value}: ${met ? 'met' : 'missed'}.`),
  ];
}

/** @param {Measured['rows']} rows */
function runsOf(rows) {
  const runs = rows[0]?.summary.runs;
  return runs === 1 ? 'one run each' : `${runs} runs each, in turn`;
}

/** @param {number} ms */
function whole(ms) {
  return ms.toFixed(0);
}
