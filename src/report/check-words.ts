import type { Result } from '../audit/assessment.ts';
import type { Stride } from '../audit/finding.ts';
import { severities } from '../audit/hold.ts';
import type { Score, StrideScore } from '../audit/score.ts';

/** The steps as people read them. */
export const strideNames: Readonly<Record<Stride, string>> = {
  working: 'Working',
  secure: 'Secure',
  automated: 'Automated',
  debuggable: 'Debuggable',
  operable: 'Operable',
  reproducible: 'Reproducible',
  fast: 'Fast to build',
  small: 'Small',
};

/** `1 high, 2 low`; what is only a hint is called so. */
export function countOpen(open: readonly Result[]): string {
  const counts = severities.map((severity) => ({
    severity,
    count: open.filter(({ check }) => check.severity === severity).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) =>
      severity === 'info' ? `${count} ${count === 1 ? 'hint' : 'hints'}` : `${count} ${severity}`,
    )
    .join(', ');
}

/** `8 of 10`; empty where nothing could be asked. */
export function tellScore({ passed, asked }: StrideScore): string {
  return asked === 0 ? '' : `${passed} of ${asked}`;
}

/** How far the image has come, in a sentence without a full stop. */
export function tellReached({ reached, strides }: Score): string {
  if (reached === strides.length) return 'nothing of severity high or medium is open';
  const last = strides[reached - 1];
  const at = strides[reached];
  const blocked = at === undefined ? '' : `the next step is ${strideNames[at.stride].toLowerCase()}`;
  return last === undefined ? blocked : `good as far as ${strideNames[last.stride].toLowerCase()}; ${blocked}`;
}

/** Results without an answer by the reason for it, the most frequent reason first. */
export function groupReasons(results: readonly Result[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { because, check } of results) groups.set(because, [...(groups.get(because) ?? []), check.id]);
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}
