import { ActionError } from '../errors.ts';
import { formatDuration } from '../model/duration.ts';

/** How long a phase may take, and what ends it. */
export interface Deadline {
  /** Milliseconds. */
  readonly limit: number;
  /** Ends all work of the run: children, requests, waits. */
  readonly expire: () => void;
  /** Milliseconds for that; whatever does not listen is left behind then. */
  readonly grace: number;
}

/** Runs a phase until its limit, at which its work is ended.
 * @throws ActionError `timeout` naming the phase, the limit, and what was waited for where that is known. */
export async function withinDeadline<T>(phase: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
  const { limit, expire, grace } = deadline;
  const timers: NodeJS.Timeout[] = [];
  let isLate = false;
  const late = new Promise<never>((_, reject) => {
    const leave = (): void => reject(new Error('it does not listen'));
    const end = (): void => {
      isLate = true;
      timers.push(setTimeout(leave, grace));
      expire();
    };
    timers.push(setTimeout(end, limit));
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    throw isLate ? tooLate(phase, limit, error) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

function tooLate(phase: string, limit: number, cause: unknown): ActionError {
  const what = cause instanceof ActionError ? `: ${cause.message}` : '';
  return new ActionError('timeout', `“${phase}” was not done within ${formatDuration(limit)} and was ended${what}`, {
    hint: 'the log above shows what it waited for; run it again once that answers: what was written stays, and the receipt names it',
    cause,
  });
}
