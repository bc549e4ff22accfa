import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Watches what processes of this machine show of secrets, until it is asked: who has one in its argv, and who in its environment. */
export function watchProcesses(secrets: readonly string[]) {
  const argv = new Set<string>();
  const environment = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      const line = readQuietly(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      if (holds(line, secrets)) argv.add(line);
      if (holds(readQuietly(`/proc/${pid}/environ`), secrets)) environment.add(line.trim());
    }
  };
  const timer = setInterval(look, 15);
  timer.unref();
  return () => {
    clearInterval(timer);
    return { argv: [...argv], environment: [...environment] };
  };
}

/** The files below a folder that hold a secret. */
export function filesWith(folder: string, secrets: readonly string[]): readonly string[] {
  return listFiles(folder).filter((path) => holds(readQuietly(path), secrets));
}

/** Every file below a folder, some of which may go while they are listed. */
function listFiles(folder: string): readonly string[] {
  return readNames(folder).flatMap((name) => {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return listFiles(path);
    return found?.isFile() ? [path] : [];
  });
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has gone since it was listed
  }
}

/** A log as the runner shows it, but for the lines that tell it what to hide. */
export function withoutMasks(log: string): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');
}

function holds(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text.includes(secret));
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended, or is not ours to see
  }
}
