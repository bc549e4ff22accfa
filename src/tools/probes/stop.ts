import type { ProcessFacts, StopFacts } from '../../audit/probe-facts.ts';
import { type Cell, signalCell } from './cell.ts';
import { waitForEnd } from './watch.ts';

/** What `docker stop` waits before it kills. */
export const grace = 10_000;
/** The kernel drops at once what PID 1 has no handler for (pid_namespaces(7)). */
const shortly = 1_500;

/** Tells a container to stop, as an orchestrator does, and measures how long that takes.
 * @param lookAtFirst what is known of PID 1 now; undefined where that cannot be read. */
export async function stopCell(
  cell: Cell,
  { signal, lookAtFirst }: { readonly signal: string; readonly lookAtFirst: () => Promise<ProcessFacts | undefined> },
): Promise<StopFacts> {
  const number = signalNumber(signal);
  const handles = async (): Promise<boolean | undefined> => {
    const first = await lookAtFirst();
    return first === undefined || number === undefined ? undefined : isAwaited(first, number);
  };
  let handled = await handles();
  let began = performance.now();
  await signalCell(cell, signal);
  let state = await waitForEnd(cell, handled === false ? shortly : grace);
  if (state.running && handled === false && (await handles()) === true) {
    // it was still starting
    handled = true;
    began = performance.now();
    await signalCell(cell, signal);
    state = await waitForEnd(cell, grace);
  }
  const ms = state.running ? undefined : Math.round(performance.now() - began);
  return { signal, ms, grace, exitCode: state.running ? undefined : state.exitCode, handled };
}

function isAwaited({ caught, blocked }: ProcessFacts, signal: number): boolean {
  return caught.includes(signal) || blocked.includes(signal);
}

const numbers: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, USR1: 10, USR2: 12, TERM: 15, WINCH: 28 };

/** As `STOPSIGNAL` takes it: a name with or without `SIG`, or a number; undefined for those that nobody stops by. */
export function signalNumber(signal: string): number | undefined {
  return /^\d+$/.test(signal) ? Number(signal) : numbers[signal.toUpperCase().replace(/^SIG/, '')];
}
