import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { History } from '../../plan/standing.ts';
import { requireSameConfiguration } from './configuration.ts';
import type { RemoteApi } from './remote.ts';

/** How far back a repair looks for what belongs under a tag. */
const longestWay = 50;

/** How a commit relates to a later one: asked of the checkout, and where that is not deep enough, of GitHub's API. Never throws: not
 * knowing is an answer, with both reasons. */
export async function readHistory(
  git: SimpleGit,
  [older, newer]: readonly [older: string, newer: string],
  api: RemoteApi,
): Promise<History> {
  if (older === newer) return { kind: 'ancestor', since: [] };
  const local = await readLocal(git, [older, newer]);
  if (local.kind !== 'unknown' || api.token === undefined) return local;
  const { compareCommits } = await import('./github.ts'); // octokit takes time to load and is rarely needed
  const asked = await compareCommits({ ...api, token: api.token }, older, newer);
  if (asked.kind === 'unknown') return { kind: 'unknown', reason: `${local.reason}; GitHub's API: ${asked.reason}` };
  return asked.kind === 'other' ? asked : { kind: 'ancestor', since: firstParents(asked.commits, [older, newer]) };
}

/** A commit of a history, with the commits it was made on. */
export interface Ancestor {
  readonly id: string;
  readonly parents: readonly string[];
}

/** The way of first parents from the newer commit back to the older one, which is not part of it: what a branch held. */
export function firstParents(
  commits: readonly Ancestor[],
  [older, newer]: readonly [older: string, newer: string],
): readonly string[] {
  const parents = new Map(commits.map((one) => [one.id, one.parents[0]]));
  const way: string[] = [];
  for (let at: string | undefined = newer; at !== undefined && at !== older; at = parents.get(at)) {
    if (way.length === longestWay) break;
    way.push(at);
  }
  return way;
}

/** A shallow history cannot tell that a commit is no ancestor: what would show it may lie below the cut. Where a commit is missing git
 * fetches it from a remote that its configuration calls a promisor, with the programs named there. */
async function readLocal(git: SimpleGit, [older, newer]: readonly [older: string, newer: string]): Promise<History> {
  const ask = (...args: string[]): Promise<string> => git.raw(['--no-replace-objects', ...args]);
  try {
    await requireSameConfiguration(git);
    const [folder = '', shallow] = (await ask('rev-parse', '--absolute-git-dir', '--is-shallow-repository')).split(
      '\n',
    );
    if (existsSync(join(folder, 'info', 'grafts'))) return unknown('has grafts, which can say anything');
    const isShallow = shallow === 'true';
    for (const commit of [older, newer])
      if ((await ask('cat-file', '-t', commit).catch(() => '')).trim() !== 'commit')
        return unknown(isShallow ? `is shallow and has no ${commit}` : `has no ${commit}`);
    if ((await ask('merge-base', older, newer)).trim() !== older)
      return isShallow ? unknown('is shallow') : { kind: 'other' };
    const log = await ask('rev-list', '--first-parent', `--max-count=${longestWay}`, newer, `^${older}`);
    return { kind: 'ancestor', since: log.split('\n').filter((line) => line !== '') };
  } catch (error) {
    return unknown(`cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

function unknown(why: string): Extract<History, { kind: 'unknown' }> {
  return { kind: 'unknown', reason: `the history that was checked out ${why}` };
}
