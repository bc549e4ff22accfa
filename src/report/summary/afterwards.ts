import { code } from '../markdown.ts';
import type { ToldReceipt, ToldTag } from '../unfinished.ts';
import { fitBlocks, renderTable, shorten } from './blocks.ts';
import { prose } from './commit-pages.ts';

/** What post adds to the job's summary where main was ended before it could tell, or left a tag in doubt.
 * @param receipt what main left; undefined where it left none
 * @param tags those that were looked at, as they stand */
export function renderAfterwards(
  receipt: Pick<ToldReceipt, 'unfinished'> | undefined,
  tags: readonly ToldTag[],
): string {
  const rows = tags.map(
    ({ repository, tag, after, outcome, reason }) =>
      `| ${code(`${repository}:${tag}`)} | ${outcome}${reason === '' ? '' : `: ${prose(shorten(reason, 500), '')}`} | ${after === null ? '—' : code(after)} |`,
  );
  return fitBlocks([
    {
      name: 'the verdict',
      text:
        receipt?.unfinished === false ? '## 🔎 Slipway: tags that were in doubt' : '## ⏹️ Slipway: ended from outside',
    },
    {
      name: 'why',
      text: tags.length === 0 ? tellNothing(receipt) : 'Read from the registry afterwards:',
    },
    { name: 'the tags', text: renderTable(['tag', 'what happened', 'now'], rows, 'tags') },
    {
      name: 'what to do next',
      text: '**What to do next**\n\n- Run it again: what was written stays, what is missing is added',
    },
  ]);
}

function tellNothing(receipt: object | undefined): string {
  return receipt === undefined
    ? 'It left no receipt, which is written before any tag is: nothing was published.'
    : 'It had not come to any tag: nothing was published.';
}
