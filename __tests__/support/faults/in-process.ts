import { faultKinds } from './fault-kinds.ts';
import { judge, type Verdict } from './oracle.ts';
import { type Fault, persistences, publish } from './scenario.ts';
import type { Stage } from './stages.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** Every request of a publication without a fault, with every kind of fault, each once, twice, always and from there on. */
export async function planFaults(stage: Stage): Promise<readonly Fault[]> {
  const calm = await publish(stage, stage.open(), createVirtualClock());
  if (calm.error !== undefined) throw new Error(`${stage.name}: red without a fault`, { cause: calm.error });
  return calm.seen.flatMap((_, at) =>
    faultKinds.flatMap((kind) => persistences.map((times): Fault => ({ at, kind, times }))),
  );
}

/** Judges every `step`th scenario of a stage, one after another. */
export async function sweepStage(
  stage: Stage,
  { step, onVerdict }: { readonly step: number; readonly onVerdict: (verdict: Verdict, fault: Fault) => void },
): Promise<void> {
  const planned = await planFaults(stage);
  for (const fault of planned.filter((_, at) => at % step === 0)) onVerdict(await judge(stage, fault), fault);
}
