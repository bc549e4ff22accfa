import type { BuildSummary } from '../model/build-progress.ts';
import { ran } from '../model/built-steps.ts';
import type { UncachedStep } from '../report/facts.ts';
import type { BuildRequest } from './build-request.ts';
import { findLine, parseStepName, type StepName } from './dockerfile-lines.ts';

/** What was built, and from what. */
export interface UncachedQuestion {
  readonly request: Pick<BuildRequest, 'noCache' | 'noCacheFilters' | 'cache'>;
  /** The Dockerfile's text. */
  readonly dockerfile: string;
  /** Its path within the work tree. */
  readonly file: string;
}

/** The first step of the user's Dockerfile that had to be run for the image, and why as far as that can be told. A stage can only use
 * stages above it, so all that the first one in the file is made from came from the cache. */
export function findUncached(summary: BuildSummary, question: UncachedQuestion): UncachedStep | undefined {
  const own = summary.steps.some(({ targets }) => targets.includes('app')) ? 'app' : 'image';
  const steps = summary.steps
    .filter((step) => ran(step) && (step.targets.length === 0 || step.targets.includes(own)))
    .flatMap(({ name }) => parseStepName(name) ?? [])
    .filter(({ text }) => !text.startsWith('FROM '))
    .map((name) => ({ name, line: findLine(question.dockerfile, name) }))
    .sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || a.name.at - b.name.at);
  const [first] = steps;
  if (first === undefined) return undefined;
  const { name, line } = first;
  return {
    step: name.text,
    place: line === undefined ? undefined : { file: question.file, line },
    because: explain(name, summary, question),
  };
}

/** What a builder does not tell, such as which file is another one, is not guessed. */
function explain({ stage, text }: StepName, { steps }: BuildSummary, { request }: UncachedQuestion): string {
  if (request.noCache) return '`no-cache` asks for a build without any, which is the default on schedule';
  if (request.noCacheFilters.some((filter) => filter.toLowerCase() === stage))
    return '`no-cache-filters` names its stage';
  if (request.cache.from.length === 0) return 'there was no cache to read';
  const isRead = steps.some(({ name, error }) => name.startsWith('importing cache manifest') && error === undefined);
  if (!isRead) return 'the cache that was found could not be read; the log says why';
  return /^(?:COPY|ADD) /.test(text)
    ? 'the cache has nothing for this line with these files'
    : 'the cache has nothing for this line with its arguments, on top of what stands before it';
}
