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

/** The line of a Dockerfile that a step comes from. BuildKit counts FROM, where that names an image, RUN, COPY, ADD and WORKDIR
 * (dockerfile2llb/convert.go). Undefined where the two do not agree: a base image's ONBUILD adds steps that stand in no line here. */
export function findLine(dockerfile: string, { stage, at, of, text }: StepName): number | undefined {
  const stages = readStages(dockerfile);
  const named = stages.filter((one) => one.name === stage);
  const [found] = stage === '' ? stages : named.length > 0 ? named : stages.filter((_, n) => stage === `stage-${n}`);
  if (found === undefined) return undefined;
  const ahead = of - found.steps.length;
  if (!found.ahead.includes(ahead)) return undefined;
  const step = found.steps[at - 1 - ahead];
  return step !== undefined && step.keyword === text.split(' ')[0] ? step.line : undefined;
}

interface Stage {
  readonly name: string;
  /** How many steps FROM may make: none for `scratch` and another stage, one for an image. */
  readonly ahead: readonly number[];
  readonly steps: { readonly keyword: string; readonly line: number }[];
}

function readStages(dockerfile: string): readonly Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase();
    if (keyword === 'FROM') stages.push(openStage(instruction, stages));
    else if (counted.has(keyword)) stages.at(-1)?.steps.push({ keyword, line: instruction.getRange().start.line + 1 });
  }
  return stages;
}

const counted: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

function openStage(from: Instruction, earlier: readonly Stage[]): Stage {
  const words = from.getArguments().map((one) => one.getValue().toLowerCase());
  const [base = '', as, name = ''] = words.filter((word) => !word.startsWith('--'));
  const ahead = base.includes('$') ? [0, 1] : [base === 'scratch' || earlier.some((one) => one.name === base) ? 0 : 1];
  return { name: as === 'as' ? name : '', ahead, steps: [] };
}
