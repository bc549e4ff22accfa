import type { Result } from '../audit/assessment.ts';
import { severities } from '../audit/hold.ts';
import { ActionError } from '../errors.ts';
import type { TestCase } from '../model/test-counts.ts';
import type { UncachedStep } from './built-image.ts';
import { renderBytecode } from './bytecode.ts';
import { codeOf, errorPage } from './error-page.ts';
import type { Facts, TagRecord, TestReports, TestResult } from './facts.ts';
import { renderOutputs } from './outputs.ts';
import { revisionOf } from './revision.ts';

/** The receipt: what this run was, what it built and what became of each tag, as data. Its shape is
 * docs/receipt.schema.json's. */
export function renderReceipt(facts: Facts, path: string, sarif = ''): string {
  const outputs = Object.fromEntries(renderOutputs(facts, path, sarif));
  return `${JSON.stringify(
    {
      format: 1,
      result: facts.error === undefined ? (facts.verdict?.kind ?? 'unfinished') : 'failed',
      error: renderError(facts),
      event: facts.git?.eventName ?? null,
      ref: facts.git?.event.ref.ref ?? null,
      commit: facts.git?.checkout.head ?? null,
      role: facts.rights?.role ?? null,
      because: facts.rights?.because ?? null,
      image: facts.image === undefined ? null : renderImage(facts),
      tags: facts.tags.map(renderTag),
      revisions: renderRevisions(facts),
      refused: facts.wanted?.refused ?? [],
      superseded: facts.wanted?.superseded ?? [],
      tests: facts.tests.map(renderTest),
      reports: renderReports(facts.reports),
      bytecode: renderBytecode(facts),
      checks: renderChecks(facts),
      diff: renderDiff(facts),
      comment: facts.comment ?? null,
      cache: { export: facts.cacheExport ?? null },
      notices: facts.notices,
      steps: facts.steps.map(({ name, ms, outcome }) => ({ name, ms: Math.round(ms), outcome })),
      outputs,
    },
    null,
    2,
  )}\n`;
}

/** The receipt of a run that is still under way. */
export function renderDraft(facts: Facts, path: string): string {
  return renderReceipt({ ...facts, verdict: undefined, error: undefined }, path);
}

function renderImage({ image }: Facts) {
  if (image === undefined) return null;
  const { digest, configDigest, size, platform, platforms, reused, steps, uncached } = image;
  const warnings = image.warnings.map(({ text, url, place }) => ({
    text,
    url,
    file: place?.file ?? null,
    line: place?.line ?? null,
  }));
  return {
    digest: digest ?? null,
    config: configDigest ?? null,
    size: size ?? null,
    platform: platform ?? null,
    platforms: platforms.map((one) => ({ ...one, digest: one.digest ?? null, size: one.size ?? null })),
    reused,
    steps,
    uncached: uncached === undefined ? null : renderUncached(uncached),
    warnings,
  };
}

function renderUncached({ step, place, because }: UncachedStep) {
  return { step, file: place?.file ?? null, line: place?.line ?? null, because };
}

function renderTag({ repository, tag, kind, before, after, outcome, reason }: TagRecord) {
  return { repository, tag, kind, before: before ?? null, after: after ?? null, outcome, reason };
}

function renderTest({ kind, command, platform, passed, ms }: TestResult) {
  return { kind, command, platform: platform ?? null, passed, ms: Math.round(ms) };
}

/** By digest, so that it stays true whatever post finds out about a tag. */
function renderRevisions(facts: Facts) {
  const digests = facts.tags.flatMap(({ before, after }) => [before, after]).filter((one) => one !== undefined);
  return [...new Set(digests)].flatMap((digest) => {
    const commit = revisionOf(digest, facts);
    return commit === undefined ? [] : [{ digest, commit }];
  });
}

function renderReports(reports: TestReports | undefined) {
  if (reports === undefined) return null;
  const { files, counts } = reports;
  const { passed, failed, skipped } = counts;
  const renderCase = ({ name, ms, message, place }: TestCase) => ({
    name,
    ms: ms === undefined ? null : Math.round(ms),
    message,
    file: place?.file ?? null,
    line: place?.line ?? null,
  });
  const [failures, slowest] = [counts.failures.map(renderCase), counts.slowest.map(renderCase)];
  return { files, passed, failed, skipped, failures, slowest };
}

function renderChecks({ audit, unchecked }: Facts) {
  if (audit === undefined) return unchecked === undefined ? null : { because: unchecked, found: null };
  const count = (state: Result['state']): number => audit.results.filter((one) => one.state === state).length;
  const open = severities.map((severity) => [
    severity,
    audit.results.filter(({ state, check }) => state === 'open' && check.severity === severity).length,
  ]);
  return {
    because: null,
    found: { ...Object.fromEntries(open), unknown: count('unknown'), ignored: count('ignored') },
  };
}

function renderDiff({ diff }: Facts) {
  if (diff === undefined) return null;
  const { against, size, packages } = diff;
  const layers = diff.layers.map(({ instruction, from, place, before, after }) => ({
    instruction,
    from,
    file: place?.file ?? null,
    line: place?.line ?? null,
    before: before ?? null,
    after: after ?? null,
  }));
  return { ...against, ...size, layers, packages };
}

function renderError({ error, home }: Facts) {
  if (error === undefined) return null;
  return {
    code: codeOf(error),
    message: error.message,
    hint: error instanceof ActionError ? error.hint : '',
    page: errorPage(error, home ?? ''),
  };
}
