import { readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { formatThrown } from './errors.ts';
import { InputReader } from './inputs/reader.ts';
import { renderAfterwards } from './report/summary/afterwards.ts';
import { openTags, parseReceipt, renderFinished, type ToldReceipt, type ToldTag } from './report/unfinished.ts';
import { flush, notice, redact, say, writeSummary } from './tools/actions.ts';
import { listenForCancel } from './tools/cancel.ts';
import { findEngine } from './tools/engine/endpoint.ts';
import type { Engine } from './tools/engine/engine.ts';
import { readEnvironment, readVariables } from './tools/environment.ts';
import { endLeftovers } from './tools/leftovers.ts';
import { type FoundState, readState, receiptPath, type State } from './tools/state.ts';
import { tidyUp } from './tools/tidy-up.ts';
import { writeWhole } from './tools/whole-file.ts';

const cancel = AbortSignal.timeout(60_000);
/** Aborted where the job is ended while post runs: a little later, as the runner gives it 7.5 s. */
const late = new AbortController();
listenForCancel(() => process.exit(0)).addEventListener('abort', () => setTimeout(() => late.abort(), 3_500));

/** Undoes what State remembers and nothing else; what cannot be undone is a notice, never a red job. Where main was killed, it ends
 * what main left running, and finishes main's receipt. */
async function post(): Promise<void> {
  const all = readVariables();
  const temp = all['RUNNER_TEMP'] ?? '';
  const state = readState(temp);
  if (state === undefined) return;
  const ended = state.ended ? [] : await endLeftovers(state.nonce);
  // what ends just now may still write there
  await rm(state.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(tell);
  if (state.isTidy) return; // main has left nothing else
  const engine = await findEngine(all);
  const hasNames = state.names.length + state.restore.length > 0; // a run without an engine left nothing there
  if (hasNames) await tidyUp(engine, state, cancel).catch(tell); // a registry may answer where the engine does not
  await finishReceipt(engine, state, temp);
  if (!state.ended && hasNames) await tidyUpAfter(engine, state);
  say(`tidied up: ${[...ended.map((one) => `ended ${one}`), describe(state)].join(', ')}`);
}

/** An engine may still be making what its client asked for when that was killed, and tells nobody when it is done. */
async function tidyUpAfter(engine: Engine, state: State): Promise<void> {
  for (let looks = 0; looks < 8; looks++) {
    await tidyUp(engine, state, cancel);
    await delay(250);
  }
  await tidyUp(engine, state, cancel);
}

function describe({ names, restore }: State): string {
  return [...names.map((name) => `removed ${name}`), ...restore.map(({ name }) => `restored ${name}`)].join(', ');
}

/** Looks again at tags whose write was cut off, and puts what it finds into the receipt. */
async function finishReceipt(engine: Engine, { nonce, ended }: FoundState, temp: string): Promise<void> {
  const path = receiptPath(temp, nonce);
  rmSync(`${path}.part`, { force: true });
  const receipt = readReceipt(path);
  const open = receipt === undefined ? [] : openTags(receipt);
  if (open.length === 0 && (ended || receipt?.unfinished === false)) return; // main has told all there is
  const environment = readEnvironment();
  const tellSummary = (seen: readonly ToldTag[]): void => {
    if (new InputReader(environment.inputs).boolean('summary') === false) return;
    const told = seen.map((tag) => ({ ...tag, reason: redact(tag.reason) })); // before it is escaped
    writeSummary(environment.all['GITHUB_STEP_SUMMARY'], renderAfterwards(receipt, told));
  };
  if (receipt === undefined) return tellSummary([]);
  const { lookAgain } = await import('./tools/look-again.ts'); // the registry's client takes time to load
  const seen = await lookAgain({ environment, engine, cancel: late.signal }, receipt, open);
  const tags = receipt.tags.map((tag) => seen[open.indexOf(tag)] ?? tag);
  writeWhole(path, redact(renderFinished(receipt, tags)));
  tellSummary(seen);
  for (const { repository, tag, outcome, after, reason } of seen)
    notice(`${repository}:${tag}: ${outcome}, it holds ${after ?? 'nothing'}${reason === '' ? '' : ` (${reason})`}`);
}

function readReceipt(path: string): ToldReceipt | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // main was ended before it had anything to tell
    throw error;
  }
  return parseReceipt(text);
}

function tell(error: unknown): void {
  notice(`not everything of this run could be removed: ${formatThrown(error)}`);
}

await post().catch(tell);
await flush();
process.exit(0);
