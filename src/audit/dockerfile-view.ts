import { DockerfileParser } from 'dockerfile-ast';
import { findStage } from '../plan/dockerfile-stages.ts';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import { type Answer, type Sighting, unknownBecause } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';
import { readInstruction, sourcesOf, type Written } from './instruction.ts';
import type { ShellCommand } from './shell-commands.ts';

/** A Dockerfile as rules look at it. */
export interface DockerfileView {
  readonly stages: readonly WrittenStage[];
  /** What the image is made of, the lowest first: the stage that was built and those it begins from. */
  readonly shipped: readonly WrittenStage[];
  /** Those, and whatever is copied or mounted from: what becomes part of the image in some way. */
  readonly contributing: readonly WrittenStage[];
}

export interface WrittenStage {
  /** In small letters; empty where it has none. */
  readonly name: string;
  /** What follows FROM, in small letters. */
  readonly base: string;
  /** That of its FROM. */
  readonly line: number;
  /** The same as it is written, of its FROM. */
  readonly from: Written;
  readonly instructions: readonly Written[];
}

const views = new WeakMap<DockerfileFacts, DockerfileView>();

/** Reads a Dockerfile, once for all rules. */
export function viewDockerfile(dockerfile: DockerfileFacts): DockerfileView {
  const known = views.get(dockerfile) ?? read(dockerfile);
  views.set(dockerfile, known);
  return known;
}

function read({ text, target }: DockerfileFacts): DockerfileView {
  const parsed = DockerfileParser.parse(text);
  const stages: (WrittenStage & { readonly instructions: Written[] })[] = [];
  for (const one of parsed.getInstructions()) {
    const written = readInstruction(one, parsed.getEscapeCharacter());
    if (written.keyword === 'FROM') {
      const [base = '', as = '', name = ''] = written.words.map((word) => word.toLowerCase());
      stages.push({ name: as === 'as' ? name : '', base, line: written.line, from: written, instructions: [] });
    } else stages.at(-1)?.instructions.push(written);
  }
  const built = target === undefined ? stages.length - 1 : findStage(stages, target);
  const shipped = chain(stages, built);
  const contributing = stages.filter((_, at) => reach(stages, built).has(at));
  return { stages, shipped, contributing };
}

/** A stage and those that it begins from, the lowest first. */
function chain(stages: readonly WrittenStage[], built: number): readonly WrittenStage[] {
  const stage = stages[built];
  return stage === undefined ? [] : [...chain(stages, findStage(stages, stage.base, built)), stage];
}

function reach(stages: readonly WrittenStage[], built: number): ReadonlySet<number> {
  const found = new Set<number>();
  const waiting = [built];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const stage = stages[at];
    if (stage === undefined || found.has(at)) continue;
    found.add(at);
    const names = [stage.base, ...stage.instructions.flatMap(sourcesOf)];
    for (const name of names) waiting.push(findStage(stages, name, at));
  }
  return found;
}

/** Asks a Dockerfile; without one nothing can be told. */
export function judgeDockerfile(
  { dockerfile }: ImageFacts,
  judge: (view: DockerfileView, dockerfile: DockerfileFacts) => Answer,
): Answer {
  return dockerfile === undefined
    ? unknownBecause('the image came without its Dockerfile')
    : judge(viewDockerfile(dockerfile), dockerfile);
}

/** What was seen at an instruction. */
export function atLine({ line }: Pick<Written, 'line'>, detail: string): Sighting {
  return { subject: { kind: 'line', line }, detail };
}

/** Every command of the stages' RUN instructions. */
export function commandsIn(
  stages: readonly WrittenStage[],
): readonly { readonly at: Written; readonly stage: WrittenStage; readonly command: ShellCommand }[] {
  return stages.flatMap((stage) =>
    stage.instructions.flatMap((at) => at.commands.map((command) => ({ at, stage, command }))),
  );
}

/** Whether the stage is meant for people who develop or test, by its name. */
export function isForDevelopment({ dockerfile }: ImageFacts): boolean {
  return /(?:^|[-_])(?:dev|develop|development|debug|tests?|testing|ci|local)(?:[-_]|$)/i.test(
    dockerfile?.target ?? '',
  );
}
