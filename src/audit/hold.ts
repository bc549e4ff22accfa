import { ActionError } from '../errors.ts';
import type { Assessment, Result } from './assessment.ts';
import type { Severity } from './finding.ts';

/** From which severity on a finding holds an image. */
export type HoldAt = Exclude<Severity, 'info'>;

/** The worst first. */
export const severities = ['high', 'medium', 'low', 'info'] as const satisfies readonly Severity[];

/** Whether an image may go out as far as its findings are concerned. */
export type Hold =
  | { readonly kind: 'ship' }
  /** The worst first. */
  | { readonly kind: 'hold'; readonly at: HoldAt; readonly results: readonly [Result, ...Result[]] };

/** Holds an image with an open finding of that severity or a worse one. What could not be found out holds nothing: it is told as unknown,
 * and a project that needs a database to start could never ship otherwise. What is `info` never holds.
 * @param at undefined: nothing holds. */
export function planHold({ results }: Pick<Assessment, 'results'>, at: HoldAt | undefined): Hold {
  if (at === undefined) return { kind: 'ship' };
  const [worst, ...others] = worstFirst(
    results.filter(({ state, check }) => state === 'open' && holds(check.severity, at)),
  );
  return worst === undefined ? { kind: 'ship' } : { kind: 'hold', at, results: [worst, ...others] };
}

function holds(severity: Severity, at: HoldAt): boolean {
  return severity !== 'info' && rank(severity) <= rank(at);
}

/** Place of a severity from the worst on. */
export function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** The same results, the worst first; of equal ones as they stood. */
export function worstFirst(results: readonly Result[]): readonly Result[] {
  return results.toSorted((a, b) => rank(a.check.severity) - rank(b.check.severity));
}

/** The error of a run whose image is held: it names the findings, not more than ten. */
export function explainHold({ at, results }: Extract<Hold, { kind: 'hold' }>): ActionError {
  const lines = results
    .slice(0, 10)
    .map(({ check, spots }) => `  - ${check.severity}: ${check.id}: ${check.title}${tellSpots(spots)}`);
  const more = results.length > 10 ? [`  - … ${results.length - 10} more`] : [];
  const count = results.length === 1 ? 'a finding' : `${results.length} findings`;
  return new ActionError(
    'checks-failed',
    `\`checks: ${at}\` holds the image for ${count}:\n${[...lines, ...more].join('\n')}`,
    {
      hint: 'the job’s summary has a way out for each; what is meant to be so goes into `checks-ignore`, with its reason',
    },
  );
}

function tellSpots([first, ...others]: Result['spots']): string {
  if (first === undefined) return '';
  const at = first.place === undefined ? '' : ` (${first.place.file}:${first.place.line})`;
  return `: ${first.detail}${at}${others.length === 0 ? '' : `, and ${others.length} more`}`;
}
