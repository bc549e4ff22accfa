import type { Result, Spot } from '../../audit/assessment.ts';
import { worstFirst } from '../../audit/hold.ts';
import { planScore, type Score, type StrideScore } from '../../audit/score.ts';
import { checkPage } from '../check-page.ts';
import { countOpen, groupReasons, strideNames, tellReached, tellScore } from '../check-words.ts';
import type { Facts } from '../facts.ts';
import { code, link } from '../markdown.ts';
import { fold, renderList, renderTable, shorten } from './blocks.ts';
import { prose, upperFirst } from './commit-pages.ts';

const mostSpots = 10;
const mostFindings = 100;
const longestDetail = 500;

/** How the image stands at each step, what was found with a way out, and what was not looked at; why, where nothing was. */
export function renderChecks({ audit, unchecked, home = '' }: Facts): string {
  if (audit === undefined)
    return unchecked === undefined ? '' : `### Checks\n\nThe image is not checked: ${prose(unchecked, '')}.`;
  const { results } = audit;
  const score = planScore(results);
  const isMinor = ({ check }: Result): boolean => check.severity === 'low' || check.severity === 'info';
  const open = worstFirst(results.filter(({ state }) => state === 'open'));
  const [minor, grave] = [open.filter(isMinor), open.filter((one) => !isMinor(one))];
  return [
    '### Checks',
    renderNext(score, home),
    renderTable(
      ['step', 'passed', 'found', 'next'],
      score.strides.map((one) => renderStride(one, home)),
      'steps',
    ),
    renderFindings(grave, home),
    minor.length === 0 ? '' : fold(countOpen(minor), renderFindings(minor, home)),
    renderIgnored(results),
    renderUnanswered(results, 'unknown', 'could not be found out'),
    renderUnanswered(results, 'not-applicable', 'not applicable'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderNext(score: Score, home: string): string {
  const next = score.next === undefined ? '' : ` **Next:** ${showTitle(score.next, home)}.`;
  return `${upperFirst(tellReached(score))}.${next}`;
}

function renderStride(score: StrideScore, home: string): string {
  const { stride, open, unknown, ignored } = score;
  const [next] = open;
  const found = [countOpen(open), unknown === 0 ? '' : `${unknown} unknown`, ignored === 0 ? '' : `${ignored} ignored`];
  const shown = next === undefined ? '' : showTitle(next, home);
  return `| ${markOf(score)} ${strideNames[stride]} | ${tellScore(score)} | ${found.filter((one) => one !== '').join(', ')} | ${shown} |`;
}

function markOf({ asked, passed, unknown, open }: StrideScore): string {
  if (open.some(({ check }) => check.severity === 'high')) return '❌';
  if (passed + unknown < asked) return '⚠️';
  if (unknown > 0) return '❔';
  return asked === 0 ? '➖' : '✅';
}

function showTitle({ check }: Result, home: string): string {
  const [page, title] = [checkPage(check, home), prose(check.title, '')];
  return page === '' ? title : link(title, page);
}

function renderFindings(results: readonly Result[], home: string): string {
  const shown = results.slice(0, mostFindings).map((one) => renderFinding(one, home));
  const more = results.length - shown.length;
  return [...shown, ...(more > 0 ? [`… ${more} more, in the SARIF file`] : [])].join('\n\n');
}

function renderFinding(result: Result, home: string): string {
  const { check, spots, ignored } = result;
  const { id, severity, title, why, remedy } = check;
  const page = checkPage(check, home);
  const shown = spots.slice(0, mostSpots).map(showSpot);
  const more = spots.length - shown.length;
  const about = page === '' ? [] : [link(`About ${code(id)}`, page)];
  const leave = `to leave it out: ${code(`${id}: reason`)} in ${code('checks-ignore')}`;
  const body = [
    why === '' ? '' : prose(why, ''),
    [...shown, ...(more > 0 ? [`… ${more} more`] : [])].map((one) => `- ${one}`).join('\n'),
    ignored === 0 ? '' : `${ignored} more ignored.`,
    fence(remedy),
    `${upperFirst([...about, leave].join('; '))}.`,
  ];
  const name = severity === 'info' ? '💡 hint' : `${severity === 'high' ? '❌' : '⚠️'} ${severity}`;
  return fold(`${name}: ${prose(title, '')}`, body.filter((part) => part !== '').join('\n\n'));
}

function showSpot({ detail, place }: Spot): string {
  const at = place === undefined ? '' : ` ${code(`${place.file}:${place.line}`)}`;
  return `${prose(shorten(detail, longestDetail), '')}${at}`;
}

/** GitHub puts a button to copy beside it. */
function fence(remedy: string): string {
  return remedy === '' ? '' : `\`\`\`\n${remedy.replaceAll('```', "'''")}\n\`\`\``;
}

function renderIgnored(results: readonly Result[]): string {
  const ignored = results.filter(({ state }) => state === 'ignored');
  const items = ignored.map(
    ({ check, because }) =>
      `${code(check.id)}: ${because === '' ? 'without a reason' : prose(shorten(because, longestDetail), '')}`,
  );
  return items.length === 0 ? '' : fold(`${items.length} ignored`, renderList(items, 'ignored'));
}

function renderUnanswered(results: readonly Result[], state: Result['state'], word: string): string {
  const mine = results.filter((one) => one.state === state);
  const items = groupReasons(mine).map(
    ([because, ids]) => `${prose(upperFirst(shorten(because, longestDetail)), '')}: ${ids.map(code).join(', ')}`,
  );
  return items.length === 0 ? '' : fold(`${mine.length} ${word}`, items.map((one) => `- ${one}`).join('\n'));
}
