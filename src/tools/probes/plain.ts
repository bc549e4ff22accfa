import type { ProbeFacts, StartFacts } from '../../audit/probe-facts.ts';
import { type Probed, unprobed } from '../../audit/probed-value.ts';
import { pythonsOf } from '../../plan/probes/pythons.ts';
import type { Engine } from '../engine/call.ts';
import { attempt } from './attempt.ts';
import { type Cell, readChanges, readState, signalCell, withCell } from './cell.ts';
import type { CellPlan } from './cell-plan.ts';
import { askFrozen } from './health.ts';
import { tellEnd, waitForEnd, watchStart } from './watch.ts';
import type { ProbeContext } from './watched.ts';

/** What one start as `docker run` makes it answers, and a second one of the same container. */
export interface PlainFacts extends Pick<ProbeFacts, 'secondStart' | 'written'> {
  readonly start: StartFacts;
  /** See `HealthFacts`. */
  readonly frozen: Probed<number | 'late'>;
}

const patience = 2_000;

/** Starts the image, sees what it writes, stops it by force if need be, starts it again and freezes it. */
export async function probePlain(engine: Engine, plan: CellPlan, context: ProbeContext): Promise<PlainFacts> {
  return await withCell(engine, plan, { cancel: context.cancel, work: (cell) => probeCell(cell, context) });
}

async function probeCell(cell: Cell, { declared, config, cancel }: ProbeContext): Promise<PlainFacts> {
  const start = await watchStart(cell);
  if (start.refusal !== '') return { start, secondStart: never, written: never, frozen: never };
  const written = await attempt(cancel, () => readChanges(cell));
  const later = await readState(cell);
  const seen = later.running ? start : await tellEnd(cell, start, later);
  if (!seen.running) return { start: seen, written, secondStart: ended, frozen: ended };
  const secondStart = await attempt(cancel, () => startAgain(cell, declared.stopSignal));
  const { health } = declared;
  const runs = secondStart.kind === 'known' && secondStart.value.running;
  if (health === undefined || !runs) return { start, written, secondStart, frozen: ended };
  const asked = await attempt(cancel, () => askFrozen(cell, health, freezers(pythonsOf(config))));
  return { start, written, secondStart, frozen: asked.kind === 'known' ? asked.value : asked };
}

const never = unprobed('it does not start at all');
const ended = unprobed('it was not running any more');

async function startAgain(cell: Cell, signal: string): Promise<StartFacts> {
  await signalCell(cell, signal);
  if ((await waitForEnd(cell, patience)).running) {
    await signalCell(cell, 'SIGKILL');
    await waitForEnd(cell, patience);
  }
  return await watchStart(cell);
}

/** Every process but PID 1 and the one that asks: kill(2) leaves these out. That there is no other is fine. */
function freezers(pythons: readonly string[]): readonly (readonly string[])[] {
  const program = 'import os\ntry:\n  os.kill(-1, 19)\nexcept ProcessLookupError:\n  pass';
  return [
    ...pythons.map((python) => [python, '-S', '-E', '-c', program]),
    ['sh', '-c', 'kill -STOP -1 2>/dev/null; exit 0'],
  ];
}
