import { existsSync, mkdirSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';
import { ActionError, formatThrown } from '../errors.ts';
import type { Journal } from '../journal.ts';
import { planAnnotations } from '../report/annotations.ts';
import type { Facts } from '../report/facts.ts';
import { renderOutputs } from '../report/outputs.ts';
import { renderDraft, renderReceipt } from '../report/receipt.ts';
import { redactFacts } from '../report/redacted.ts';
import { renderSarif } from '../report/sarif.ts';
import { renderSummary } from '../report/summary.ts';
import { annotate, notice, redact, say, writeOutputs, writeSummary } from './actions.ts';
import type { RunnerEnvironment } from './environment.ts';
import { undoWrites } from './image/aftermath.ts';
import { explainFull, freeRoom } from './room.ts';
import { receiptPath, sarifPath, stateFolder } from './state.ts';
import { writeWhole } from './whole-file.ts';

/** Writes what the run says of itself: notices, receipt, outputs, summary. */
export function writeReport(journal: Journal, environment: RunnerEnvironment, nonce: string): void {
  freeRoom(stateFolder(environment.temp, nonce));
  for (const text of undoWrites()) journal.notice(text);
  const { facts } = journal;
  for (const text of facts.notices) notice(text);
  const told = redactFacts(facts, redact);
  for (const one of planAnnotations(told)) annotate(one);
  if (!existsSync(environment.temp)) mkdirSync(environment.temp, { recursive: true });
  const path = receiptPath(environment.temp, nonce);
  const sarif = writeFindings(told, sarifPath(environment.temp, nonce));
  writeWhole(path, redactStrings(renderReceipt(told, path, sarif)));
  const outputs = renderOutputs(facts, path, sarif);
  // the others name what is public and must be exact
  const metadata = outputs.get('metadata') ?? '';
  writeOutputs(new Map([...outputs, ['metadata', metadata === '' ? '' : redactStrings(metadata, 0).trimEnd()]]));
  if (facts.inputs?.summary !== false) writeSummary(environment.all['GITHUB_STEP_SUMMARY'], renderSummary(told));
  for (const { repository, tag, outcome, after } of facts.tags)
    say(`${outcome.padEnd(11)} ${repository}:${tag} ${after ?? ''}`);
}

/** The path of the file; empty where nothing was checked.
 * @param told without secrets */
function writeFindings({ audit, home = '', inputs }: Facts, path: string): string {
  if (audit === undefined) return '';
  const image = inputs?.repositories[0]?.name ?? '';
  const { context = '.', file = join(context, 'Dockerfile') } = inputs?.build ?? {};
  writeWhole(path, renderSarif(audit, { home, image, dockerfile: normalize(file) }));
  return path;
}

/** Writes the receipt as far as it goes: what a run is about to write stands in it before it is written, so that post can tell what
 * became of it where main is killed.
 * @throws ActionError `publish-failed` where it cannot be written: then nothing else may be. */
export function writeDraft(journal: Journal, environment: RunnerEnvironment, nonce: string): void {
  const path = receiptPath(environment.temp, nonce);
  try {
    writeWhole(path, redactStrings(renderDraft(redactFacts(journal.facts, redact), path)));
  } catch (cause) {
    const full = explainFull(cause, environment.temp);
    if (full !== undefined) throw full;
    const reason = formatThrown(cause);
    throw new ActionError('publish-failed', `the receipt cannot be written, so nothing is published: ${reason}`, {
      hint: 'the runner’s RUNNER_TEMP must stay, and must have space left',
      cause,
    });
  }
}

/** JSON whose strings are redacted and nothing else: a secret made of digits must not break a number. */
function redactStrings(json: string, space = 2): string {
  const shown: unknown = JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value));
  return `${JSON.stringify(shown, null, space)}\n`;
}
