import { renderBytecodeSummary } from './bytecode.ts';
import type { Facts } from './facts.ts';
import { renderImageDiff } from './image-diff.ts';
import { cell, code } from './markdown.ts';
import { fitBlocks, fold, renderList, renderTable } from './summary/blocks.ts';
import { renderCache } from './summary/cache.ts';
import { renderChecks } from './summary/checks.ts';
import { commitPages, prose } from './summary/commit-pages.ts';
import { renderImage } from './summary/image.ts';
import { renderNextSteps } from './summary/next-steps.ts';
import { renderTags } from './summary/tags.ts';
import { renderTests } from './summary/tests.ts';
import { renderTimes } from './summary/times.ts';
import { renderHeadline, renderWhy } from './summary/verdict.ts';

/** The job's summary: the verdict first and what to do about it, then tags, image, tests, cache, time and notices. Always short enough
 * for GitHub to show it. */
export function renderSummary(facts: Facts): string {
  return fitBlocks([
    { name: 'the verdict', text: renderHeadline(facts) },
    { name: 'why', text: renderWhy(facts) },
    { name: 'what to do next', text: renderNextSteps(facts) },
    { name: 'the tags', text: renderTags(facts) },
    { name: 'the image', text: renderImage(facts) },
    { name: 'the difference to main', text: renderImageDiff(facts) },
    { name: 'the tests', text: renderTests(facts) },
    { name: 'the checks', text: renderChecks(facts) },
    { name: 'the Dockerfile’s warnings', text: renderWarnings(facts) },
    { name: 'the cache', text: renderCache(facts) },
    { name: 'the bytecode', text: renderBytecodeSummary(facts) },
    { name: 'the times', text: renderTimes(facts) },
    { name: 'the comment', text: renderComment(facts) },
    { name: 'the notices', text: renderNotices(facts) },
  ]);
}

/** Where the image was checked they are among the findings. */
function renderWarnings({ image, audit }: Facts): string {
  const warnings = audit === undefined ? (image?.warnings ?? []) : [];
  if (warnings.length === 0) return '';
  const rows = warnings.map(
    ({ text, place }) => `| ${place === undefined ? '' : code(`${place.file}:${place.line}`)} | ${cell(text)} |`,
  );
  const table = renderTable(['where', 'what'], rows, 'warnings');
  const count = warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`;
  return fold(`${count} of BuildKit’s about the Dockerfile`, table);
}

/** Where there is a comment people see it. */
function renderComment({ comment }: Facts): string {
  return comment?.kind === 'none' ? `No comment on the pull request: ${cell(comment.reason)}.` : '';
}

function renderNotices(facts: Facts): string {
  const notices = facts.notices.map((text) => prose(text, commitPages(facts)));
  return notices.length === 0 ? '' : `### Notices\n\n${renderList(notices, 'notices')}`;
}
