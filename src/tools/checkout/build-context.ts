import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
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
