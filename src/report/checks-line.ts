import type { Assessment } from '../audit/assessment.ts';
import { countOpen } from './check-words.ts';

/** What the log says of the checks: `the image was checked: 1 high, 2 low; 1 unknown`. */
export function renderChecksLine({ results }: Pick<Assessment, 'results'>): string {
  const open = countOpen(results.filter(({ state }) => state === 'open'));
  const unknown = results.filter(({ state }) => state === 'unknown').length;
  return `the image was checked: ${open || 'nothing was found'}${unknown === 0 ? '' : `; ${unknown} unknown`}`;
}
