import type { HealthFacts, ProbeFacts, StartFacts } from '../../audit/probe-facts.ts';
import { known, type Probed, unprobed } from '../../audit/probed-value.ts';
import type { ImageConfig } from '../../model/image-config.ts';
import type { Declared } from '../../plan/probes/declared.ts';
import { pythonsOf } from '../../plan/probes/pythons.ts';
import type { Engine } from '../engine/call.ts';
import { attempt } from './attempt.ts';
import { type Cell, readState, withCell } from './cell.ts';
import type { CellPlan } from './cell-plan.ts';
import { askHealth } from './health.ts';
import { lookInside } from './look.ts';
import { stopCell } from './stop.ts';
import { tellEnd, watchStart } from './watch.ts';

/** What one start answers that is looked at from within. */
export interface WatchedFacts extends Pick<ProbeFacts, 'listening' | 'processes' | 'orphan' | 'stop'> {
  readonly start: StartFacts;
  readonly health: Probed<HealthFacts | undefined>;
}

export interface ProbeContext {
  readonly declared: Declared;
  readonly config: Pick<ImageConfig, 'entrypoint' | 'cmd'>;
  readonly cancel: AbortSignal;
  /** Is told which interpreter runs there, as it was called, as soon as that is seen; empty where none is. */
  readonly tellPython: (path: string) => void;
}

/** Starts the image, looks at it, asks after its health and tells it to stop. */
export async function probeWatched(engine: Engine, plan: CellPlan, context: ProbeContext): Promise<WatchedFacts> {
  return await withCell(engine, plan, { cancel: context.cancel, work: (cell) => probeCell(cell, context) });
}

async function probeCell(cell: Cell, { declared, config, cancel, tellPython }: ProbeContext): Promise<WatchedFacts> {
  const start = await watchStart(cell);
  if (!start.running) return { start, ...unseen('it was not running any more') };
  const pythons = pythonsOf(config);
  const looked = await attempt(cancel, () => lookInside(cell, pythons, 'all'));
  tellPython(looked.kind === 'known' ? looked.value.look.python : '');
  const seen = <T>(pick: (look: Awaited<ReturnType<typeof lookInside>>['look']) => T | undefined): Probed<T> => {
    if (looked.kind === 'unknown') return looked;
    const value = pick(looked.value.look);
    return value === undefined ? unprobed(looked.value.because || 'it could not be seen') : known(value);
  };
  const health = await attempt(cancel, async () =>
    declared.health === undefined ? undefined : await askHealth(cell, declared.health),
  );
  const later = await readState(cell);
  if (!later.running) return { start: await tellEnd(cell, start, later), ...unseen('it was not running any more') };
  const lookAtFirst = async () => {
    if (looked.kind === 'unknown' || looked.value.because !== '') return undefined;
    const again = await lookInside(cell, pythons, 'processes');
    return again.look.processes.find(({ pid }) => pid === 1);
  };
  return {
    start,
    listening: seen(({ listening }) => listening),
    processes: seen(({ processes }) => (processes.length === 0 ? undefined : processes)),
    orphan: seen(({ orphan }) => orphan),
    health,
    stop: await attempt(cancel, () => stopCell(cell, { signal: declared.stopSignal, lookAtFirst })),
  };
}

function unseen(because: string): Omit<WatchedFacts, 'start'> {
  const nothing = unprobed(because);
  return { listening: nothing, processes: nothing, orphan: nothing, health: nothing, stop: nothing };
}
