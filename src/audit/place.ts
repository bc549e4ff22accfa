import { DockerfileParser } from 'dockerfile-ast';
import type { Place } from '../model/place.ts';
import { findStage, readStages, type Stage } from '../plan/dockerfile-stages.ts';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import type { Subject } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';

/** Which instruction sets a field of the configuration. */
const setters: Readonly<Record<string, string>> = {
  Cmd: 'CMD',
  Entrypoint: 'ENTRYPOINT',
  Env: 'ENV',
  ExposedPorts: 'EXPOSE',
  Healthcheck: 'HEALTHCHECK',
  Labels: 'LABEL',
  Shell: 'SHELL',
  StopSignal: 'STOPSIGNAL',
  User: 'USER',
  Volumes: 'VOLUME',
  WorkingDir: 'WORKDIR',
};

/** Says which line of the Dockerfile is to be changed for what a rule saw: the one that made it, else the FROM of the image. Undefined where
 * there is no Dockerfile, or it has no such stage. */
export function locator({ dockerfile, layers }: ImageFacts): (subject: Subject) => Place | undefined {
  if (dockerfile === undefined) return () => undefined;
  const chain = listChain(dockerfile);
  const [built] = chain;
  return (subject) => {
    const line = findLine(subject, { layers, chain }) ?? built?.line;
    return line === undefined ? undefined : { file: dockerfile.file, line };
  };
}

/** Says what a sighting is about in words that stay the same while lines and layers move. */
export function namer({ dockerfile, layers }: ImageFacts): (subject: Subject) => string {
  const texts = new Map(dockerfile === undefined ? [] : readInstructions(dockerfile.text));
  return (subject) => {
    switch (subject.kind) {
      case 'line':
        return texts.get(subject.line) ?? '';
      case 'file':
        return subject.path;
      case 'layer':
        return layers[subject.layer]?.instruction ?? '';
      case 'config':
        return subject.field;
      case 'package':
        return subject.name;
      case 'image':
        return '';
    }
  };
}

/** The text of the instruction that each line belongs to. */
function readInstructions(dockerfile: string): [number, string][] {
  return DockerfileParser.parse(dockerfile)
    .getInstructions()
    .flatMap((one) => {
      const { start, end } = one.getRange();
      const text = `${one.getKeyword()} ${one.getRawArgumentsContent() ?? ''}`.replace(/[\\\s]+/g, ' ').trim();
      return Array.from({ length: end.line - start.line + 1 }, (_, at): [number, string] => [
        start.line + 1 + at,
        text,
      ]);
    });
}

function findLine(
  subject: Subject,
  { layers, chain }: { readonly layers: ImageFacts['layers']; readonly chain: readonly Stage[] },
): number | undefined {
  switch (subject.kind) {
    case 'line':
      return subject.line;
    case 'file':
    case 'layer':
      return layers[subject.layer]?.line;
    case 'config': {
      const [field = ''] = subject.field.split('.');
      return Object.hasOwn(setters, field) ? findSetter(setters[field], chain) : undefined;
    }
    case 'image':
    case 'package':
      return undefined;
  }
}

/** The last one counts, and a stage's own before those of the stages that it builds on. */
function findSetter(keyword: string | undefined, chain: readonly Stage[]): number | undefined {
  for (const { instructions } of chain) {
    const found = instructions.findLast((one) => one.keyword === keyword);
    if (found !== undefined) return found.line;
  }
  return undefined;
}

/** The stage that was built and those that it builds on, itself first. */
function listChain({ text, target }: DockerfileFacts): readonly Stage[] {
  const stages = readStages(text);
  const chain: Stage[] = [];
  let at = target === undefined ? stages.length - 1 : findStage(stages, target);
  for (let stage = stages[at]; stage !== undefined; stage = stages[at]) {
    chain.push(stage);
    at = findStage(stages, stage.base, at);
  }
  return chain;
}
