import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { ContextFiles } from '../../plan/content-key.ts';
import type { BuildContext, ContextFolder } from './build-context.ts';

/** The files of every context, and by path within it those of the main one, folders left out. */
export interface ContextListing extends ContextFiles {
  readonly sent: readonly string[];
}

/** Path in the work tree to git's blob. */
type Blobs = ReadonlyMap<string, string>;

/** Describes what reaches the builder without reading a file: what lies in the work tree gives path, kind, mode and size (so that a
 * pointer of Git LFS differs from what it points at), git's index the content. That holds for a clean work tree alone. A file of which
 * git knows nothing, as in a submodule, is named: then the commit's tree stands for the content. */
export async function readContextFiles(
  git: SimpleGit,
  workspace: string,
  context: BuildContext,
): Promise<ContextListing> {
  const root = realpathSync(workspace);
  const blobs = parseIndex(await git.raw(['ls-files', '-z', '--stage', '-v']));
  let unknown: string | undefined;
  const describe = (folder: ContextFolder, sent: string[] = []): string => {
    const hash = createHash('sha256');
    const missing = hashFolder(folder, { root, blobs, hash, sent });
    unknown ??= missing;
    return hash.digest('hex');
  };
  const sent: string[] = [];
  const main = describe(context, sent);
  const named = context.named.map((one) => {
    if (one.kind === 'remote') return [one.name, one.url] as const;
    if (sendsGit(one)) unknown ??= join(one.inRepository, '.git');
    return [one.name, describe(one)] as const;
  });
  return { main, named: new Map(named), unknown, sent };
}

/** Whether git's own folder lies in a context and is part of it. */
export function sendsGit({ path, sends }: ContextFolder): boolean {
  const isThere = lstatSync(join(path, '.git'), { throwIfNoEntry: false }) !== undefined;
  return isThere && ['.git', '.git/HEAD', '.git/config', '.git/index', '.git/packed-refs'].some(sends);
}

/** `H 100644 <blob> 0<tab>path`: a small letter or `S` says that git was told not to look at the file. */
function parseIndex(listed: string): Blobs {
  const rows = listed.split('\0').flatMap((row) => {
    const [, blob = '', path = ''] = /^H \d+ ([0-9a-f]+) 0\t(.*)$/s.exec(row) ?? [];
    return path === '' ? [] : [[path, blob] as const];
  });
  return new Map(rows);
}

/** @returns the first file of which git has no blob. */
function hashFolder(
  context: ContextFolder,
  known: {
    readonly root: string;
    readonly blobs: Blobs;
    readonly hash: ReturnType<typeof createHash>;
    readonly sent: string[];
  },
): string | undefined {
  const { root, blobs, hash, sent } = known;
  let missing: string | undefined;
  const visit = (folder: string): void => {
    for (const entry of list(folder)) {
      const path = join(folder, entry.name);
      const name = relative(context.path, path).split(sep).join('/');
      if (name === '.git') continue; // told by sendsGit
      if (context.sends(name)) {
        const inTree = relative(root, path).split(sep).join('/');
        const blob = entry.isDirectory() ? '' : blobs.get(inTree);
        const stat = lstatSync(path, { throwIfNoEntry: false }); // a name that is no UTF-8 is not found again
        if (!entry.isDirectory()) sent.push(name);
        if (blob === undefined || stat === undefined) missing ??= inTree;
        hash.update(`${name}\0${stat?.mode.toString(8)}\0${entry.isDirectory() ? '' : stat?.size}\0${blob}\n`);
      }
      // a folder that is left out may hold files that a later `!` pattern takes in again
      if (entry.isDirectory()) visit(path);
    }
  };
  const list = (folder: string) => {
    try {
      return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      missing ??= relative(root, folder); // not ours to read, or a name that is no UTF-8: whoever needs it will tell
      return [];
    }
  };
  visit(context.path);
  return missing;
}
