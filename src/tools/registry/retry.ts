import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { RegistryError, type RegistryFailure, type RegistryRequest } from '../../model/registry.ts';

/** How patient a client is. */
export interface Pace {
  /** Milliseconds for one request. */
  readonly request: number;
  /** Milliseconds for one call with all its requests and pauses. */
  readonly budget: number;
  /** How often a call is tried at most. */
  readonly tries: number;
}

/** For what a run depends on: reads and writes of the publishing phase. */
export const publishingPace: Pace = { request: 30_000, budget: 180_000, tries: 20 };

/** For a last look after a failure: the run has ended, and its job waits for it. */
export const accountingPace: Pace = { request: 10_000, budget: 20_000, tries: 4 };

/** For what only saves time: a look at the cache. */
export const probingPace: Pace = { request: 5_000, budget: 8_000, tries: 2 };

/** Time and chance, so that tests need neither. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws ActionError `cancelled` on abort. */
  sleep(ms: number, cancel: AbortSignal): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
}

/** The clock of this machine; it never jumps. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, cancel) => {
    try {
      await delay(ms, undefined, { signal: cancel });
    } catch (cause) {
      throw new ActionError('cancelled', 'waiting for the registry was given up because the run was cancelled', {
        hint: 'run it again',
        cause,
      });
    }
  },
  random: Math.random,
};

/** A failure that may pass by itself; only `persist` sees it. */
export class PassingFault extends Error {
  override readonly name = 'PassingFault';
  readonly kind: RegistryFailure;
  readonly at: RegistryRequest;
  /** Milliseconds the registry asked to wait, 0 where it did not. */
  readonly wait: number;
  /** How often trying makes sense: a name that does not exist will hardly come into being. */
  readonly tries: number;

  constructor(kind: RegistryFailure, reason: string, how: Pick<PassingFault, 'at' | 'wait' | 'tries'>) {
    super(reason);
    this.kind = kind;
    this.at = how.at;
    this.wait = how.wait;
    this.tries = how.tries;
  }
}

/** What bounds one call. */
export interface Patience {
  readonly pace: Pace;
  readonly clock: Clock;
  readonly cancel: AbortSignal;
}

const firstPause = 500;
const longestPause = 30_000;
const longestWait = 60_000; // GHCR's secondary limit asks for a minute

/** Tries again after passing faults: exponential pauses with full jitter, at least as long as the registry asks for (a minute
 * at most), until the budget or the tries are used up.
 * @param attempt is told until when (on the clock) it may take.
 * @throws RegistryError of the last fault; whatever else the attempt throws comes through at once. */
export async function persist<T>(
  { pace, clock, cancel }: Patience,
  attempt: (until: number) => Promise<T>,
): Promise<T> {
  const began = clock.now();
  const until = began + pace.budget;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(until);
    } catch (fault) {
      if (!(fault instanceof PassingFault)) throw fault;
      const jitter = clock.random() * Math.min(longestPause, firstPause * 2 ** (tries - 1));
      const pause = Math.max(jitter, Math.min(fault.wait, longestWait));
      // A wait beyond the budget could only end in the same error, later.
      if (tries >= Math.min(pace.tries, fault.tries) || clock.now() + pause >= until)
        throw new RegistryError(fault.kind, `${fault.message}, ${told(tries, clock.now() - began)}`, fault.at);
      await clock.sleep(pause, cancel);
    }
  }
}

function told(tries: number, ms: number): string {
  return `${tries === 1 ? 'tried once' : `tried ${tries} times`} in ${(ms / 1_000).toFixed(1)} s`;
}

/** Milliseconds that a Retry-After header asks for: seconds or a date (RFC 9110, 10.2.3); 0 where there is none to read. */
export function parseRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
