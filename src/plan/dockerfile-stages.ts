import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { readWords } from './dockerfile-words.ts';

/** A stage of a Dockerfile. */
export interface Stage {
  /** In small letters, as BuildKit compares it; empty where it has none. */
  readonly name: string;
  /** What follows FROM, in small letters: an image, or the name of a stage above. */
  readonly base: string;
  /** Of its FROM, counted from 1. */
  readonly line: number;
  /** What follows its FROM. */
  readonly instructions: readonly StageInstruction[];
}

export interface StageInstruction {
  /** In capitals. */
  readonly keyword: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The stages of a Dockerfile, the first one first; what stands before the first FROM belongs to none. */
export function readStages(dockerfile: string): readonly Stage[] {
  const stages: (Stage & { readonly instructions: StageInstruction[] })[] = [];
  for (const one of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = one.getKeyword().toUpperCase();
    if (keyword === 'FROM') {
      const [base = '', as = '', name = ''] = readWords(one).map((word) => word.toLowerCase());
      stages.push({ name: as === 'as' ? name : '', base, line: lineOf(one), instructions: [] });
    } else stages.at(-1)?.instructions.push({ keyword, line: lineOf(one) });
  }
  return stages;
}

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

/** Where the stage is that a name or a number means, as BuildKit looks for it: of equal names the last one. Below zero: nowhere.
 * @param before only stages that stand before this one */
export function findStage(stages: readonly Stage[], wanted: string, before = stages.length): number {
  const name = wanted.toLowerCase();
  const named = stages.findLastIndex((one, at) => at < before && one.name !== '' && one.name === name);
  if (named >= 0 || !/^\d+$/.test(name)) return named;
  return Number(name) < before ? Number(name) : -1;
}
