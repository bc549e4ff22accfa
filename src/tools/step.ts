import { formatDuration } from '../model/duration.ts';
import type { Phase } from '../model/limits.ts';
import { closeGroup, openGroup } from './actions.ts';
import { type Deadline, withinDeadline } from './deadline.ts';

/** What happened under one heading of the story. */
export interface StepTime {
  readonly name: string;
  readonly ms: number;
  readonly outcome: 'done' | 'failed';
}

/** Runs a part of the story under a heading of its own, keeps its time, and closes the heading whatever happens. */
export type Step = <T>(name: Phase, work: () => Promise<T>) => Promise<T>;

/** A step that groups the log, adds to `times` and holds each phase to its limit; steps follow each other, they are not nested. */
export function createStep(
  times: StepTime[],
  bounds: Omit<Deadline, 'limit'> & { readonly limits: Readonly<Record<Phase, number>> },
): Step {
  return async (name, work) => {
    const began = performance.now();
    openGroup(name);
    let outcome: StepTime['outcome'] = 'failed';
    try {
      const result = await withinDeadline(name, { ...bounds, limit: bounds.limits[name] }, work);
      outcome = 'done';
      return result;
    } finally {
      const ms = performance.now() - began;
      times.push({ name, ms, outcome });
      closeGroup(`${outcome === 'done' ? '✓' : '✗'} ${name}: ${formatDuration(ms)}`);
    }
  };
}
