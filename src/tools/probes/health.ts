import { setTimeout as delay } from 'node:timers/promises';
import type { HealthFacts } from '../../audit/probe-facts.ts';
import { known, type Probed, unprobed } from '../../audit/probed-value.ts';
import type { HealthTest } from '../../plan/probes/declared.ts';
import { type Cell, signalCell } from './cell.ts';
import { runInCell, showOutput } from './output.ts';

const tries = 4;
const between = 700;
/** Milliseconds a check has here; a longer `--timeout` tells nothing more of a server that has no work. */
const most = 10_000;
/** With all else frozen: whoever has not answered by then waits for what is frozen. */
const mostFrozen = 5_000;

/** Asks the image's own health check of a running container until it is content. */
export async function askHealth(cell: Cell, test: HealthTest): Promise<HealthFacts> {
  const limit = Math.min(test.timeout, most);
  let answer = await runInCell(cell, { program: test.program, limit });
  for (let count = 1; count < tries && !isFinal(answer.exitCode); count++) {
    await delay(between, undefined, { signal: cell.cancel });
    answer = await runInCell(cell, { program: test.program, limit });
  }
  const shown = { test: test.text, exitCode: answer.exitCode, output: showOutput(cell, answer.output, 500) };
  return { ...shown, frozen: unprobed('the check was not content while the program ran') };
}

/** It is content, took all its time, or is no such program, or none that may be run (POSIX, "Exit Status for Commands"). */
function isFinal(code: number | undefined): boolean {
  return code === undefined || [0, 126, 127].includes(code);
}

/** Asks it again with everything in the container frozen, as a hung program would be: whoever is content then would never notice. The
 * container is of no use afterwards. */
export async function askFrozen(
  cell: Cell,
  test: HealthTest,
  freezers: readonly (readonly string[])[],
): Promise<Probed<number | 'late'>> {
  const limit = Math.min(test.timeout, most);
  const before = await runInCell(cell, { program: test.program, limit });
  if (before.exitCode !== 0) return unprobed('the check was not content while the program ran');
  let frozen = false;
  for (const program of freezers) {
    if ((await runInCell(cell, { program, limit })).exitCode === 0) {
      frozen = true;
      break;
    }
  }
  if (!frozen) return unprobed('the image has no Python and no shell that could freeze its processes');
  await signalCell(cell, 'SIGSTOP');
  const { exitCode } = await runInCell(cell, { program: test.program, limit: Math.min(test.timeout, mostFrozen) });
  return known(exitCode ?? 'late');
}
