import type { BytecodeReport, PlatformBytecode } from '../model/bytecode.ts';
import { formatDuration } from '../model/duration.ts';
import type { BytecodeProof, PlatformProof, StartTimes } from '../plan/bytecode/proof-verdict.ts';
import { showPath } from '../plan/bytecode/verdict.ts';
import type { Facts } from './facts.ts';
import { cell, code } from './markdown.ts';

/** What became of the image's bytecode, in plain sentences for the log; the first one says the most. */
export function describeBytecode(report: BytecodeReport, proof: BytecodeProof | undefined): readonly string[] {
  const pythons = report.interpreters.map(({ version }) => version).join(', ');
  const made = `${counted(report.compiled, 'module')} compiled by Python ${pythons} (${megabytes(report.bytes)} added)`;
  const kept = report.unchanged === 0 ? '' : `, ${report.unchanged} were up to date`;
  const removed = report.removed.length === 0 ? '' : `, ${report.removed.length} stale or foreign ones emptied`;
  const out = report.skipped.length === 0 ? '' : `, ${report.skipped.length} left out`;
  return [`bytecode: ${made}${kept}${removed}${out}`, ...(proof === undefined ? [] : describeProof(proof))];
}

function describeProof({ files, start, times }: BytecodeProof): readonly string[] {
  const sources = files.coverage.reduce((sum, one) => sum + one.sources, 0);
  const loaded = files.coverage.reduce((sum, one) => sum + one.loaded, 0);
  const ran = start.kind === 'started' ? `, ${start.what} compiled ${counted(start.compiled.length, 'module')}` : '';
  return [`bytecode: ${loaded} of ${sources} sources load from a .pyc${ran}`, `bytecode: ${describeTimes(times)}`];
}

function describeTimes(times: StartTimes): string {
  if (times.kind === 'skipped') return `start time was not measured: ${times.reason}`;
  const { before, after, starts } = times;
  const modules = `${before.compiled} modules compiled at the start before, ${after.compiled} now`;
  return `start ${formatDuration(before.ms)} without, ${formatDuration(after.ms)} with bytecode; ${modules} (median of ${starts} each)`;
}

/** The summary's part about bytecode, a paragraph for each platform; empty where there is none. */
export function renderBytecodeSummary(facts: Facts): string {
  return proved(facts).map(renderParagraph).join('\n\n');
}

/** What was compiled for each platform, with what was proved of it so far. */
function proved({ image, bytecodeProofs }: Facts): readonly Proved[] {
  return (image?.bytecode ?? []).map((report) => ({
    report,
    proof: bytecodeProofs.find(({ platform }) => platform === report.platform),
  }));
}

interface Proved {
  readonly report: PlatformBytecode;
  readonly proof: PlatformProof | undefined;
}

function renderParagraph({ report, proof }: Proved): string {
  const lines = describeBytecode(report, proof).map((line) => cell(line.replace(/^bytecode: /, '')));
  const out = report.skipped.slice(0, shown).map(({ path, reason }) => `- ${code(showPath(path))}: ${cell(reason)}`);
  const more = report.skipped.length > shown ? [`- and ${report.skipped.length - shown} more, in the receipt`] : [];
  const details =
    out.length === 0 ? '' : `\n\n<details><summary>Left out</summary>\n\n${[...out, ...more].join('\n')}\n\n</details>`;
  const of = report.platform === undefined ? '' : ` for ${report.platform}`;
  return `Bytecode${of}: ${lines.join('; ')}.${details}`;
}

const shown = 20;

/** The receipt's part about bytecode; null where there is none. */
export function renderBytecode(facts: Facts) {
  const [first, ...others] = proved(facts).map(renderProved);
  return first === undefined ? null : { ...first, others: others.map((one) => ({ ...one, others: [] })) };
}

function renderProved({ report, proof }: Proved) {
  const { interpreters, compiled, unchanged, bytes, skipped, failed, removed, useless } = report;
  return {
    platform: report.platform ?? null,
    pythons: interpreters.map(({ path, version }) => ({ path, version })),
    compiled,
    unchanged,
    bytes,
    skipped,
    failed,
    removed,
    useless,
    proof: proof === undefined ? null : renderProof(proof),
  };
}

function renderProof({ files, start, times }: BytecodeProof) {
  const started = start.kind === 'started';
  return {
    coverage: files.coverage,
    faults: files.faults.map(({ path, reason, own, version }) => ({ path, reason, own, python: version })),
    start: {
      what: started ? start.what : null,
      compiled: started ? start.compiled : [],
      reason: started ? start.short : start.reason,
    },
    times:
      times.kind === 'skipped'
        ? { starts: 0, before: null, after: null, reason: times.reason }
        : { starts: times.starts, before: times.before, after: times.after, reason: '' },
  };
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
