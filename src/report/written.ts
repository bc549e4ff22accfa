import type { TagRecord } from './facts.ts';
import { reference } from './outputs.ts';

/** What became of the tags of a run that failed, in one sentence; empty where it had not come to any tag. */
export function renderWritten(records: readonly TagRecord[]): string {
  const named = (...outcomes: readonly TagRecord['outcome'][]): string => {
    const names = records.filter(({ outcome }) => outcomes.includes(outcome)).map(reference);
    return names.length === 0 ? 'none' : names.join(', ');
  };
  if (!records.some(({ outcome }) => outcome !== 'superseded')) return '';
  return `Tags written: ${named('new', 'moved', 'kept')}; not written: ${named('not-written')}; unknown: ${named('unknown')}.`;
}
