import { codeOf, errorPage } from '../error-page.ts';
import type { Facts } from '../facts.ts';
import { code, excerpt, link } from '../markdown.ts';
import { shorten } from './blocks.ts';
import { commitPages, prose } from './commit-pages.ts';

const longestLine = 1_000;
const mostLines = 40;

/** What went wrong: a sentence, what is below it as it came, and a link to its page. */
export function renderError(error: Error, facts: Facts): string {
  const [first = '', ...rest] = error.message.split(/\r\n|\n|\r/);
  const shown = rest.slice(0, mostLines).map((line) => excerpt(shorten(line, longestLine)));
  const cut = rest.length > mostLines ? [`… ${rest.length - mostLines} more lines, in the log`] : [];
  const below = shown.length === 0 ? '' : `\n\n<pre>${[...shown, ...cut].join('\n')}</pre>`;
  const page = errorPage(error, facts.home ?? '');
  const more = page === '' ? '' : `\n\n${link(`What ${code(codeOf(error))} means, and the ways out`, page)}`;
  return `${prose(shorten(first, longestLine), commitPages(facts))}${below}${more}`;
}
