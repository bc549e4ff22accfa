import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { ActionError, formatThrown } from '../../errors.ts';
import type { Checkout, RemoteHead } from '../../model/git-context.ts';
import { isCommitId } from '../../model/git-ref.ts';
import { withSameConfiguration } from './configuration.ts';

/** What is checked out.
 * @throws ActionError `checkout-mismatch` where the workspace is no git repository or has no commit. */
export async function readCheckout(git: SimpleGit, workspace: string): Promise<Omit<Checkout, 'dirty'>> {
  const ask = (...args: string[]): Promise<string> => git.raw(args);
  try {
    const [log, shallow] = await Promise.all([
      ask('log', '-1', '--no-show-signature', '--format=%H%n%T%n%ct%n%P'),
      isShallow(git, workspace),
    ]);
    const [head = '', tree = '', time = '', parents = ''] = log.split('\n');
    if (!isCommitId(head) || !isCommitId(tree)) throw new Error(`git log answered ${JSON.stringify(log)}`);
    return {
      head,
      tree,
      parents: parents.split(' ').filter(isCommitId),
      commitTime: Number(time),
      shallow,
    };
  } catch (cause) {
    const foreign = /dubious ownership|unsafe repository/.test(String(cause));
    throw new ActionError('checkout-mismatch', `no commit is checked out in ${workspace}: ${firstLine(cause)}`, {
      hint: foreign
        ? `another user owns the checkout: run \`git config --global --add safe.directory '${workspace}'\` in a step before this one`
        : 'put actions/checkout before this step',
      cause,
    });
  }
}

/** As git itself tells it, by a file beside its objects; git is asked where those lie elsewhere, as in a linked work tree. */
async function isShallow(git: SimpleGit, workspace: string): Promise<boolean> {
  const folder = join(workspace, '.git');
  const isPlain = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isPlain && !existsSync(join(folder, 'commondir'))) return existsSync(join(folder, 'shallow'));
  return (await git.raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
}

/** Paths that differ from HEAD, relative to the work tree's root; untracked ones too, and, apart, what git ignores.
 * A folder that is untracked or ignored as a whole ends in `/`. */
export async function readChanges(
  git: SimpleGit,
): Promise<{ readonly changed: readonly string[]; readonly ignored: readonly string[] }> {
  const out = await git.raw([
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=normal',
    '--ignored=traditional',
    '--no-renames',
    '--branch', // simple-git waits 50 ms for a program that printed nothing: this always prints a line
  ]);
  const entries = out.split('\0').filter((entry) => entry !== '' && !entry.startsWith('## '));
  return {
    changed: entries.filter((entry) => !entry.startsWith('!! ')).map((entry) => entry.slice(3)),
    ignored: entries.filter((entry) => entry.startsWith('!! ')).map((entry) => entry.slice(3)),
  };
}

/** What the remote says, asked once. */
export interface Remote {
  readonly head: RemoteHead;
  /** Names of all git tags, after `refs/tags/`; undefined where the remote could not be asked. */
  readonly tags: readonly string[] | undefined;
}

/** Where a ref points at `origin` now (a tag is peeled) and which tags there are, asked with what checkout left. Never throws:
 * not knowing is an answer. */
export async function readRemote(git: SimpleGit, ref: string): Promise<Remote> {
  try {
    const asked = ['ls-remote', '--quiet', 'origin', ref, `${ref}^{}`, 'refs/tags/*'];
    const out = await withSameConfiguration(git, () => git.raw(asked));
    const rows = out.split('\n').map((row) => row.split('\t'));
    const exact = (name: string): string | undefined => rows.find(([, found]) => found === name)?.[0];
    const commit = exact(`${ref}^{}`) ?? exact(ref);
    const names = rows
      .map(([, name = '']) => name)
      .filter((name) => name.startsWith('refs/tags/') && !name.endsWith('^{}'));
    return {
      head: commit === undefined ? { kind: 'gone' } : { kind: 'known', commit },
      tags: names.map((name) => name.slice('refs/tags/'.length)),
    };
  } catch (cause) {
    return { head: { kind: 'unknown', reason: firstLine(cause) }, tags: undefined };
  }
}

function firstLine(error: unknown): string {
  const text = formatThrown(error);
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'no reason given'
  );
}
