import { statSync } from 'node:fs';
import type { BuilderChoice } from '../../plan/builder.ts';
import type { Engine } from '../engine/engine.ts';
import { readVolume } from '../engine/volumes.ts';
import type { RunnerEnvironment } from '../environment.ts';

/** Whether a builder is known to be there before this job or after it. What is no container of the engine always is; a container's
 * records lie in a volume, and where that is older than the job, other jobs have built there. */
export async function outlivesJob(
  builder: BuilderChoice,
  place: { readonly engine: Engine; readonly environment: RunnerEnvironment },
  cancel: AbortSignal,
): Promise<boolean> {
  if (builder.kind === 'engine') return false;
  if (builder.driver !== 'docker-container') return true;
  const began = readJobStart(place.environment);
  const volumes = builder.nodes.map(({ name }) => readVolume(place.engine, `buildx_buildkit_${name}_state`, cancel));
  const created = (await Promise.all(volumes)).map((volume) => volume?.created ?? Number.POSITIVE_INFINITY);
  return created.some((at) => at + engineTick < began);
}

/** The engine tells the time of a volume in whole seconds. */
const engineTick = 1_000;

/** Milliseconds since 1970: the runner writes the event's payload when the job starts. */
function readJobStart({ payloadPath }: RunnerEnvironment): number {
  return statSync(payloadPath).mtimeMs;
}
