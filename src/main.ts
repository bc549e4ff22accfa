import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ActionError, formatThrown } from './errors.ts';
import { parseInputs } from './inputs.ts';
import { Journal } from './journal.ts';
import { planPhaseLimits } from './model/limits.ts';
import type { Place } from './model/place.ts';
import { secretsOfLogin } from './plan/login.ts';
import { release } from './release.ts';
import { errorPage } from './report/error-page.ts';
import { fail, flush, mask, say } from './tools/actions.ts';
import { listenForCancel } from './tools/cancel.ts';
import { killChildren } from './tools/command.ts';
import { commentOnPull } from './tools/comment-on-pull.ts';
import { markChildren, type RunnerEnvironment, readEnvironment } from './tools/environment.ts';
import { endLeftovers, markVariable } from './tools/leftovers.ts';
import { writeReport } from './tools/report.ts';
import { explainFull } from './tools/room.ts';
import { saveEnd } from './tools/state.ts';
import { createStep } from './tools/step.ts';
import { openTools } from './tools/tools.ts';
import { openWorkbench } from './tools/workbench.ts';

const journal = new Journal();
const nonce = randomBytes(16).toString('hex');
let environment: RunnerEnvironment | undefined;
let tidied: Promise<boolean> = Promise.resolve(false);

/** Entry of the action: read, release, report; red where something threw. */
async function main(): Promise<void> {
  try {
    markChildren(markVariable, nonce);
    environment = readEnvironment();
    journal.keep('home', environment.home);
    await run(environment);
    if (cancel.aborted) throw cancelled();
    await commentOnPull(journal, environment, cancel);
    end(undefined);
  } catch (error) {
    if (cancel.aborted) await endLeftovers(nonce, 2_000);
    else if (environment !== undefined) {
      journal.fail(error instanceof Error ? error : new Error(formatThrown(error)));
      await commentOnPull(journal, environment, cancel);
    }
    end(error);
  }
  if (environment !== undefined) tellPost((await tidied) ? 'nothing' : 'something');
}

async function run(runner: RunnerEnvironment): Promise<void> {
  const inputs = journal.keep('inputs', parseInputs(runner.inputs));
  if (inputs.login.kind === 'given') secretsOfLogin(inputs.login).forEach(mask);
  for (const text of inputs.notices) journal.notice(text);
  const expired = new AbortController();
  const bench = await openWorkbench(runner, nonce, AbortSignal.any([cancel, expired.signal]));
  const tools = openTools(bench, inputs, journal);
  try {
    const bounds = { limits: planPhaseLimits(inputs), expire: () => expired.abort(), grace: 5_000 };
    await release(inputs, tools, { step: createStep(journal.steps, bounds), journal });
    tidied = bench.tidyUp();
    await nextTurn(); // the engine is at work while the report is written
  } catch (error) {
    throw await tools.explain(error);
  }
}

/** Without this word post looks for all that a killed main could have left. */
function tellPost(left: 'nothing' | 'something'): void {
  try {
    saveEnd(left);
  } catch (error) {
    say(formatThrown(error));
  }
}

/** Says how the run ended, in the log and in the reports; nothing in it waits. */
function end(error: unknown): void {
  if (error !== undefined) tellFailure(error);
  if (environment === undefined) return;
  try {
    writeReport(journal, environment, nonce);
  } catch (failure) {
    if (journal.facts.error === undefined)
      tellFailure(failure); // a run that has failed has its annotation
    else say(formatThrown(failure));
  }
}

function tellFailure(error: unknown): void {
  const known = error instanceof ActionError ? undefined : explainFull(error, 'RUNNER_TEMP');
  const thrown = known ?? (error instanceof Error ? error : new Error(formatThrown(error)));
  const shown = cancel.aborted && !isCancelled(thrown) ? cancelled(thrown) : thrown;
  if (!(thrown instanceof ActionError)) say(thrown.stack ?? '');
  journal.fail(shown);
  fail(shown, { place: placeOf(shown), page: errorPage(shown, environment?.home ?? '') });
}

/** The line that an error is about, by the path within the work tree; files elsewhere have none that the runner could show. */
function placeOf(error: Error): Place | undefined {
  const place = error instanceof ActionError ? error.place : undefined;
  if (place === undefined || environment === undefined) return undefined;
  const file = relative(environment.workspace, place.file);
  return file.startsWith('..') ? undefined : { ...place, file };
}

function cancelled(cause?: Error): ActionError {
  const meanwhile = cause === undefined ? '' : `; meanwhile ${cause.message}`;
  return new ActionError('cancelled', `the run was cancelled (${cancel.reason})${meanwhile}`, {
    hint: 'run it again: the receipt says what was written until then',
    cause,
  });
}

function isCancelled(error: Error): boolean {
  return error instanceof ActionError && error.code === 'cancelled';
}

const cancel = listenForCancel(() => {
  killChildren();
  end(cancelled());
  process.exit(1);
});
cancel.addEventListener('abort', () => void endLeftovers(nonce, 2_000));
await main();
await flush();
// Idle connections must not keep a finished step waiting, and nothing of a phase that did not listen may go on.
killChildren();
process.exit();
