// One bring-up of a thing at a time, also between processes; a lock whose holder died is taken over.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './folders.mjs';
import { isRunning, startTime } from './process.mjs';

const SETTLE_MS = 150;

/**
 * Runs `work` while nobody else holds the lock of this part of the test bench, and lets go whatever happens. What takes minutes to
 * build has a lock of its own, so that nobody waits for it who does not want it.
 * @template T
 * @param {string} part
 * @param {(line: string) => void} log
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(part, log, work) {
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = join(cacheFolder(), `lock-${part}`);
  const ticket = join(cacheFolder(), `.lock-${randomBytes(6).toString('hex')}`);
  const mine = JSON.stringify({ pid: process.pid, started: startTime(process.pid), token: ticket });
  writeFileSync(ticket, mine);
  try {
    await acquire({ part, lock, ticket, mine }, log);
    return await work();
  } finally {
    rmSync(ticket, { force: true });
    if (readIfThere(lock) === mine) rmSync(lock, { force: true });
  }
}

/** @param {{ part: string, lock: string, ticket: string, mine: string }} wanted @param {(line: string) => void} log */
async function acquire({ part, lock, ticket, mine }, log) {
  for (let round = 0; ; round += 1) {
    if (tryLink(ticket, lock)) return;
    const held = readIfThere(lock);
    if (held !== undefined && !isHolderAlive(held)) {
      if (await takeOver(lock, ticket, mine, held)) return;
    } else if (round === 20) {
      log(`${part}: waiting for process ${JSON.parse(held ?? '{}').pid ?? '?'}, which is bringing it up`);
    }
    await sleep(100);
  }
}

/** Of several that find the same dead holder the last one to write has it; all look again after a pause. */
async function takeOver(
  /** @type {string} */ lock,
  /** @type {string} */ ticket,
  /** @type {string} */ mine,
  /** @type {string} */ held,
) {
  const spare = `${ticket}-takeover`;
  writeFileSync(spare, mine);
  if (readIfThere(lock) !== held) {
    rmSync(spare, { force: true });
    return false;
  }
  renameSync(spare, lock);
  await sleep(SETTLE_MS);
  return readIfThere(lock) === mine;
}

/** @param {string} held */
function isHolderAlive(held) {
  try {
    return isRunning(JSON.parse(held));
  } catch {
    return false; // a torn file: its writer died
  }
}

/** @param {string} ticket @param {string} lock */
function tryLink(ticket, lock) {
  try {
    linkSync(ticket, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
