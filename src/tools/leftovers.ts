import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { knownSecrets } from './known-secrets.ts';

/** Every process of a run carries this variable, whoever its parent is by now: the run's nonce, for scripts of the user's followed by
 * `-test`. */
export const markVariable = 'SLIPWAY_RUN';

/** The mark of what a run's tests start: the build beside them is not theirs. */
export function testMark(nonce: string): string {
  return `${nonce}-test`;
}

const everyMs = 25;
const patience = 1_500;

/** Ends every process of this user that carries a mark: TERM, after a grace KILL until there is none.
 * Linux alone tells of other processes' environments; elsewhere the process groups must do.
 * @param mark a run's nonce for all of its processes, `testMark` for its tests'
 * @param grace milliseconds between the two
 * @returns what was found, as `PID command line`. */
export async function endLeftovers(mark: string, grace = 500): Promise<readonly string[]> {
  const found = new Map<number, string>();
  const began = performance.now();
  // twice, as a process shows no environment while it becomes another program
  for (let empty = 0; empty < 2; ) {
    const alive = findMarked(mark);
    empty = alive.length === 0 ? empty + 1 : 0;
    if (performance.now() - began > grace + patience) break;
    for (const pid of alive) {
      const isNew = !found.has(pid);
      if (isNew) found.set(pid, `${pid} ${commandOf(pid)}`);
      if (performance.now() - began > grace) send(pid, 'SIGKILL');
      else if (isNew) send(pid, 'SIGTERM');
    }
    if (empty < 2) await delay(everyMs);
  }
  return [...found.values()];
}

/** Processes that carry a mark or one that begins with it; this process is none of them. */
function findMarked(mark: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => pid !== process.pid && isMarked(pid, mark));
}

function isMarked(pid: number, mark: string): boolean {
  const variables = read(`/proc/${pid}/environ`).split('\0');
  return variables.some((one) => one === `${markVariable}=${mark}` || one.startsWith(`${markVariable}=${mark}-`));
}

function commandOf(pid: number): string {
  return knownSecrets.redact(read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim()).slice(0, 200);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended just now, or is another user's
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // gone, or not ours any more
  }
}
