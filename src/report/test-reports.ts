import { formatDuration } from '../model/duration.ts';
import type { TestCase } from '../model/test-counts.ts';
import type { TestReports } from './facts.ts';
import { cell, code, inline } from './markdown.ts';

const shownFailures = 25;
const longestMessage = 500;
const mostFirst = 5;

/** What the tests' own reports say, for the summary: counts, failures, the slowest behind a fold. */
export function renderTestReports(reports: TestReports | undefined): string {
  if (reports === undefined || reports.files.length === 0) return '';
  const { failed, failures, slowest } = reports.counts;
  const timed = slowest.filter(({ ms }) => ms !== undefined && ms >= 100);
  return [
    `Tests: ${tellCounts(reports.counts)} (from ${reports.files.length === 1 ? 'one report' : `${reports.files.length} reports`}).`,
    failureTable(failures, failed),
    timed.length === 0 ? '' : `<details><summary>Slowest tests</summary>\n\n${slowTable(timed)}\n\n</details>`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The first failures in a line each, for the comment. */
export function renderFirstFailures({ counts }: TestReports): string {
  const first = counts.failures.slice(0, mostFirst).map(({ name, message, place }) => {
    const at = place === undefined ? '' : ` at ${code(`${place.file}:${place.line}`)}`;
    return `- ${code(name)}${at}: ${inline(shorten(message))}`;
  });
  const more = counts.failed - first.length;
  return [...first, ...(more > 0 && first.length > 0 ? [`- … ${more} more`] : [])].join('\n');
}

/** `**1 failed**, 12 passed, 2 skipped`. */
export function tellCounts({ passed, failed, skipped }: TestReports['counts']): string {
  return [
    ...(failed > 0 ? [`**${failed} failed**`] : []),
    `${passed} passed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
}

function failureTable(failures: readonly TestCase[], all: number): string {
  if (failures.length === 0) return '';
  const rows = failures
    .slice(0, shownFailures)
    .map(
      ({ name, message, place }) =>
        `| ${code(name)} | ${place === undefined ? '' : code(`${place.file}:${place.line}`)} | ${cell(shorten(message))} |`,
    );
  const more = all - rows.length;
  const rest = more > 0 ? [`| … ${more} more, in the receipt or the report | | |`] : [];
  return ['| failed | where | what |', '|---|---|---|', ...rows, ...rest].join('\n');
}

function slowTable(slowest: readonly TestCase[]): string {
  const rows = slowest.map(({ name, ms }) => `| ${code(name)} | ${formatDuration(ms ?? 0)} |`);
  return ['| test | time |', '|---|--:|', ...rows].join('\n');
}

function shorten(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}
