import type { FileTree } from '../model/file-tree.ts';
import { splitPath } from '../model/image-path.ts';
import { type FileContent, type PythonFacts, textOf } from './image-facts.ts';

/** Well above what any image has: a made-up one must not hold everybody up. */
const most = 100;

/** Finds every Python of an image that can be started: one for each folder of programs and each interpreter in it, by its shortest name. */
export function findPythons(
  tree: FileTree<FileContent>,
  candidates: readonly string[],
  env: ReadonlyMap<string, string>,
): readonly PythonFacts[] {
  const found = new Map<string, PythonFacts>();
  for (const path of [...candidates].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const target = tree.resolve(path);
    if (target?.entry.kind !== 'file' || (target.entry.mode & 0o111) === 0) continue;
    const key = `${splitPath(path).parent} ${target.path}`;
    if (!found.has(key) && found.size < most) found.set(key, describePython(tree, { path, target: target.path, env }));
  }
  return [...found.values()];
}

/** Whether a path is called as an interpreter is. */
export function isPythonName(path: string): boolean {
  return /\/python(?:3(?:\.\d+t?)?)?$/.test(path);
}

function describePython(
  tree: FileTree<FileContent>,
  { path, target, env }: { readonly path: string; readonly target: string; readonly env: ReadonlyMap<string, string> },
): PythonFacts {
  const prefix = prefixOf(path);
  const config = textOf(tree.resolve(`${prefix}/pyvenv.cfg`)?.entry.content);
  const home = prefixOf(target);
  const minor = /python(3\.\d+)t?$/.exec(target)?.[1] ?? findMinor(tree, config === undefined ? home : prefix);
  const folders = [prefix, home, '/usr/local'].flatMap((one) => [
    `${one}/lib/python${minor}/site-packages`,
    `${one}/lib64/python${minor}/site-packages`,
    `${one}/lib/python${minor}/dist-packages`,
    `${one}/lib/python3/dist-packages`,
  ]);
  const own = config === undefined ? folders : folders.slice(0, 2);
  const there = own.flatMap((one) => {
    const place = tree.resolve(one);
    return place?.entry.kind === 'directory' ? [place.path] : [];
  });
  const version = readVersion(tree, { config, home, minor, env });
  return { path, version, venv: config === undefined ? undefined : prefix, sitePackages: [...new Set(there)] };
}

/** The folder that holds `bin`; empty for the root. */
function prefixOf(path: string): string {
  const { parent } = splitPath(splitPath(path).parent);
  return parent === '/' ? '' : parent;
}

/** Of a prefix that has libraries of one version. */
function findMinor(tree: FileTree<FileContent>, prefix: string): string {
  const names = tree.list(`${prefix}/lib`).flatMap((name) => /^python(3\.\d+)t?$/.exec(name)?.[1] ?? []);
  const [minor = '', ...others] = new Set(names);
  return others.length === 0 ? minor : '';
}

function readVersion(
  tree: FileTree<FileContent>,
  at: {
    readonly config: string | undefined;
    readonly home: string;
    readonly minor: string;
    readonly env: ReadonlyMap<string, string>;
  },
): string {
  const header = textOf(tree.resolve(`${at.home}/include/python${at.minor}/patchlevel.h`)?.entry.content) ?? '';
  const told = [
    /#define PY_VERSION\s+"(\d+\.\d+\.\d+)/.exec(header)?.[1],
    /^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)/m.exec(at.config ?? '')?.[1],
    at.home === '/usr/local' ? at.env.get('PYTHON_VERSION') : undefined, // the official images say so
  ];
  return told.find((one) => one !== undefined && (at.minor === '' || one.startsWith(`${at.minor}.`))) ?? at.minor;
}
