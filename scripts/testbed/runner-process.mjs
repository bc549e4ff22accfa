// Runs one process of an action and follows its output line by line.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {{ kind: NodeJS.Signals, when: (line: string) => boolean, group?: boolean }} Kill `group`: the whole process group, not the process alone */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, log: string, ms: number }} ProcessResult */

/**
 * Runs the argv in a process group of its own until it ends and its output is closed.
 * @param {{ argv: string[], cwd: string, env: Record<string, string>, onLine: (line: string) => void, kill: Kill | undefined, onStart?: (pid: number) => void, keepLog?: boolean }} options
 * @returns {Promise<ProcessResult>}
 */
export function runProcess({ argv: [file, ...args], cwd, env, onLine, kill, onStart, keepLog = true }) {
  return new Promise((resolve, reject) => {
    const begun = Date.now();
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) onStart?.(child.pid);
    /** @type {string[]} */
    const lines = [];
    let isKilled = false;
    const take = (/** @type {string} */ line) => {
      if (keepLog) lines.push(line);
      onLine(line);
      if (kill === undefined || isKilled || !kill.when(line) || child.pid === undefined) return;
      isKilled = true;
      endProcess(kill.group === true ? -child.pid : child.pid, kill.kind);
    };
    const readers = [child.stdout, child.stderr].map((input) =>
      createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }),
    );
    const read = readers.map((reader) => new Promise((done) => reader.on('line', take).on('close', done)));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      // A grandchild may hold the output open; the runner does not wait for it for ever.
      const patience = setTimeout(() => {
        for (const reader of readers) reader.close();
      }, 5_000);
      void Promise.all(read).then(() => {
        clearTimeout(patience);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, signal, log: lines.map((line) => `${line}\n`).join(''), ms: Date.now() - begun });
      });
    });
  });
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function endProcess(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error; // it ended by itself just now
  }
}
