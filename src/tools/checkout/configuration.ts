import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { readVariables } from '../environment.ts';
import { findProgram } from '../programs.ts';

const remembered = new WeakMap<SimpleGit, string>();
const trusted = new WeakSet<SimpleGit>();

/** Takes git's configuration as it is from here on, for a run that starts nothing of the user's on this machine: nobody is there who could
 * plant anything, and each look at it would be a process. */
export function trustConfiguration(git: SimpleGit): void {
  trusted.add(git);
}

/** Git starts programs that its configuration names (`core.sshCommand`, `credential.helper`, `remote.….uploadpack`, `url.….insteadOf` to
 * `ext::`, …) and there is no list of all of them: what a test planted is refused as a whole. The first call remembers.
 * @throws Error where the configuration, or a program that git finds on PATH, is another one than at the first call. */
export async function requireSameConfiguration(git: SimpleGit): Promise<void> {
  if (trusted.has(git)) return;
  const now = await readConfiguration(git);
  const before = remembered.get(git) ?? now;
  remembered.set(git, before);
  if (now !== before)
    throw new Error('git’s configuration has changed since this step began, so it is not used: a test wrote there');
}

/** Asks git what makes it start such programs. The first time, when no test has run, beside reading the configuration.
 * @throws as `requireSameConfiguration`. */
export async function withSameConfiguration<T>(git: SimpleGit, ask: () => Promise<T>): Promise<T> {
  if (remembered.has(git)) {
    await requireSameConfiguration(git);
    return ask();
  }
  const [answer] = await Promise.all([ask(), requireSameConfiguration(git)]);
  return answer;
}

async function readConfiguration(git: SimpleGit): Promise<string> {
  const { PATH = '', HOME = homedir() } = readVariables();
  const programs = ['git', 'ssh'].map((name) => findProgram(name, PATH) ?? '');
  const files = [...programs, join(HOME, '.ssh', 'config')].map(describe);
  return [await git.raw(['config', '--list', '--show-origin', '--null']), ...files].join('\n');
}

function describe(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return `${path} ${stat?.ino} ${stat?.size} ${stat?.ctimeNs}`;
}
