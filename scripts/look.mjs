// npm run look [-- NAME…]: pictures of the summaries and comments that the tests hold, as GitHub shows them, for people to look at.
// NAME: only files whose name has it in it. Each picture shows the text twice: light, and below dark with all that folds opened.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { canInstall, installPackages } from './testbed/apt.mjs';
import { finish, run } from './testbed/process.mjs';

const FIXTURES = fileURLToPath(new URL('../__tests__/fixtures/', import.meta.url));
/** A phone, and the column of a job's page on a desk. */
const WIDTHS = [375, 1000];
const MOST_MS = 60_000;

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string[]} words */
function findTexts(words) {
  return ['summaries', 'comments']
    .filter((kind) => existsSync(join(FIXTURES, kind)))
    .flatMap((kind) => readdirSync(join(FIXTURES, kind)).map((file) => ({ kind, file })))
    .filter(({ file }) => file.endsWith('.md') && (words.length === 0 || words.some((word) => file.includes(word))))
    .map(({ kind, file }) => ({
      name: `${kind}-${file.slice(0, -3)}`,
      markdown: readFileSync(join(FIXTURES, kind, file), 'utf8'),
    }));
}

/** @param {string} markdown */
function renderTwice(markdown) {
  const html = micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const opened = html.replaceAll('<details>', '<details open>');
  return `<div class="markdown light">${html}</div><div class="markdown dark">${opened}</div>`;
}

/** @param {string} body */
function page(body) {
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${body}`;
}

async function findBrowser() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const name of names) if ((await finish([name, '--version'])).code === 0) return name;
  if (!canInstall()) throw new Error('install Chromium: it can be installed from here as root on Debian only');
  say('installing chromium from Debian’s packages');
  await installPackages(['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji']);
  return 'chromium';
}

/** @param {string} browser @param {string} folder @param {string[]} args */
function browse(browser, folder, args) {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const fixed = ['--headless', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${join(folder, 'profile')}`];
  return run([browser, ...fixed, ...sandbox, ...args], { timeoutMs: MOST_MS });
}

/**
 * How high each text is at a width: a picture is as large as its window.
 * @param {{ name: string, markdown: string }[]} texts
 * @param {{ browser: string, folder: string, width: number }} how
 */
async function measure(texts, { browser, folder, width }) {
  const boxes = texts.map(({ markdown }) => `<section>${renderTwice(markdown)}</section>`).join('');
  const script = `<script>document.title = [...document.querySelectorAll('section')].map((one) => Math.ceil(one.offsetHeight)).join(' ')</script>`;
  const path = join(folder, `all-${width}.html`);
  writeFileSync(path, page(`<style>section { width: ${width}px }</style>${boxes}${script}`));
  const dom = await browse(browser, folder, ['--dump-dom', pathToFileURL(path).href]);
  return (/<title>([\d ]+)<\/title>/.exec(dom)?.[1] ?? '').split(' ').map(Number);
}

const STYLE = `
  body { margin: 0 }
  .markdown { font: 14px/1.5 "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; padding: 16px; overflow-wrap: break-word }
  .light { color: #1f2328; background: #fff; --line: #d1d9e0; --soft: #f6f8fa; --code: #818b981f; --link: #0969da }
  .dark { color: #f0f6fc; background: #0d1117; --line: #3d444d; --soft: #151b23; --code: #656c7633; --link: #4493f8 }
  h2, h3 { margin: 24px 0 16px; line-height: 1.25; font-weight: 600 } h2 { font-size: 1.5em; padding-bottom: .3em; border-bottom: 1px solid var(--line) }
  h3 { font-size: 1.25em } .markdown > :first-child { margin-top: 0 }
  p, ul, ol, table, pre, blockquote, details { margin: 0 0 16px } ul, ol { padding-left: 2em }
  a { color: var(--link) } blockquote { padding: 0 1em; border-left: .25em solid var(--line) }
  table { border-spacing: 0; border-collapse: collapse; display: block; width: max-content; max-width: 100%; overflow: auto }
  th, td { padding: 6px 13px; border: 1px solid var(--line) } th { font-weight: 600 } tr:nth-child(2n) { background: var(--soft) }
  code, pre { font: 85%/1.45 "DejaVu Sans Mono", ui-monospace, monospace } code { padding: .2em .4em; background: var(--code); border-radius: 6px; white-space: break-spaces }
  pre { padding: 16px; overflow: auto; background: var(--soft); border-radius: 6px } pre code { padding: 0; font-size: inherit; background: none; white-space: pre }
  details { display: block } summary { cursor: pointer } sub { font-size: 75% }
`;

const texts = findTexts(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'slipway-look-'));
mkdirSync(join(folder, 'profile'));
const browser = await findBrowser();
for (const width of WIDTHS) {
  const heights = await measure(texts, { browser, folder, width });
  for (const [at, { name, markdown }] of texts.entries()) {
    const path = join(folder, `${name}-${width}.html`);
    writeFileSync(path, page(renderTwice(markdown)));
    const picture = path.replace(/html$/, 'png');
    const size = `--window-size=${width},${heights[at] ?? 1_000}`;
    await browse(browser, folder, [size, `--screenshot=${picture}`, pathToFileURL(path).href]);
    say(picture);
  }
}
