import { ActionError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/tools/registry/open-registry.ts';

/** A clock whose time passes only while everybody waits for it. */
export interface VirtualClock extends Clock {
  /** Does something once so many milliseconds have passed. */
  later(ms: number, work: () => void): void;
  /** Lets time pass until the work is done.
   * @throws Error where the work waits for nothing that this clock knows. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Lets everything happen that is still to come. */
  drain(): Promise<void>;
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** Starts at noon of the day that the project knows; `random` is always the middle. */
export function createVirtualClock(): VirtualClock {
  let now = Date.UTC(2026, 10, 21, 12);
  const alarms: Alarm[] = [];
  const later = (ms: number, ring: () => void): void => void alarms.push({ at: now + ms, ring });
  const step = (): boolean => {
    const [next] = alarms.sort((a, b) => a.at - b.at).splice(0, 1);
    if (next === undefined) return false;
    now = Math.max(now, next.at);
    next.ring();
    return true;
  };
  return {
    now: () => now,
    random: () => 0.5,
    later,
    sleep: (ms, cancel) =>
      new Promise((resolve, reject) => {
        const refuse = (): void => reject(new ActionError('cancelled', 'cancelled', { hint: '' }));
        if (cancel.aborted) return refuse();
        later(ms, () => (cancel.aborted ? refuse() : resolve()));
      }),
    run: async (work) => {
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      work.then(end, end);
      for (;;) {
        await new Promise(setImmediate); // everything that needs no time is done by then
        if (ended) return work;
        if (!step()) throw new Error('the work hangs: it waits for nothing that could still come');
      }
    },
    drain: async () => {
      while (step()) await new Promise(setImmediate);
    },
  };
}
