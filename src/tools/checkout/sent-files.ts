import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type BuildContext, type ContextFolder, foldersOf } from './build-context.ts';

/** Of files that git ignores, the first that reaches the builder all the same; undefined where none does. */
export function findSentFile(context: BuildContext, workspace: string, ignored: readonly string[]): string | undefined {
  const root = realpathSync(workspace);
  for (const folder of foldersOf(context))
    for (const entry of ignored) {
      const found = firstSent(folder, resolve(root, entry));
      if (found !== undefined) return found;
    }
  return undefined;
}

/** A hash over name, type, size, inode, mode and change time of every file that reaches the builder. A program can set a file's
 * modification time but not its change time, so equal fingerprints mean that nobody wrote there. */
export function fingerprint(context: BuildContext): string {
  const hash = createHash('sha256').update(String(lstatSync(context.file, { bigint: true }).ctimeNs));
  for (const folder of foldersOf(context))
    walk(folder, folder.path, (path, stat) => {
      hash.update(`${path}\0${stat.mode}\0${stat.size}\0${stat.ino}\0${stat.isDirectory() ? '' : stat.ctimeNs}\n`);
      return false;
    });
  return hash.digest('hex');
}

/** Paths within the main context of all files that reach the builder, git's own folder left out. */
export function listSent(context: BuildContext): readonly string[] {
  const sent: string[] = [];
  walk(context, context.path, (path, stat) => {
    const name = relative(context.path, path).split(sep).join('/');
    if (!stat.isDirectory() && !name.startsWith('.git/')) sent.push(name);
    return false;
  });
  return sent;
}

type Visit = (path: string, stat: BigIntStats) => boolean;

/** Visits what is sent, folders before their content, in the order of names; ends where a visit answers true. */
function walk(context: ContextFolder, folder: string, visit: Visit): boolean {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path, { bigint: true });
    const sent = context.sends(relative(context.path, path).split(sep).join('/'));
    if (sent && visit(path, stat)) return true;
    // a folder that is left out may hold files that a later `!` pattern takes in again
    if (stat.isDirectory() && walk(context, path, visit)) return true;
  }
  return false;
}

function firstSent(context: ContextFolder, entry: string): string | undefined {
  const isAbove = context.path === entry || context.path.startsWith(entry + sep);
  const path = isAbove ? context.path : entry;
  const name = relative(context.path, path).split(sep).join('/');
  if (/^\.\.(?:\/|$)/.test(name) || isAbsolute(name)) return undefined;
  if (!lstatSync(path).isDirectory()) return context.sends(name) ? name : undefined;
  let found: string | undefined;
  walk(context, path, (file, stat) => {
    if (!stat.isDirectory()) found = relative(context.path, file).split(sep).join('/');
    return found !== undefined;
  });
  return found;
}
