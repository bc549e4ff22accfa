// The demo's text: a block for each run, the registry's listing, the proof.

import { bold } from './log-view.mjs';

/** @typedef {import('./world.mjs').DemoRun} DemoRun */

/** @param {string} name @param {string} text */
function row(name, text) {
  return `  ${name.padEnd(9)}${text}`;
}

/** @param {string} name @param {string[]} texts */
function rows(name, texts) {
  return texts.map((text, at) => row(at === 0 ? name : '', text));
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @param {string} title */
export function renderHeading(title) {
  return `\n${bold(`── ${title} ${'─'.repeat(Math.max(3, 90 - title.length))}`)}`;
}

/**
 * A run as its receipt and outputs tell it.
 * @param {DemoRun} run
 * @param {{ event: import('./world.mjs').GitHubEvent, ref: string, tags: Map<string, string> }} asked `tags`: what the registry held before
 * @returns {string[]}
 */
export function renderRun({ main, post, receipt, outputs }, { event, ref, tags: held }) {
  const head = [row('event', `${event.name} at ${event.sha.slice(0, 12)}`), row('ref', JSON.stringify(ref))];
  const took = row('took', `${seconds(main.ms)}, tidying up ${seconds(post?.ms ?? 0)}`);
  if (receipt === undefined) return [...head, took];
  const width = Math.max(0, ...receipt.tags.map((/** @type {any} */ { tag }) => tag.length));
  const tags = receipt.tags.map(
    (/** @type {any} */ { tag, outcome, before }) =>
      `${tag.padEnd(width)}  ${outcome}${outcome === 'moved' ? ` from ${short(before)}` : ''}`,
  );
  return [
    ...head,
    row('role', `${receipt.role ?? 'none'}`),
    ...rows('tags', tags.length === 0 ? ['none'] : tags),
    row('digest', outputs.digest || 'none'),
    row('cached', renderCache(receipt.image, outputs['cache-from'] ?? '', held)),
    ...rows('tests', renderTests(receipt.tests)),
    took,
  ];
}

/** @param {any} image @param {string} from references by digest, one a line @param {Map<string, string>} held */
function renderCache(image, from, held) {
  if (image === null) return 'nothing was built';
  if (image.reused) return 'all of it: the image was there already';
  const digests = from.split('\n').flatMap((reference) => reference.split('@')[1] ?? []);
  const nameOf = (/** @type {string} */ digest) => [...held].find(([, one]) => one === digest)?.[0] ?? 'no tag';
  const offered = digests.map((digest) => `${nameOf(digest)} (${short(digest)})`);
  const source = offered.length === 0 ? "the engine's own cache alone" : `cache source ${offered.join(', ')}`;
  return `${image.steps.cached} of ${image.steps.total} steps; ${source}`;
}

/** @param {{ kind: string, command: string, passed: boolean, ms: number }[]} tests @returns {string[]} */
function renderTests(tests) {
  if (tests.length === 0) return ['none'];
  return tests.map(({ kind, command, passed, ms }) => {
    const [first = '', ...more] = command.trim().split('\n');
    const text = `${first.slice(0, 60)}${more.length > 0 || first.length > 60 ? ' …' : ''}`;
    return `${passed ? 'passed' : 'FAILED'}  ${kind.padEnd(11)}  ${text} (${seconds(ms)})`;
  });
}

/** Tags that hold one digest stand together. @param {Map<string, string>} tags @returns {string[]} */
export function renderListing(tags) {
  const width = Math.max(...[...tags.keys()].map((tag) => tag.length), 0);
  return [...tags].map(([tag, digest]) => `  ${tag.padEnd(width)}  ${digest}`);
}

/** @param {ReturnType<typeof import('./proof.mjs').proveUntouched>} proof @param {{ branch: string, planted: boolean }} run @returns {string[]} */
export function renderProof({ kept, written, touched, requests }, { branch, planted }) {
  const width = Math.max(...kept.map(({ tag }) => tag.length), 0);
  const digests = kept.map(({ tag, before, after }) =>
    before === after
      ? `${tag.padEnd(width)}  ${before}  the same before and after`
      : `${tag.padEnd(width)}  ${before} → ${after}  MOVED`,
  );
  return [
    ...digests.map((line) => `  ${line}`),
    `  access log of that time, ${requests} requests; writes to tags: ${written.join(', ') || 'none'}`,
    `  writes to a tag of main's: ${touched.join(', ') || 'none'}`,
    `  the branch ${JSON.stringify(branch)} ${planted ? 'RAN A COMMAND' : 'was text and nothing else: it made no file'}`,
  ];
}

/** @param {string} digest */
function short(digest) {
  return digest.slice(0, 'sha256:'.length + 12);
}
