// Starting, watching and ending processes: argv arrays only, never a shell.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string }} Finished */
/** @typedef {{ pid: number, started: string }} ProcessIdentity A pid is only the same process with the same start time. */

/**
 * Runs a program to its end and returns everything it wrote; a program that cannot be started has code 127.
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: string, timeoutMs?: number, isPatient?: boolean }} [options] `isPatient`: it gives way to whatever else runs
 * @returns {Promise<Finished>}
 */
export function finish([file, ...args], { cwd, env, input, timeoutMs, isPatient = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' });
    if (isPatient && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}); // a program that reads no input closes the pipe
    child.stdin.end(input ?? '');
    child.on('error', (error) => resolve({ code: 127, signal: null, stdout, stderr: error.message }));
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/**
 * Runs a program and returns its standard output; anything but exit status 0 is an Error that quotes what it said.
 * @param {string[]} argv
 * @param {Parameters<typeof finish>[1]} [options]
 * @returns {Promise<string>}
 */
export async function run(argv, options) {
  const done = await finish(argv, options);
  if (done.code === 0) return done.stdout;
  const said = (done.stderr.trim() || done.stdout.trim()).split('\n').slice(-12).join('\n');
  throw new Error(`${argv.slice(0, 4).join(' ')} ended with ${done.signal ?? done.code}: ${said}`);
}

/**
 * Starts a program in a session of its own that outlives us; what it writes goes to the log file.
 * @param {string[]} argv
 * @param {{ logFile: string, cwd?: string, env?: NodeJS.ProcessEnv, append?: boolean }} options
 * @returns {Promise<ProcessIdentity>}
 */
export function startDetached([file, ...args], { logFile, cwd, env, append = false }) {
  const log = openSync(logFile, append ? 'a' : 'w', 0o600);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    child.on('error', reject);
    child.on('spawn', () => {
      child.unref();
      const pid = /** @type {number} */ (child.pid);
      resolve({ pid, started: startTime(pid) ?? '' });
    });
  });
}

/**
 * When a process started, in a form that only compares; undefined where no such process runs (a zombie does not run).
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTime(pid) {
  if (process.platform !== 'linux') return isSignalable(pid) ? 'unknown' : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
  } catch {
    return undefined; // the process is gone
  }
}

/** @param {ProcessIdentity | undefined} identity */
export function isRunning(identity) {
  return identity !== undefined && identity.started !== '' && startTime(identity.pid) === identity.started;
}

/**
 * Ends exactly this process: politely, then by force. Returns when it is gone.
 * @param {ProcessIdentity | undefined} identity
 * @param {{ graceMs?: number, signal?: NodeJS.Signals }} [options]
 */
export async function stopProcess(identity, { graceMs = 10_000, signal = 'SIGTERM' } = {}) {
  if (identity === undefined || !isRunning(identity)) return;
  signalProcess(identity.pid, signal);
  const gone = await until(() => !isRunning(identity), { timeoutMs: graceMs, everyMs: 20 });
  if (gone) return;
  signalProcess(identity.pid, 'SIGKILL');
  await until(() => !isRunning(identity), { timeoutMs: 5_000, everyMs: 20 });
}

/**
 * Asks again and again until the answer is true; false when the time is over.
 * @param {() => boolean | Promise<boolean>} question
 * @param {{ timeoutMs: number, everyMs?: number }} options
 */
export async function until(question, { timeoutMs, everyMs = 100 }) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (await question()) return true;
    if (Date.now() > end) return false;
    await sleep(everyMs);
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
export function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/** @param {number} pid */
function isSignalable(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Start times count from the boot, so they only compare within one. */
function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
}
