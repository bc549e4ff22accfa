import { formatDuration } from '../../model/duration.ts';
import type { Facts } from '../facts.ts';
import { code } from '../markdown.ts';
import { renderTestReports } from '../test-reports.ts';
import { renderTable } from './blocks.ts';

/** Which tests ran and how they ended, and what their own reports say. */
export function renderTests(facts: Facts): string {
  const reports = renderTestReports(facts.reports);
  if (facts.image === undefined && facts.tests.length === 0 && reports === '') return '';
  return ['### Tests', tellRuns(facts), reports].filter((part) => part !== '').join('\n\n');
}

function tellRuns({ tests, plan }: Facts): string {
  if (tests.length === 0) {
    const known = plan?.adoption.kind === 'adopt' && plan.adoption.testsKnown;
    return known ? 'The same tests passed on this image before; they did not run again.' : 'No tests ran.';
  }
  const rows = tests.map(
    ({ kind, command, platform, passed, ms }) =>
      `| ${passed ? '✅ passed' : '❌ **failed**'} | ${kind}${platform === undefined ? '' : `, ${platform}`} | ${code(firstLine(command))} | ${formatDuration(ms)} |`,
  );
  return renderTable(['result', 'test', 'command', 'time '], rows, 'tests');
}

/** The first line of a script, with a mark where there is more. */
export function firstLine(text: string): string {
  const [line = '', ...rest] = text.trim().split('\n');
  const shown = line.length > 200 ? `${line.slice(0, 200)} …` : line;
  return rest.length === 0 ? shown : `${shown} …`;
}
