import { appendFileSync } from 'node:fs';
import * as core from '@actions/core';
import { ActionError } from '../errors.ts';
import { formatDuration } from '../model/duration.ts';
import { defangText, formatChildLine } from '../model/log-line.ts';
import type { Listener } from './command.ts';

/** What happened under one heading of the story. */
export interface StepTime {
  readonly name: string;
  readonly ms: number;
  readonly outcome: 'done' | 'failed';
}

/** Runs a part of the story under a heading of its own, keeps its time, and closes the heading whatever happens. */
export type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** A step that groups the log and adds to `times`; steps follow each other, they are not nested. */
export function createStep(times: StepTime[]): Step {
  return async (name, work) => {
    const began = performance.now();
    core.startGroup(name);
    let outcome: StepTime['outcome'] = 'failed';
    try {
      const result = await work();
      outcome = 'done';
      return result;
    } finally {
      const ms = performance.now() - began;
      times.push({ name, ms, outcome });
      core.info(`${outcome === 'done' ? '✓' : '✗'} ${name}: ${formatDuration(ms)}`);
      core.endGroup();
    }
  };
}

/** Text in the log. What comes from outside must be quoted by the caller. */
export function say(line: string): void {
  core.info(defangText(line));
}

/** Prints a child's lines with their source before them. */
export function listen(source: string): Listener {
  const print = (line: string): void => core.info(formatChildLine(source, line));
  return { stdout: print, stderr: print };
}

/** A notice in the log and beside the run. */
export function notice(text: string): void {
  core.notice(defangText(text), { title: 'Slipway' });
}

/** The one annotation of an error, with its way out; makes the step red. */
export function fail(error: ActionError | Error): void {
  const hint = 'hint' in error ? `\n${error.hint}` : '';
  const code = 'code' in error ? ` (${error.code})` : '';
  core.error(defangText(error.message + hint), { title: `Slipway${code}` });
  process.exitCode = 1;
}

/** Debug text: seen where the workflow runs with debug logging. */
export function trace(text: string): void {
  core.debug(text);
}

const masked = new Set<string>();

/** Hides a text in the log from here on, and in what `redact` is given. */
export function mask(secret: string): void {
  if (masked.has(secret)) return;
  masked.add(secret);
  core.setSecret(secret);
}

/** A text for a file that the runner does not mask, as the log would show it. */
export function redact(text: string): string {
  const longestFirst = [...masked].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

export function writeOutputs(outputs: ReadonlyMap<string, string>): void {
  tellRunner(() => {
    for (const [name, value] of outputs) core.setOutput(name, value);
  });
}

/** Remembers a value for post. */
export function remember(name: string, value: string): void {
  tellRunner(() => core.saveState(name, value));
}

/** @throws ActionError event-refused where the runner's own files of this step are gone. */
function tellRunner(write: () => void): void {
  try {
    write();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ActionError('event-refused', `the runner’s files for this step cannot be written: ${reason}`, {
      hint: 'something on this runner empties RUNNER_TEMP during the job, e.g. a clean-up of another job: give each runner a folder of its own. What was published stays, and the log says what that is',
      cause,
    });
  }
}

/** What main remembered under a name; empty where it did not. */
export function recall(name: string): string {
  return core.getState(name);
}

/** Adds to the job's summary; without GITHUB_STEP_SUMMARY (an old runner) there is none. */
export function writeSummary(path: string | undefined, markdown: string): void {
  if (path !== undefined && path !== '') appendFileSync(path, markdown);
}
