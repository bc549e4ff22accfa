import { randomBytes } from 'node:crypto';
import { ActionError } from './errors.ts';
import { parseInputs } from './inputs.ts';
import { Journal } from './journal.ts';
import { secretsOfLogin } from './plan/login.ts';
import { release } from './release.ts';
import { createStep, fail, mask, say } from './tools/actions.ts';
import { markChildren, type RunnerEnvironment, readEnvironment } from './tools/environment.ts';
import { markVariable } from './tools/leftovers.ts';
import { writeReport } from './tools/report.ts';
import { openTools } from './tools/tools.ts';
import { openWorkbench } from './tools/workbench.ts';

/** Entry of the action: read, release, report; red where something threw. */
async function main(): Promise<void> {
  const journal = new Journal();
  const nonce = randomBytes(16).toString('hex');
  let environment: RunnerEnvironment | undefined;
  try {
    markChildren(markVariable, nonce);
    environment = readEnvironment();
    await run(environment, nonce, journal);
  } catch (error) {
    const shown = error instanceof Error ? error : new Error(String(error));
    journal.fail(shown);
    if (!(shown instanceof ActionError)) console.error(shown.stack);
    fail(shown);
  }
  if (environment !== undefined) report(journal, environment, nonce);
}

function report(journal: Journal, environment: RunnerEnvironment, nonce: string): void {
  try {
    writeReport(journal, environment, nonce);
  } catch (error) {
    if (!(error instanceof ActionError)) console.error(error);
    const shown = error instanceof Error ? error : new Error(String(error));
    if (journal.facts.error === undefined)
      fail(shown); // a run that has failed has its annotation
    else say(shown.message);
  }
}

async function run(environment: RunnerEnvironment, nonce: string, journal: Journal): Promise<void> {
  const cancel = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort(signal));
  const inputs = journal.keep('inputs', parseInputs(environment.inputs));
  if (inputs.login.kind === 'given') secretsOfLogin(inputs.login).forEach(mask);
  for (const text of inputs.notices) journal.notice(text);
  const bench = await openWorkbench(environment, nonce, cancel.signal);
  await release(inputs, openTools(bench, inputs, journal), { step: createStep(journal.steps), journal });
}

await main();
// Idle connections must not keep a finished step waiting.
process.exit();
