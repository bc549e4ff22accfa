import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { BuildContext, ContextFolder } from './build-context.ts';

const pointer = 'version https://git-lfs.github.com/spec/v1';

/** Whether the context holds a `.git/config` with credentials and sends it to the builder. */
export function sendsToken(context: ContextFolder): boolean {
  if (!context.sends('.git/config')) return false;
  const config = readIfThere(join(context.path, '.git', 'config')) ?? '';
  return /^\s*extraheader\s*=\s*\S/im.test(config) || /^\s*(?:push)?url\s*=\s*"?[a-z+]+:\/\/[^/\s@]+@/im.test(config);
}

/** What the context lacks though the repository has it: submodules that were not checked out, and Git LFS files that are pointers. */
export async function readContextNotices(
  git: SimpleGit,
  workspace: string,
  context: BuildContext,
): Promise<readonly string[]> {
  const sent = (path: string): boolean => {
    const name = relative(context.path, join(workspace, path)).split(sep).join('/');
    return !name.startsWith('../') && context.sends(name);
  };
  const [modules, files] = await Promise.all([readEmptySubmodules(git, workspace), readPointers(git, workspace)]);
  return [...tellSubmodules(modules.filter(sent)), ...tellPointers(files.filter(sent))];
}

async function readEmptySubmodules(git: SimpleGit, workspace: string): Promise<readonly string[]> {
  if (readIfThere(join(workspace, '.gitmodules')) === undefined) return [];
  const listed = await git
    .raw(['config', '--file', '.gitmodules', '--null', '--get-regexp', '\\.path$'])
    .catch(() => '');
  const paths = listed.split('\0').flatMap((row) => (row.includes('\n') ? [row.slice(row.indexOf('\n') + 1)] : []));
  return paths.filter((path) => isEmpty(join(workspace, path)));
}

async function readPointers(git: SimpleGit, workspace: string): Promise<readonly string[]> {
  if (!/filter=lfs/.test(readIfThere(join(workspace, '.gitattributes')) ?? '')) return [];
  const listed = await git.raw(['ls-files', '-z', '--', ':(attr:filter=lfs)']);
  return listed.split('\0').filter((path) => path !== '' && startsWith(join(workspace, path), pointer));
}

function tellSubmodules(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  return [
    `submodules are part of the build context and were not checked out: ${list(paths)}; give actions/checkout \`submodules: true\` if the image needs them`,
  ];
}

function tellPointers(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  return [
    `Git LFS files are pointers in the build context, not their content: ${list(paths)}; give actions/checkout \`lfs: true\` if the image needs them`,
  ];
}

function list(paths: readonly string[]): string {
  const shown = paths
    .slice(0, 3)
    .map((path) => JSON.stringify(path))
    .join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}

function startsWith(path: string, text: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(text.length);
      return readSync(file, bytes, 0, text.length, 0) === text.length && bytes.toString('latin1') === text;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
