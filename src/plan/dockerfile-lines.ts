import { DockerfileParser, type Instruction } from 'dockerfile-ast';

/** A step of a build as BuildKit names it: `[builder 2/5] COPY . /app`. */
export interface StepName {
  /** `stage-1` where it has no name; empty where there is one stage alone. */
  readonly stage: string;
  readonly at: number;
  readonly of: number;
  /** The instruction; variables have their values. */
  readonly text: string;
}

/** Reads a step's name; undefined for what is no instruction of a Dockerfile. */
export function parseStepName(name: string): StepName | undefined {
  const [, place = '', at, of, text = ''] = /^\[([^\]]*?)\s*(\d+)\/(\d+)\] (.+)$/s.exec(name) ?? [];
  if (at === undefined || of === undefined) return undefined;
  const stage = place.split(' ').at(-1) ?? '';
  return { stage: stage.includes('/') ? '' : stage, at: Number(at), of: Number(of), text }; // with a slash it is a platform
}

/** The line of a Dockerfile that a step comes from. BuildKit counts FROM, where that names an image, then what the ONBUILD of that image
 * adds, then RUN, COPY, ADD and WORKDIR (dockerfile2llb/convert.go). Undefined where the two do not agree. */
export function findLine(dockerfile: string, { stage, at, of, text }: StepName): number | undefined {
  const stages = readStages(dockerfile);
  const named = stages.filter((one) => one.name === stage);
  const [found] = stage === '' ? stages : named.length > 0 ? named : stages.filter((_, n) => stage === `stage-${n}`);
  if (found === undefined) return undefined;
  const ahead = of - found.steps.length;
  const step = ahead < 0 ? undefined : found.steps[at - 1 - ahead];
  return step !== undefined && step.keyword === text.split(' ')[0] ? step.line : undefined;
}

interface Stage {
  /** As BuildKit spells it; empty where it has none. */
  readonly name: string;
  readonly steps: { readonly keyword: string; readonly line: number }[];
}

function readStages(dockerfile: string): readonly Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase();
    if (keyword === 'FROM') stages.push({ name: nameOf(instruction), steps: [] });
    else if (counted.has(keyword)) stages.at(-1)?.steps.push({ keyword, line: instruction.getRange().start.line + 1 });
  }
  return stages;
}

const counted: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

function nameOf(from: Instruction): string {
  const words = from.getArguments().map((one) => one.getValue().toLowerCase());
  const [, as, name = ''] = words.filter((word) => !word.startsWith('--'));
  return as === 'as' ? name : '';
}
