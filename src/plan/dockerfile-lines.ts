import { readStages } from './dockerfile-stages.ts';

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
  const steps = found.instructions.filter(({ keyword }) => counted.has(keyword));
  const ahead = of - steps.length;
  const step = ahead < 0 ? undefined : steps[at - 1 - ahead];
  return step !== undefined && step.keyword === text.split(' ')[0] ? step.line : undefined;
}

const counted: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);
