import type { Assessment, Check, Result, Spot } from '../../src/audit/assessment.ts';
import type { Judged } from '../../src/audit/audit.ts';
import type { DockerfileFacts } from '../../src/audit/dockerfile-facts.ts';
import { type Answer, answerBy, type Sighting } from '../../src/audit/finding.ts';
import type { ImageFacts, LayerFacts } from '../../src/audit/image-facts.ts';
import type { Rule } from '../../src/audit/rule.ts';
import { parseDigest } from '../../src/model/digest.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import { parseImageConfig } from '../../src/model/image-config.ts';

/** An image of which nothing is known but what a test says. */
export function imageFacts(known: Partial<ImageFacts> = {}): ImageFacts {
  return {
    day: '2026-11-21',
    configDigest: parseDigest(`sha256:${'c'.repeat(64)}`),
    config: parseImageConfig(Buffer.from('{"os":"linux","architecture":"amd64"}')),
    tree: new FileTree([]),
    ...{ layers: [], hidden: [], packages: [], pythons: [], dockerfile: undefined, probes: undefined },
    ...known,
  };
}

export function dockerfile(text: string, target?: string): DockerfileFacts {
  return { ...{ file: 'Dockerfile', text, target }, ignore: undefined, contextFiles: [], contextTexts: new Map() };
}

export function layer(line: number | undefined): LayerFacts {
  const from = line === undefined ? 'base' : 'line';
  return { diffId: 'sha256:d', instruction: '', from, line, bytes: 1, files: 1 };
}

export function rule(id: string, known: Partial<Rule> = {}): Rule {
  return {
    ...{ id, stride: 'secure', severity: 'medium', needs: 'image' },
    ...{ title: `The image has ${id}`, why: 'It matters.', remedy: 'USER 10001', ignoreWhen: 'it is meant' },
    judge: () => ({ kind: 'pass' }),
    ...known,
  };
}

export const passes: Answer = { kind: 'pass' };

export function found(...sightings: Sighting[]): Answer {
  return answerBy(sightings);
}

export function inFile(path: string, at = 0): Sighting {
  return { subject: { kind: 'file', path, layer: at }, detail: `${path} is there` };
}

export function atLine(line: number): Sighting {
  return { subject: { kind: 'line', line }, detail: `line ${line} does it` };
}

export const inImage: Sighting = { subject: { kind: 'image' }, detail: 'it is so' };

export function judged(id: string, answer: Answer, known: Partial<Rule> = {}): Judged {
  return { rule: rule(id, known), answer };
}

/** A result as a report gets it. */
export function result(
  id: string,
  known: Partial<Omit<Result, 'check'>> & { readonly check?: Partial<Check> } = {},
): Result {
  const { judge: _, ...told } = rule(id);
  const { check, ...more } = known;
  const spots = more.state === 'open' ? [spot()] : [];
  return {
    ...{ state: 'passed', because: '', spots, ignored: 0 },
    ...more,
    check: { ...told, by: 'slipway', page: '', ...check },
  };
}

export function spot(known: Partial<Spot> = {}): Spot {
  return { ...inImage, place: { file: 'Dockerfile', line: 3 }, key: '', ...known };
}

export function assessment(results: readonly Result[], notices: readonly string[] = []): Assessment {
  return { results, notices };
}
