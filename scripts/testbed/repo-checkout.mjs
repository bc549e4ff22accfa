// Checkouts as actions/checkout makes them.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from './repo-git.mjs';

/** @typedef {{ folder: string, sha: string, git: (...args: string[]) => Promise<string>, remove: () => void }} Clone */

/**
 * @typedef {{ ref?: string, depth?: number, folder?: string }} CloneOptions
 *   `ref` is a full ref or a commit; `depth` 0, the default here, is the whole history with all branches and tags
 */

/**
 * A checkout in a new folder, or in the given one; a failed one leaves no folder of ours behind.
 * @param {string} origin
 * @param {CloneOptions & { ref: string }} options
 * @returns {Promise<Clone>}
 */
export async function checkout(origin, { folder, ...options }) {
  const target = folder ?? mkdtempSync(join(tmpdir(), 'slipway-work-'));
  try {
    return await checkoutInto(origin, { ...options, folder: target });
  } catch (error) {
    if (folder === undefined) rmSync(target, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Fetches and checks out as actions/checkout does: a branch by its name with tracking, everything else detached.
 * @param {string} origin
 * @param {CloneOptions & { ref: string, folder: string }} options
 * @returns {Promise<Clone>}
 */
async function checkoutInto(origin, { ref, depth = 0, folder }) {
  const inClone = (/** @type {string[]} */ ...args) => git(folder, args);
  mkdirSync(folder, { recursive: true });
  await inClone('init', '--quiet', folder);
  await inClone('remote', 'add', 'origin', depth > 0 ? pathToFileURL(origin).href : origin); // a plain path ignores --depth
  const short = ref.replace(/^refs\/(heads|tags|pull)\//, '');
  const local = ref.startsWith('refs/heads/')
    ? `refs/remotes/origin/${short}`
    : ref.startsWith('refs/pull/')
      ? `refs/remotes/pull/${short}`
      : ref;
  const isCommit = !ref.startsWith('refs/');
  const all = depth > 0 ? [] : ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  const wanted = isCommit ? (depth > 0 ? [ref] : []) : [`+${ref}:${local}`];
  const limit = depth > 0 ? [`--depth=${depth}`, '--no-tags'] : ['--no-tags'];
  await inClone('fetch', '--quiet', '--prune', '--no-recurse-submodules', ...limit, 'origin', ...all, ...wanted);
  if (ref.startsWith('refs/heads/')) await inClone('checkout', '--quiet', '--force', '-B', short, local);
  else await inClone('checkout', '--quiet', '--force', '--detach', isCommit ? ref : local);
  return {
    folder,
    sha: await inClone('rev-parse', 'HEAD'),
    git: inClone,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
