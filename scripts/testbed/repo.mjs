// Real git repositories in temporary folders: a bare origin, and checkouts as actions/checkout makes them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from './repo-checkout.mjs';
import { git, writeFiles } from './repo-git.mjs';

/** @typedef {import('./repo-git.mjs').Files} Files */
/** @typedef {{ message?: string, date?: string }} CommitOptions */
/** @typedef {import('./repo-checkout.mjs').Clone} Clone */
/** @typedef {import('./repo-checkout.mjs').CloneOptions} CloneOptions */

/**
 * A bare origin whose branch `main` has these files, and what tests do with it.
 * @param {Files} files
 * @param {CommitOptions & { branch?: string }} [options]
 */
export async function createOrigin(files, { branch = 'main', ...first } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'slipway-repo-'));
  const folder = join(root, 'origin.git');
  const work = join(root, 'work');
  await git(root, ['init', '--quiet', '--bare', `--initial-branch=${branch}`, folder]);
  await git(root, ['init', '--quiet', `--initial-branch=${branch}`, work]);
  await git(work, ['remote', 'add', 'origin', folder]);
  const inOrigin = (/** @type {string[]} */ ...args) => git(folder, args);
  const parentOf = async (/** @type {string} */ ref) =>
    (await git(folder, ['for-each-ref', '--format=%(objectname)', '--', ref])).split('\n')[0] || undefined;

  /** Commits on top of a ref of the origin and moves it there. */
  const commitTo = async (
    /** @type {string} */ ref,
    /** @type {Files} */ changes,
    /** @type {CommitOptions & { from?: string }} */ options = {},
  ) => {
    const start = (await parentOf(ref)) ?? options.from;
    if (start === undefined) await git(work, ['checkout', '--quiet', '--orphan', 'scratch']);
    else {
      await git(work, ['fetch', '--quiet', 'origin', '+refs/*:refs/origin/*']);
      await git(work, ['checkout', '--quiet', '--force', '--detach', start]);
    }
    writeFiles(work, changes);
    await git(work, ['add', '--all']);
    await git(work, ['commit', '--quiet', '--allow-empty', '-m', options.message ?? 'Change'], options.date);
    const sha = await git(work, ['rev-parse', 'HEAD']);
    await git(work, ['push', '--quiet', '--force', 'origin', `${sha}:refs/testbed/incoming`]);
    await inOrigin('update-ref', ref, sha);
    await inOrigin('update-ref', '-d', 'refs/testbed/incoming');
    return sha;
  };

  const origin = {
    folder,
    git: inOrigin,
    /** The commit a ref or revision names. */
    sha: (/** @type {string} */ revision) => inOrigin('rev-parse', '--verify', `${revision}^{commit}`),
    /** Commits to a branch, whose name may be any that git takes; a new one begins at `from`, without at the first commit. */
    commit: async (
      /** @type {string} */ name,
      /** @type {Files} */ changes,
      /** @type {CommitOptions & { from?: string }} */ options = {},
    ) => commitTo(`refs/heads/${name}`, changes, { from: firstSha, ...options }),
    /** Points a full ref at a commit, however hostile its name. */
    setRef: (/** @type {string} */ ref, /** @type {string} */ sha) => inOrigin('update-ref', ref, sha),
    deleteRef: (/** @type {string} */ ref) => inOrigin('update-ref', '-d', ref),
    tag: async (
      /** @type {string} */ name,
      /** @type {string} */ sha,
      /** @type {{ annotated?: string, date?: string }} */ { annotated, date } = {},
    ) => {
      if (annotated === undefined) return inOrigin('update-ref', `refs/tags/${name}`, sha);
      return git(folder, ['tag', '--annotate', '--force', '-m', annotated, '--', name, sha], date);
    },
    /**
     * Makes refs/pull/N/head and refs/pull/N/merge, the merge commit with base and head as parents, as GitHub does.
     */
    pullRequest: async (
      /** @type {{ number: number, head: string, base?: string, date?: string }} */ {
        number,
        head,
        base = branch,
        date,
      },
    ) => {
      const headSha = await origin.sha(head);
      const baseSha = await origin.sha(`refs/heads/${base}`);
      const tree = (await inOrigin('merge-tree', '--write-tree', baseSha, headSha)).split('\n')[0];
      const message = `Merge ${headSha} into ${baseSha}`;
      const mergeSha = await git(folder, ['commit-tree', tree, '-p', baseSha, '-p', headSha, '-m', message], date);
      await inOrigin('update-ref', `refs/pull/${number}/head`, headSha);
      await inOrigin('update-ref', `refs/pull/${number}/merge`, mergeSha);
      return { headSha, baseSha, mergeSha };
    },
    /** A checkout as actions/checkout leaves it. */
    clone: (/** @type {CloneOptions} */ options = {}) => checkout(folder, { ref: `refs/heads/${branch}`, ...options }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  const firstSha = await commitTo(`refs/heads/${branch}`, files, { message: 'First', ...first });
  return origin;
}
