import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ActionError, formatThrown } from '../errors.ts';
import { explainFull } from './room.ts';

const variables = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const;

/** A file as it was. */
interface Kept {
  readonly inode: number;
  readonly mode: number;
  readonly content: Buffer;
}

const kept = new Map<string, Kept>();
const changed = new Set<string>();
let folders: readonly string[] = [];
let names = new Map<string, string>();

/** Remembers the files through which the runner is told of outputs, state, environment and path, and what lies beside them. From here on
 * they hold what this process wrote and nothing else: `writeCommandFiles` and `restoreCommandFiles` undo every other change. */
export function keepCommandFiles(all: Readonly<Record<string, string>>): void {
  names = new Map(variables.flatMap((name) => (all[name] ? [[all[name], name] as const] : [])));
  folders = [...new Set([...names.keys()].map(dirname))];
  remember();
}

/** Lets this process write to them. */
export function writeCommandFiles(write: () => void): void {
  restoreCommandFiles();
  write();
  remember();
}

/** Puts back what somebody else has changed. What stands in a file's place now, a link or a pipe too, is deleted.
 * @throws ActionError event-refused where there is no room for them any more. */
export function restoreCommandFiles(): void {
  try {
    for (const [path, before] of kept) restore(path, before);
  } catch (cause) {
    throw explainCommandFiles(cause);
  }
}

/** Why the runner cannot be told of anything. */
export function explainCommandFiles(cause: unknown): ActionError {
  if (cause instanceof ActionError) return cause;
  const full = explainFull(cause, 'a file of the runner’s for this step');
  if (full !== undefined) return full;
  const reason = formatThrown(cause);
  return new ActionError('event-refused', `the runner’s files for this step cannot be written: ${reason}`, {
    hint: 'something on this runner empties RUNNER_TEMP during the job, e.g. a clean-up of another job: give each runner a folder of its own. What was published stays, and the log says what that is',
    cause,
  });
}

function restore(path: string, before: Kept): void {
  if (isSame(path, before)) return;
  changed.add(names.get(path) ?? basename(path));
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, before.content, { flag: 'wx', mode: before.mode });
  chmodSync(path, before.mode);
  kept.set(path, { ...before, inode: lstatSync(path).ino });
}

/** Names of what was put back since the last call. */
export function takeRestored(): readonly string[] {
  const all = [...changed];
  changed.clear();
  return all;
}

function remember(): void {
  kept.clear();
  for (const folder of folders) for (const name of listFolder(folder)) rememberFile(join(folder, name));
}

function rememberFile(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return;
  kept.set(path, { inode: stat.ino, mode: stat.mode & 0o7777, content: readFileSync(path) });
}

function isSame(path: string, before: Kept): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.ino !== before.inode || (stat.mode & 0o7777) !== before.mode) return false;
  return stat.size === before.content.length && readFileSync(path).equals(before.content);
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has gone: then writing fails, and says so
  }
}
