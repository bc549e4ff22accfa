import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Journal } from '../journal.ts';
import { renderOutputs } from '../report/outputs.ts';
import { renderReceipt } from '../report/receipt.ts';
import { renderSummary } from '../report/summary.ts';
import { notice, redact, say, writeOutputs, writeSummary } from './actions.ts';
import type { RunnerEnvironment } from './environment.ts';

/** Writes what the run says of itself: notices, receipt, outputs, summary. The receipt stays in RUNNER_TEMP for later steps; the
 * runner empties that folder after the job. */
export function writeReport(journal: Journal, environment: RunnerEnvironment, nonce: string): void {
  const { facts } = journal;
  for (const text of facts.notices) notice(text);
  if (!existsSync(environment.temp)) mkdirSync(environment.temp, { recursive: true });
  const path = `${environment.temp.replace(/\/+$/, '')}/slipway-receipt-${nonce}.json`;
  writeFileSync(path, redactStrings(renderReceipt(facts, path)));
  const outputs = renderOutputs(facts, path);
  writeOutputs(outputs);
  if (facts.inputs?.summary !== false)
    writeSummary(environment.all['GITHUB_STEP_SUMMARY'], redact(renderSummary(facts)));
  for (const { repository, tag, outcome, after } of facts.tags)
    say(`${outcome.padEnd(11)} ${repository}:${tag} ${after ?? ''}`);
}

/** JSON whose strings are redacted and nothing else: a secret made of digits must not break a number. */
function redactStrings(json: string): string {
  const shown: unknown = JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value));
  return `${JSON.stringify(shown, null, 2)}\n`;
}
