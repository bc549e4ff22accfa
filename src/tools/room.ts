import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../errors.ts';

/** Bytes kept for what a run says of itself at its end: receipt, outputs, state, summary. */
const kept = 1024 * 1024;
const fileName = 'room';

/** Takes room in a run's folder, so that a disk that fills up later cannot take it from the reports of what was published by then.
 * @throws ActionError `disk-full`. */
export function reserveRoom(folder: string): void {
  try {
    writeFileSync(join(folder, fileName), Buffer.alloc(kept));
  } catch (error) {
    throw explainFull(error, folder) ?? error;
  }
}

/** Gives that room back, right before it is needed. */
export function freeRoom(folder: string): void {
  rmSync(join(folder, fileName), { force: true });
}

/** The error of a runner without space; undefined where an error is about something else. */
export function explainFull(error: unknown, where: string): ActionError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const said = error instanceof Error ? error.message : '';
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && !/\bENOSPC\b|no space left on device/i.test(said)) return undefined;
  return new ActionError('disk-full', `the runner's disk is full: ${where} cannot be written to (${said})`, {
    hint: 'free space before this step (`docker system prune -af`, caches, what earlier steps left), or use a runner with a larger disk',
    cause: error,
  });
}
