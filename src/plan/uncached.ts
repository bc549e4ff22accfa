import type { BuildSummary } from '../model/build-progress.ts';
import { isTargetFor, ran } from '../model/built-steps.ts';
import type { UncachedStep } from '../report/built-image.ts';
import type { BuildRequest } from './build-request.ts';
import { findLine, parseStepName, type StepName } from './dockerfile-lines.ts';
import { findStage, readStages } from './dockerfile-stages.ts';

/** What was built, and from what. */
export interface UncachedQuestion {
  readonly request: Pick<BuildRequest, 'target' | 'noCache' | 'noCacheFilters' | 'cache'>;
  /** The Dockerfile's text. */
  readonly dockerfile: string;
  /** Its path within the work tree. */
  readonly file: string;
}

/** The first step of the user's Dockerfile that had to be run for the image, and why as far as that can be told. A stage can only use
 * stages above it, so all that the first one in the file is made from came from the cache. */
export function findUncached(summary: BuildSummary, question: UncachedQuestion): UncachedStep | undefined {
  const hasApp = summary.steps.some(({ targets }) => targets.some((one) => isTargetFor('app', one)));
  const isOwn = (target: string): boolean => isTargetFor(hasApp ? 'app' : 'image', target);
  const steps = summary.steps
    .filter((step) => ran(step) && (step.targets.length === 0 || step.targets.some(isOwn)))
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
    because: `${explain(name, summary, question)}${explainCost(
      steps.map((one) => one.name),
      summary,
      question,
    )}`,
  };
}

/** What plain COPY costs where the engine is new to the image: it is made on the layers below, which have to be there for that. Told where
 * no other step needed them. */
function explainCost(
  steps: readonly StepName[],
  { unpacked }: BuildSummary,
  { dockerfile, request }: UncachedQuestion,
): string {
  const isPlain = ({ stage, text }: StepName): boolean =>
    isFinal(dockerfile, request.target, stage) && /^(?:COPY|ADD) (?!(?:--\S+ )*--link\b)/.test(text);
  if (unpacked === 0 || request.cache.from.length === 0 || !steps.every(isPlain)) return '';
  return `; for it alone ${(unpacked / 1e6).toFixed(1)} MB of the layers below were fetched and unpacked, which \`COPY --link\` does without`;
}

/** Whether a stage, by BuildKit's name for it, is the one that becomes the image. */
function isFinal(dockerfile: string, target: string | undefined, stage: string): boolean {
  const stages = readStages(dockerfile);
  const at = target === undefined ? stages.length - 1 : findStage(stages, target);
  return stage === '' || stage === stages[at]?.name || stage === `stage-${at}`;
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
