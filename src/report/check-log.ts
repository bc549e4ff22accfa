import type { Assessment, Result, Spot } from '../audit/assessment.ts';
import { worstFirst } from '../audit/hold.ts';
import { planScore } from '../audit/score.ts';
import { plainText } from '../model/plain-text.ts';
import { countOpen, groupReasons, strideNames, tellReached, tellScore } from './check-words.ts';

const mostSpots = 5;
const indent = '        ';

/** What the checks say, as lines of a log or a terminal: the score, the findings with a way out, what was not looked at. Every line is
 * plain; of what stands in it nothing is redacted. */
export function renderCheckLog({ results, notices }: Assessment): readonly string[] {
  const score = planScore(results);
  const open = worstFirst(results.filter(({ state }) => state === 'open'));
  const width = Math.max(...Object.values(strideNames).map(({ length }) => length));
  const rows = score.strides.map((one) => {
    const parts = [countOpen(one.open), one.unknown === 0 ? '' : `${one.unknown} unknown`];
    const found = parts.filter((part) => part !== '').join(', ');
    return `${strideNames[one.stride].padEnd(width)}  ${(tellScore(one) || '-').padEnd(9)} ${found}`.trimEnd();
  });
  const next = score.next === undefined ? [] : [`next: ${score.next.check.id}: ${score.next.check.title}`];
  return [
    ...[...rows, tellReached(score), ...next],
    ...open.flatMap((one) => ['', ...renderFinding(one)]),
    ...renderRest(results, 'ignored', 'ignored'),
    ...renderRest(results, 'unknown', 'could not be found out'),
    ...renderRest(results, 'not-applicable', 'not applicable'),
    ...(notices.length === 0 ? [] : ['', ...notices]),
  ].map((line) => plainText(line).replace(/\s*\n\s*/g, ' '));
}

function renderFinding({ check, spots, ignored }: Result): readonly string[] {
  const shown = spots.slice(0, mostSpots).map(showSpot);
  const more = spots.length - shown.length + ignored;
  const [first = '', ...rest] = check.remedy.split('\n');
  return [
    `${check.severity.padEnd(indent.length)}${check.id}: ${check.title}`,
    ...shown.map((one) => `${indent}${one}`),
    ...(more > 0 ? [`${indent}… ${more} more${ignored === 0 ? '' : `, ${ignored} of them ignored`}`] : []),
    ...(check.remedy === '' ? [] : [`${indent}-> ${first}`, ...rest.map((line) => `${indent}   ${line}`)]),
  ];
}

function showSpot({ detail, place }: Spot): string {
  return place === undefined ? detail : `${detail} (${place.file}:${place.line})`;
}

function renderRest(results: readonly Result[], state: Result['state'], word: string): readonly string[] {
  const groups = groupReasons(results.filter((one) => one.state === state));
  if (groups.length === 0) return [];
  const lines = groups.map(([because, ids]) => `${indent}${because === '' ? '' : `${because}: `}${ids.join(', ')}`);
  return ['', `${word}:`, ...lines];
}
