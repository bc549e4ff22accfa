import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ActionError } from '../../errors.ts';
import { isRemoteContext } from '../../inputs/contexts.ts';
import { type ContextFilter, planContextFilter } from '../../plan/context-filter.ts';

/** A folder whose files reach the builder. */
export interface ContextFolder {
  /** Absolute path. */
  readonly path: string;
  /** Path in the work tree, `.` for its root. */
  readonly inRepository: string;
  readonly sends: ContextFilter;
}

/** One of `build-contexts`: a folder of the workspace, or what the builder fetches. */
export type NamedContext =
  | ({ readonly kind: 'folder'; readonly name: string } & ContextFolder)
  | { readonly kind: 'remote'; readonly name: string; readonly url: string };

/** The build context as it lies in the workspace. */
export interface BuildContext extends ContextFolder {
  /** Absolute path of the Dockerfile. */
  readonly file: string;
  readonly dockerfile: string;
  /** Text of the ignore file; undefined where there is none. */
  readonly ignore: string | undefined;
  readonly named: readonly NamedContext[];
}

/** Finds context, Dockerfile and ignore file (`<Dockerfile>.dockerignore` wins over `.dockerignore`, as BuildKit reads them).
 * @throws ActionError `invalid-input` where one is missing or leads out of the workspace. */
export function readBuildContext(
  workspace: string,
  given: {
    readonly context: string;
    readonly file: string | undefined;
    readonly contexts?: ReadonlyMap<string, string>;
  },
): BuildContext {
  const root = realpathSync(workspace);
  const path = inside(root, resolve(root, given.context), 'context');
  const file = inside(root, given.file === undefined ? join(path, 'Dockerfile') : resolve(root, given.file), 'file');
  const ignore = readIfThere(`${file}.dockerignore`) ?? readIfThere(join(path, '.dockerignore'));
  return {
    path,
    inRepository: inWorkTree(root, path),
    file,
    dockerfile: readFileSync(file, 'utf8'),
    ignore,
    sends: planContextFilter(ignore),
    named: [...(given.contexts ?? [])].map(([name, value]) => readNamed(root, name, value)),
  };
}

/** The folders among a build's contexts, the main one first. */
export function foldersOf(context: BuildContext): readonly ContextFolder[] {
  return [context, ...context.named.filter((one) => one.kind === 'folder')];
}

function readNamed(root: string, name: string, value: string): NamedContext {
  if (isRemoteContext(value)) return { kind: 'remote', name, url: value };
  const path = inside(root, resolve(root, value), `build-contexts: ${name}`);
  if (!statSync(path).isDirectory())
    throw new ActionError('invalid-input', `build-contexts: ${name}: ${path} is no folder`, {
      hint: 'name the folder that holds the file',
    });
  const sends = planContextFilter(readIfThere(join(path, '.dockerignore')));
  return { kind: 'folder', name, path, inRepository: inWorkTree(root, path), sends };
}

function inWorkTree(root: string, path: string): string {
  return relative(root, path).split(sep).join('/') || '.';
}

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

type Visit = (path: string, stat: import('node:fs').BigIntStats) => boolean;

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

function inside(root: string, path: string, input: string): string {
  const real = readReal(path, input);
  if (real !== root && !real.startsWith(root + sep))
    throw new ActionError('invalid-input', `${input}: ${path} leads out of the workspace ${root}`, {
      hint: 'what the tests saw is what is built: the path must lie in the checked-out repository',
    });
  return real;
}

function readReal(path: string, input: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new ActionError('invalid-input', `${input}: there is no ${path}`, {
      hint: 'paths are relative to the workspace; is the repository checked out?',
      cause,
    });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
