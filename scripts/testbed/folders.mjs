// Where the test bench keeps what it downloads, builds and remembers: one cache folder outside the checkout.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The folder everything of the test bench lives in. */
export function cacheFolder() {
  const { SLIPWAY_TESTBED: chosen, XDG_CACHE_HOME: caches } = process.env;
  return resolve(chosen || join(caches || join(homedir(), '.cache'), 'slipway-testbed'));
}

/**
 * Makes a folder all or not at all: `fill` works on a temporary name, which becomes the target when it is done.
 * Does nothing where the target exists. Remains of a killed attempt are swept away.
 * @param {string} target
 * @param {(folder: string) => Promise<void>} fill
 */
export async function makeFolderOnce(target, fill) {
  if (existsSync(target)) return;
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`.${basename(target)}.partial-`)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const partial = join(parent, `.${basename(target)}.partial-${randomBytes(4).toString('hex')}`);
  mkdirSync(partial);
  try {
    await fill(partial);
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Writes a file all or not at all.
 * @param {string} file
 * @param {string} text
 */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, file);
}

/**
 * What was remembered under this name; undefined where nothing readable was.
 * @param {string} name
 * @returns {any}
 */
export function recall(name) {
  try {
    return JSON.parse(readFileSync(join(cacheFolder(), 'state', `${name}.json`), 'utf8'));
  } catch {
    return undefined; // never written, or torn by a crash: both mean "not known"
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  writeWhole(join(cacheFolder(), 'state', `${name}.json`), `${JSON.stringify(value)}\n`);
}

/** @param {string} name */
export function forget(name) {
  rmSync(join(cacheFolder(), 'state', `${name}.json`), { force: true });
}
