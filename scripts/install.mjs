// npm packages: installed where they are missing or are not the ones that package-lock.json names.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAID_LINES = 12; // npm's own help comes after
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes node_modules what package-lock.json says; says so, and is quiet otherwise.
 * @param {{ log?: (line: string) => void, root?: string }} [options]
 */
export function installPackages({ log = () => {}, root = ROOT } = {}) {
  if (areInstalled(root)) return;
  log('installing npm packages');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npm, ...env } = process.env;
  const isNpm = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm); // a run by another package manager names that one
  const [file, head] = isNpm ? [process.execPath, [npm]] : ['npm', []];
  const done = spawnSync(file, [...head, ...args], { cwd: root, env, encoding: 'utf8' });
  if (done.status === 0) return;
  const said = done.error?.message ?? `${done.stdout}${done.stderr}`.trim().split('\n').slice(0, SAID_LINES).join('\n');
  throw new Error(`npm ${args.join(' ')} ended with ${done.signal ?? done.status}:\n${said}`);
}

/** Compared by content, not by time: a checkout gives every file a new time. @param {string} root */
function areInstalled(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const found = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error(`${join(root, 'package-lock.json')} cannot be read`);
  if (found === undefined) return false;
  const isSame = (/** @type {string} */ path) =>
    wanted[path]?.version === found[path]?.version && wanted[path]?.integrity === found[path]?.integrity;
  const needed = Object.keys(wanted).filter(
    (path) => path !== '' && !wanted[path].optional && !wanted[path].devOptional,
  );
  return needed.every(isSame) && Object.keys(found).every(isSame);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined; // missing, or torn by an npm that was killed: not installed
  }
}
