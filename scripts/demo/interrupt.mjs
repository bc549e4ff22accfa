// Ctrl-C as GitHub's runner cancels: the action is told to stop, its post step tidies up, and then we leave.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { constants } from 'node:os';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.code = 128 + constants.signals[signal];
  }
}

/**
 * Listens for signals from here on. A second one ends this process at once.
 * @param {(line: string) => void} say
 */
export function listenForStop(say) {
  /** @type {NodeJS.Signals | undefined} */
  let stopped;
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();
  const onSpawn = (/** @type {any} */ { process: child }) => {
    running.add(child);
    child.once('exit', () => running.delete(child));
  };
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    if (stopped !== undefined) process.exit(128 + constants.signals[signal]);
    stopped = signal;
    say(`\n${signal}: ending the run and tidying up; once more to leave at once`);
    for (const child of running) if (!isPost(child)) child.kill('SIGINT');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const onClosedOutput = () => {
    if (stopped === undefined) onSignal('SIGHUP'); // nobody reads any more: `| head`, a closed terminal
  };
  process.stdout.on('error', onClosedOutput);
  const check = () => {
    if (stopped !== undefined) throw new Interrupted(stopped);
  };
  return {
    /** Throws once a signal has come. */
    check,
    /** Does a work whose child processes are told to stop by a signal. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
    during: async (work) => {
      check();
      subscribe('child_process', onSpawn);
      try {
        return await work();
      } finally {
        unsubscribe('child_process', onSpawn);
        check();
      }
    },
    end: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** What tidies up is not to be stopped. @param {import('node:child_process').ChildProcess} child */
function isPost(child) {
  return child.spawnargs.some((arg) => arg.endsWith('post.mjs'));
}
