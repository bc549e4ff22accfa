import type { Assessment } from '../audit/assessment.ts';
import { countOpen } from './check-words.ts';

/** What the log says of the checks: `the image was checked in 0.8 s: 1 high, 2 low; 1 unknown`. */
export function renderChecksLine({ results }: Pick<Assessment, 'results'>, ms: number): string {
  const open = countOpen(results.filter(({ state }) => state === 'open'));
  const unknown = results.filter(({ state }) => state === 'unknown').length;
  const seconds = (ms / 1_000).toFixed(1);
  return `the image was checked in ${seconds} s: ${open || 'nothing was found'}${unknown === 0 ? '' : `; ${unknown} unknown`}`;
}
