import { findStage, readStages } from '../dockerfile-stages.ts';

/** Lines of the `ONBUILD` instructions that the published image would carry itself: those of its own stage. They would run in any build
 * on top of it, and so in ours. What a base image triggers has happened by then. */
export function findTriggers(dockerfile: string, target: string | undefined): readonly number[] {
  const stages = readStages(dockerfile);
  const stage = stages[target === undefined ? stages.length - 1 : findStage(stages, target)];
  return (stage?.instructions ?? []).filter(({ keyword }) => keyword === 'ONBUILD').map(({ line }) => line);
}
