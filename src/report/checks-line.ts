import type { Assessment } from '../audit/assessment.ts';
import type { Severity } from '../audit/finding.ts';

const order: readonly Severity[] = ['high', 'medium', 'low', 'info'];

/** What the log says of the checks: `the image was checked: 1 high, 2 low; 1 unknown`. */
export function renderChecksLine({ results }: Pick<Assessment, 'results'>): string {
  const open = results.filter(({ state }) => state === 'open');
  const counts = order.flatMap((severity) => {
    const count = open.filter(({ check }) => check.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const unknown = results.filter(({ state }) => state === 'unknown').length;
  const found = counts.length === 0 ? 'nothing was found' : counts.join(', ');
  return `the image was checked: ${found}${unknown === 0 ? '' : `; ${unknown} unknown`}`;
}
