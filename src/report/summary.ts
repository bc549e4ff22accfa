import { ActionError } from '../errors.ts';
import { formatDuration } from '../model/duration.ts';
import { renderBytecodeSummary } from './bytecode.ts';
import { codeOf, errorPage } from './error-page.ts';
import type { Facts, TagRecord } from './facts.ts';
import { cell, code } from './markdown.ts';
import { renderTestReports } from './test-reports.ts';

/** The job's summary: the verdict first, then tags, image, cache, tests and time. */
export function renderSummary(facts: Facts): string {
  const parts = [
    `## ${headline(facts)}`,
    why(facts),
    tagTable(facts.tags),
    imageLine(facts),
    renderBytecodeSummary(facts),
    testTable(facts),
    renderTestReports(facts.reports),
    warningList(facts),
    commentLine(facts),
    timeLine(facts),
    noticeList(facts),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline({ error, verdict, image, rights }: Facts): string {
  if (error !== undefined) return '❌ Slipway: nothing more was published';
  switch (verdict?.kind) {
    case 'ship':
      return image?.reused === true ? '✅ Slipway: published, reusing an image that exists' : '✅ Slipway: published';
    case 'test-only':
      return `☑️ Slipway: ${rights?.role === 'untrusted' ? 'built and tested, not published' : 'tested, not published'}`;
    case 'nothing':
      return '☑️ Slipway: nothing to build';
    case undefined:
      return '❌ Slipway: stopped before the end';
  }
}

function why({ error, verdict, rights, home }: Facts): string {
  if (error !== undefined) {
    const hint = error instanceof ActionError ? `\n\n${cell(error.hint)}` : '';
    const page = errorPage(error, home ?? '');
    const link = page === '' ? '' : `\n\n[What ${code(codeOf(error))} means, and the ways out](${encodeURI(page)})`;
    return `${cell(error.message)}${hint}${link}`;
  }
  if (verdict !== undefined && verdict.kind !== 'ship') return cell(verdict.because);
  return rights === undefined ? '' : cell(rights.because);
}

function tagTable(tags: readonly TagRecord[]): string {
  if (tags.length === 0) return '';
  const rows = tags.map(
    ({ repository, tag, outcome, before, after, reason }) =>
      `| ${code(`${repository}:${tag}`)} | ${outcome}${reason === '' ? '' : `: ${cell(reason)}`} | ${short(before)} | ${short(after)} |`,
  );
  return ['| tag | what happened | before | now |', '|---|---|---|---|', ...rows].join('\n');
}

function imageLine({ image, tags, cacheExport, plan }: Facts): string {
  if (image === undefined) return '';
  const name = image.digest ?? image.configDigest ?? image.localId ?? '';
  const repository = tags.find(({ after }) => after !== undefined && after === image.digest)?.repository;
  const pull = repository === undefined ? code(name) : code(`docker pull ${repository}@${image.digest}`);
  const size = image.size === undefined ? '' : `, ${(image.size / 1e6).toFixed(1)} MB`;
  const from =
    plan === undefined || plan.cache.from.length === 0
      ? 'no cache was found'
      : `cache from ${plan.cache.from.length} reference(s)`;
  const built = image.reused
    ? 'not built again'
    : `${image.steps.cached} of ${image.steps.total} steps cached, ${from}`;
  const exported = cacheExport === undefined ? '' : `; cache ${wordOf(cacheExport)} ${code(cacheExport.reference)}`;
  return `Image ${pull}${size}: ${built}${exported}.`;
}

function wordOf({ ok, reason }: NonNullable<Facts['cacheExport']>): string {
  if (!ok) return 'not written to';
  return reason === '' ? 'written to' : 'left as it is at';
}

function testTable({ tests, plan }: Facts): string {
  if (tests.length === 0) {
    const known = plan?.adoption.kind === 'adopt' && plan.adoption.testsKnown;
    return known ? 'The same tests passed on this image before; they did not run again.' : 'No tests ran.';
  }
  const rows = tests.map(
    ({ kind, command, passed, ms }) =>
      `| ${kind} | ${code(firstLine(command))} | ${passed ? 'passed' : 'failed'} | ${formatDuration(ms)} |`,
  );
  return ['| test | command | result | time |', '|---|---|---|---|', ...rows].join('\n');
}

function warningList({ image }: Facts): string {
  const warnings = image?.warnings ?? [];
  if (warnings.length === 0) return '';
  const rows = warnings.map(
    ({ text, place }) => `| ${place === undefined ? '' : code(`${place.file}:${place.line}`)} | ${cell(text)} |`,
  );
  const table = ['| where | what |', '|---|---|', ...rows].join('\n');
  const count = warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`;
  return `<details><summary>${count} of BuildKit’s about the Dockerfile</summary>\n\n${table}\n\n</details>`;
}

/** Where there is a comment people see it. */
function commentLine({ comment }: Facts): string {
  return comment?.kind === 'none' ? `No comment on the pull request: ${cell(comment.reason)}.` : '';
}

function timeLine({ steps }: Facts): string {
  return steps.map(({ name, ms }) => `${cell(name)} ${formatDuration(ms)}`).join(' · ');
}

function noticeList({ notices }: Facts): string {
  return notices.map((text) => `- ${cell(text)}`).join('\n');
}

function short(digest: string | undefined): string {
  return digest === undefined ? '—' : code(digest.slice(0, 19));
}

function firstLine(text: string): string {
  const [line = '', ...rest] = text.trim().split('\n');
  return rest.length === 0 ? line : `${line} …`;
}
