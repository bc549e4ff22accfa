import type { HistoryEntry } from '../../model/image-config.ts';
import { findStage, readStages, type StageInstruction } from '../dockerfile-stages.ts';

/** Where an entry of an image's history comes from. */
export type Origin =
  | { readonly kind: 'line'; readonly line: number }
  /** The image that the Dockerfile builds on. */
  | { readonly kind: 'base' }
  /** The compile step of the input `bytecode`. */
  | { readonly kind: 'bytecode' }
  | { readonly kind: 'unknown' };

/** Traces each entry of an image's history to the Dockerfile that it was built from. BuildKit leaves one entry an instruction, and the last
 * is the last instruction's: they are gone through side by side from the end, as long as they are of the same kind.
 * @param target the stage that was built; undefined for the last one. */
export function traceHistory(
  history: readonly HistoryEntry[],
  dockerfile: string,
  target: string | undefined,
): readonly Origin[] {
  const recorded = [...listRecorded(dockerfile, target)];
  const origins: Origin[] = [];
  let isBase = recorded.length === 0;
  let isLost = false;
  for (const { createdBy } of history.toReversed()) {
    const keyword = createdBy.split(' ', 1)[0]?.toUpperCase() ?? '';
    const next = recorded.at(-1);
    if (origins.length === 0 && createdBy.startsWith('COPY /.slipway-bytecode/out/ '))
      origins.push({ kind: 'bytecode' });
    else if (isLost) origins.push({ kind: 'unknown' });
    else if (isBase || next === undefined) origins.push({ kind: 'base' });
    else if (keyword === next.keyword) {
      origins.push({ kind: 'line', line: next.line });
      recorded.pop();
      isBase = recorded.length === 0;
    } else {
      isLost = true;
      origins.push({ kind: 'unknown' });
    }
  }
  return origins.reverse();
}

/** The instructions of a stage and of the stages that it builds on, the first one's first. */
function listRecorded(dockerfile: string, target: string | undefined): readonly StageInstruction[] {
  const stages = readStages(dockerfile);
  const chain: (readonly StageInstruction[])[] = [];
  let at = target === undefined ? stages.length - 1 : findStage(stages, target);
  for (let stage = stages[at]; stage !== undefined; stage = stages[at]) {
    chain.unshift(stage.instructions);
    at = findStage(stages, stage.base, at);
  }
  return chain.flat().filter(({ keyword }) => keyword !== 'ONBUILD'); // the one that leaves no entry
}
