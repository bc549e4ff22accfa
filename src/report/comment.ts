import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { type Facts, isWritten } from './facts.ts';
import { renderShortDiff } from './image-diff.ts';
import { code, link } from './markdown.ts';
import { fitBlocks } from './summary/blocks.ts';
import { commitPages, prose, upperFirst } from './summary/commit-pages.ts';
import { renderError } from './summary/error.ts';
import { renderFirstFailures, tellCounts } from './test-reports.ts';

/** A comment as it should stand on a pull request. */
export interface PullComment {
  /** Its first line: by it a later run finds the comment. */
  readonly marker: string;
  /** Its second line: another one means that a reader would see something new. */
  readonly fingerprint: string;
  readonly body: string;
}

/** What a comment belongs to: there is one per image and workflow file on a pull request. */
export interface CommentOwner {
  /** GITHUB_WORKFLOW_REF without what follows the `@`. */
  readonly workflow: string;
  /** Address of this run, changed with every run and no news in itself. */
  readonly runUrl: string;
}

/** The comment of a run: what was built, how to run it, what its tests say; or what went wrong. */
export function renderComment(facts: Facts, { workflow, runUrl }: CommentOwner): PullComment {
  const images = facts.inputs?.repositories.map(({ name }) => name) ?? [];
  const marker = `<!-- slipway:${hash([workflow, ...images].join('\n'))} -->`;
  const blocks = [
    { name: 'what happened', text: headline(facts) },
    { name: 'the tags', text: tagLines(facts) },
    { name: 'the image', text: imageLines(facts) },
    { name: 'the difference', text: diffLines(facts) },
    { name: 'the tests', text: testLines(facts) },
  ];
  const news = fitBlocks(blocks, commentLimit).trimEnd();
  const fingerprint = `<!-- slipway-news:${hash(news)} -->`;
  const body = `${marker}\n${fingerprint}\n${news}\n\n<sub>${link('this run', runUrl)}</sub>\n`;
  return { marker, fingerprint, body };
}

/** GitHub refuses a comment of more than 65,536 characters. */
const commentLimit = {
  bytes: 60_000,
  because: 'because GitHub takes no longer comment',
  rest: 'The run’s summary has it.',
};

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function headline(facts: Facts): string {
  const { error, image, verdict } = facts;
  const pages = commitPages(facts);
  if (error !== undefined) {
    const hint = error instanceof ActionError ? `\n\n${prose(upperFirst(error.hint), pages)}` : '';
    return `### ❌ No image\n\n${renderError(error, facts)}${hint}`;
  }
  if (image === undefined || verdict?.kind !== 'ship') return '### ☑️ Built and tested, not published';
  return image.reused ? '### ✅ This image exists already' : '### ✅ Image built, tested and published';
}

function tagLines({ tags }: Facts): string {
  return tags
    .map(
      ({ repository, tag, outcome }) => `- ${code(`${repository}:${tag}`)}${isWritten(outcome) ? '' : ` (${outcome})`}`,
    )
    .join('\n');
}

function imageLines({ image, tags, error }: Facts): string {
  if (image?.digest === undefined || error !== undefined) return '';
  const repository = tags.find(({ after, outcome }) => after === image.digest && isWritten(outcome))?.repository;
  if (repository === undefined) return '';
  const size = image.size === undefined ? '' : `\n\n${(image.size / 1e6).toFixed(1)} MB in the engine.`;
  return `\`\`\`sh\ndocker run --rm -it ${repository}@${image.digest}\n\`\`\`${size}`;
}

function diffLines(facts: Facts): string {
  return facts.error === undefined ? renderShortDiff(facts) : '';
}

function testLines({ tests, reports }: Facts): string {
  const failed = tests.filter(({ passed }) => !passed).map(({ kind }) => code(kind));
  const counts = reports === undefined || reports.files.length === 0 ? '' : `Tests: ${tellCounts(reports.counts)}.`;
  const first = reports === undefined ? '' : renderFirstFailures(reports);
  if (failed.length > 0)
    return [`Failed: ${failed.join(', ')}. ${counts}`.trim(), first].filter((part) => part !== '').join('\n\n');
  if (counts !== '' || tests.length === 0) return counts;
  return `Passed: ${tests.map(({ kind }) => code(kind)).join(', ')}.`;
}
