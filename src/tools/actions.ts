import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import * as core from '@actions/core';
import type { ActionError } from '../errors.ts';
import { defangText, formatChildLine } from '../model/log-line.ts';
import type { Place } from '../model/place.ts';
import type { Secret } from '../model/secret.ts';
import type { LineAnnotation } from '../report/annotations.ts';
import type { Listener } from './command.ts';
import { explainCommandFiles, writeCommandFiles } from './command-files.ts';
import { knownSecrets } from './known-secrets.ts';
import { printLine, turnPage } from './log.ts';

/** Puts a heading in the log: what follows folds under it. */
export function openGroup(name: string): void {
  tellRunner(() => core.startGroup(name));
}

/** Ends what folds under the last heading, with a line of our own. */
export function closeGroup(last: string): void {
  printLine(last);
  tellRunner(() => core.endGroup());
}

/** Text in the log. What comes from outside must be quoted by the caller. */
export function say(line: string): void {
  printLine(shown(line));
}

/** Prints a child's lines with their source before them. */
export function listen(source: string): Listener {
  const print = (line: string): void => sayForChild(...formatChildLine(source, line, redact));
  return { stdout: print, stderr: print };
}

/** A notice in the log and beside the run. */
export function notice(text: string): void {
  tellRunner(() => core.notice(shown(text), { title: 'Slipway' }));
}

/** A message beside the code. */
export function annotate({ level, title, message, file, line }: LineAnnotation): void {
  const show = level === 'error' ? core.error : core.warning;
  tellRunner(() => show(shown(message), { title: shown(title), file, startLine: line }));
}

/** The one annotation of an error, with its way out and the page about it; makes the step red.
 * @param about where it happened, by the path within the work tree; the page's address, or nothing */
export function fail(error: ActionError | Error, about: { place: Place | undefined; page: string }): void {
  const { place, page } = about;
  const hint = 'hint' in error ? `\n${error.hint}` : '';
  const code = 'code' in error ? ` (${error.code})` : '';
  const more = page === '' ? '' : `\n${page}`;
  const at = place === undefined ? {} : { file: place.file, startLine: place.line };
  tellRunner(() => core.error(shown(error.message + hint + more), { title: `Slipway${code}`, ...at }));
  process.exitCode = 1;
}

/** Hides a secret from here on, in all its forms: in the log, and in what `redact` is given. The runner is told line by line. */
export function mask(secret: Secret): void {
  knownSecrets.learn(secret.bytes);
  for (const line of secret.lines()) {
    if (masked.has(line)) continue;
    masked.add(line);
    tellRunner(() => core.setSecret(line));
  }
}

const masked = new Set<string>();

/** A text for a file that the runner does not mask, as the log would show it. */
export function redact(text: string): string {
  return knownSecrets.redact(text);
}

function shown(text: string): string {
  return defangText(text, redact);
}

let stopped: string | undefined;

/** A child's line: no command in it counts until the runner sees the token. The runner forgets both when the step's process ends. */
function sayForChild(...line: readonly string[]): void {
  if (stopped === undefined) {
    stopped = randomBytes(16).toString('hex');
    printLine(`::stop-commands::${stopped}`);
  }
  printLine(...line);
}

/** A word to the runner, which listens again from here on. */
function tellRunner(command: () => void): void {
  if (stopped !== undefined) printLine(`::${stopped}::`);
  stopped = undefined;
  turnPage();
  command();
}

export function writeOutputs(outputs: ReadonlyMap<string, string>): void {
  writeForRunner(() => {
    for (const [name, value] of outputs) core.setOutput(name, value);
  });
}

/** Remembers a value for post. */
export function remember(name: string, value: string): void {
  writeForRunner(() => core.saveState(name, value));
}

/** @throws ActionError event-refused where the runner's own files of this step are gone. */
function writeForRunner(write: () => void): void {
  try {
    writeCommandFiles(() => tellRunner(write));
  } catch (cause) {
    throw explainCommandFiles(cause);
  }
}

/** Ends once the runner has taken all that was said, or after some seconds: a process that exits before that drops its last words. */
export async function flush(): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, longestFlush).unref();
    process.stdout.write('', () => resolve());
  });
}

const longestFlush = 10_000;

/** What main remembered under a name; empty where it did not. */
export function recall(name: string): string {
  return core.getState(name);
}

/** Adds to the job's summary; without GITHUB_STEP_SUMMARY (an old runner) there is none. */
export function writeSummary(path: string | undefined, markdown: string): void {
  if (path !== undefined && path !== '') writeCommandFiles(() => appendFileSync(path, markdown));
}
