import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ActionError } from '../errors.ts';
import { formatDuration } from '../model/duration.ts';
import { lineSplitter } from './line-splitter.ts';
import { printTogether } from './log.ts';

/** A program to run: an argv, never a shell string. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  /** Milliseconds until the child's process group is ended. */
  readonly limit: number;
  /** What the child is, for messages: `the build`, `test`. */
  readonly phase: string;
}

/** How a child ended, whatever the way; `signal` is set where it was killed. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
}

/** Receives a child's output line by line, without the line's end; a bare CR ends a line as well. */
export interface Listener {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

const grace = 2_000;
const running = new Set<ChildProcess>();

/** Runs a program in a process group of its own until it and its output have ended.
 * On cancellation or past the limit the whole group gets TERM, after 2 s KILL.
 * An exit status other than 0 is an answer, not an error: the caller decides.
 * @throws ActionError `timeout` past the limit, `cancelled` on abort, and the plain error where the program cannot be started. */
export async function run(command: Command, listener: Listener, cancel: AbortSignal): Promise<Exit> {
  if (cancel.aborted) throw cancelled(command);
  const began = performance.now();
  const child = spawn(command.program, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    detached: true,
    shell: false,
    // an open socket as stdin makes bash read ~/.bashrc, as if rshd had started it
    stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let ended: 'limit' | 'cancel' | undefined;
  const stop = (why: 'limit' | 'cancel'): void => {
    ended ??= why;
    endGroup(child);
  };
  const timer = setTimeout(() => stop('limit'), command.limit);
  const onAbort = (): void => stop('cancel');
  cancel.addEventListener('abort', onAbort, { once: true });
  try {
    const { code, signal } = await settle(child, command.stdin, listener);
    if (ended === 'cancel') throw cancelled(command);
    if (ended === 'limit')
      throw new ActionError(
        'timeout',
        `${command.phase} was still running after ${formatDuration(command.limit)} and was ended`,
        {
          hint: 'give it a longer limit, or find out what it waits for: its last lines are above',
        },
      );
    return { code, signal, ms: performance.now() - began };
  } finally {
    clearTimeout(timer);
    cancel.removeEventListener('abort', onAbort);
    killGroup(child, 'SIGKILL');
    running.delete(child);
  }
}

/** Ends the groups of all children at once, without a word. */
export function killChildren(): void {
  for (const child of running) killGroup(child, 'SIGKILL');
}

/** Hands on what a child prints, no quicker than the log is read: what waits for its reader would fill the memory. */
function follow(stream: Readable | null, lines: ReturnType<typeof lineSplitter>): void {
  stream?.on('data', (chunk: Buffer) => {
    printTogether(() => lines.write(chunk));
    if (!process.stdout.writableNeedDrain || stream.isPaused()) return;
    stream.pause();
    process.stdout.once('drain', () => stream.resume());
  });
}

function settle(
  child: ChildProcess,
  stdin: string | undefined,
  listener: Listener,
): Promise<Pick<Exit, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    const out = lineSplitter(listener.stdout);
    const err = lineSplitter(listener.stderr);
    follow(child.stdout, out);
    follow(child.stderr, err);
    child.stdin?.on('error', () => undefined); // a child may end without reading its input; its exit status says so
    child.stdin?.end(stdin);
    child.once('error', reject);
    // What a test left running may hold the pipes open: the program's own end counts, the rest of the group is ended then.
    child.once('exit', () => setTimeout(() => killGroup(child, 'SIGKILL'), 200).unref());
    child.once('close', (code, signal) => {
      out.end();
      err.end();
      resolve({ code, signal });
    });
  });
}

function endGroup(child: ChildProcess): void {
  killGroup(child, 'SIGTERM');
  setTimeout(() => killGroup(child, 'SIGKILL'), grace).unref();
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // the group is gone already
  }
}

function cancelled(command: Command): ActionError {
  return new ActionError('cancelled', `${command.phase} was ended because the run was cancelled`, {
    hint: 'run it again',
  });
}
