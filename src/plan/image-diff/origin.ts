import { DockerfileParser } from 'dockerfile-ast';
import type { HistoryEntry } from '../../model/image-config.ts';

/** Where an entry of an image's history comes from. */
export type Origin =
  | { readonly kind: 'line'; readonly line: number }
  /** The image that the Dockerfile builds on. */
  | { readonly kind: 'base' }
  /** The compile step of the input `bytecode`. */
  | { readonly kind: 'bytecode' }
  | { readonly kind: 'unknown' };

/** An instruction that leaves an entry in the history. */
interface Recorded {
  readonly keyword: string;
  readonly line: number;
}

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

interface Stage {
  readonly name: string;
  /** What follows FROM. */
  readonly base: string;
  readonly recorded: Recorded[];
}

/** The instructions of a stage and of the stages that it builds on, the first one's first. */
function listRecorded(dockerfile: string, target: string | undefined): readonly Recorded[] {
  const stages: Stage[] = [];
  for (const one of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = one.getKeyword().toUpperCase();
    const [, base = '', name = ''] = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(one.toString()) ?? [];
    if (keyword === 'FROM') stages.push({ name: name.toLowerCase(), base: base.toLowerCase(), recorded: [] });
    else stages.at(-1)?.recorded.push({ keyword, line: one.getRange().start.line + 1 });
  }
  const find = (name: string, before: number): number => {
    const named = stages.findLastIndex((one, at) => at < before && one.name !== '' && one.name === name);
    if (named >= 0 || !/^\d+$/.test(name)) return named;
    return Number(name) < before ? Number(name) : -1;
  };
  const chain: Recorded[][] = [];
  let at = target === undefined ? stages.length - 1 : find(target.toLowerCase(), stages.length);
  for (let stage = stages[at]; stage !== undefined; stage = stages[at]) {
    chain.unshift(stage.recorded);
    at = find(stage.base, at);
  }
  return chain.flat();
}
