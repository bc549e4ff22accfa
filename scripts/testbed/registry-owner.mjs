// What a process started goes when it goes: normally, by an exception, by a signal, and on Linux even by SIGKILL.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './folders.mjs';
import { isRunning, startTime } from './process.mjs';

/** @type {Set<() => void>} */
const undoings = new Set();
let isHooked = false;

/**
 * Has `undo` called when this process ends; it must be synchronous. The result takes the promise back.
 * @param {() => void} undo
 */
export function undoAtExit(undo) {
  undoings.add(undo);
  if (!isHooked) hook();
  return () => {
    undoings.delete(undo);
  };
}

function hook() {
  isHooked = true;
  process.on('exit', undoAll);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    const onSignal = () => {
      if (process.listenerCount(signal) > 1) return; // somebody else decides, and `exit` comes
      undoAll();
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
}

function undoAll() {
  for (const undo of undoings) undo();
  undoings.clear();
}

/** A new folder of this process, for one registry. */
export function makeOwnFolder() {
  const folder = join(cacheFolder(), 'registries', `${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  return folder;
}

/** Folders whose process died without cleaning up. @returns {string[]} */
export function findOrphans() {
  const parent = join(cacheFolder(), 'registries');
  const names = existsSync(parent) ? readdirSync(parent) : [];
  return names
    .map((name) => join(parent, name))
    .filter((folder) => {
      try {
        return !isRunning(JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')));
      } catch {
        return false; // just being made, or just being removed
      }
    });
}

/** @param {string} folder */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
}
