import type { BytecodeReport, BytecodeRoot, Interpreter, RootKind } from '../../model/bytecode.ts';
import type { FileTree } from '../../model/file-tree.ts';
import { judgePyc, type PycFault, pycPath, rawMagic } from '../../model/pyc.ts';
import type { BytecodeContent } from './look.ts';

/** A module that an interpreter would compile at every start, or whose `.pyc` holds other code (`unchecked-stale`). */
export interface BytecodeFault {
  readonly path: string;
  readonly reason: PycFault;
  /** Of the interpreter that asked, e.g. `3.11.2`. */
  readonly version: string;
  readonly own: boolean;
}

/** What the image's files prove, without running any of them. */
export interface StaticProof {
  readonly faults: readonly BytecodeFault[];
  /** Sources of each kind of folder, and how many of them load from a `.pyc`. */
  readonly coverage: readonly { readonly kind: RootKind; readonly sources: number; readonly loaded: number }[];
  /** Interpreters in the image that nothing was compiled for. */
  readonly overlooked: readonly string[];
}

/** Asks of each source in the folders that were compiled whether its interpreter loads a `.pyc` for it, as the image has both: what was
 * written at the build counts for nothing here. */
export function proveBytecode(
  tree: FileTree<BytecodeContent>,
  report: BytecodeReport,
  env: ReadonlyMap<string, string>,
): StaticProof {
  const interpreters = new Map(report.interpreters.map((one) => [one.path, one]));
  const leftOut = new Set([...report.skipped, ...report.failed].map(({ path }) => path));
  const folders = new Set(report.roots.map(({ path }) => path));
  const faults: BytecodeFault[] = [];
  const counts = new Map<RootKind, { sources: number; loaded: number }>();
  for (const root of report.roots) {
    const interpreter = interpreters.get(root.interpreter);
    if (interpreter === undefined) continue;
    const count = counts.get(root.kind) ?? { sources: 0, loaded: 0 };
    counts.set(root.kind, count);
    for (const path of sourcesOf(tree, root, { leftOut, folders })) {
      const verdict = judgeSource(tree, path, { interpreter, env });
      if (verdict === undefined) continue;
      count.sources += 1;
      if (verdict === 'ok') count.loaded += 1;
      else faults.push({ path, reason: verdict, version: interpreter.version, own: root.own });
    }
  }
  return {
    faults: faults.toSorted((a, b) => Number(b.own) - Number(a.own) || (a.path < b.path ? -1 : 1)),
    coverage: [...counts].map(([kind, count]) => ({ kind, ...count })),
    overlooked: findOverlooked(tree, report, interpreters),
  };
}

const passedOver = new Set(['__pycache__', '.git', 'node_modules']);

/** Paths of the sources that a root is answerable for: links to folders are not followed, and roots within it answer for themselves. */
function* sourcesOf(
  tree: FileTree<BytecodeContent>,
  root: BytecodeRoot,
  { leftOut, folders }: { readonly leftOut: ReadonlySet<string>; readonly folders: ReadonlySet<string> },
): Generator<string> {
  const waiting = leftOut.has(root.path) ? [] : [root.path];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of tree.list(folder)) {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      const kind = tree.at(path)?.kind;
      if (leftOut.has(path) || passedOver.has(name)) continue;
      if (kind === 'directory') {
        if (root.deep && !folders.has(path)) waiting.push(path);
      } else if (name.endsWith('.py')) yield path;
    }
  }
}

/** What becomes of one source at a start; undefined for what is no file, or a link to a file under another kind of name. */
function judgeSource(
  tree: FileTree<BytecodeContent>,
  path: string,
  { interpreter, env }: { readonly interpreter: Interpreter; readonly env: ReadonlyMap<string, string> },
): ReturnType<typeof judgePyc> | undefined {
  const source = tree.resolve(path)?.entry;
  const magic = rawMagic(interpreter.magic);
  const hash = source?.content?.kind === 'source' ? source.content.hashes.get(magic) : undefined;
  if (source === undefined || hash === undefined) return undefined;
  const asked = { cacheTag: interpreter.cacheTag, prefix: env.get('PYTHONPYCACHEPREFIX') ?? '', level: readLevel(env) };
  const content = tree.resolve(pycPath(path, asked))?.entry.content;
  return judgePyc(content?.kind === 'pyc' ? content.head : undefined, { ...source, hash }, magic);
}

/** PYTHONOPTIMIZE as an interpreter reads it: any text that is no number counts as 1. */
export function readLevel(env: ReadonlyMap<string, string>): number {
  const text = env.get('PYTHONOPTIMIZE') ?? '';
  if (text === '') return 0;
  return /^\s*\+?\d+$/.test(text) ? Number(text) : 1;
}

function findOverlooked(
  tree: FileTree<BytecodeContent>,
  report: BytecodeReport,
  known: ReadonlyMap<string, Interpreter>,
): readonly string[] {
  const told = new Set(report.skipped.map(({ path }) => path));
  return [...tree.walk()]
    .filter(
      ({ path, entry }) => entry.kind === 'file' && (entry.mode & 0o111) !== 0 && /\/bin\/python3\.\d+$/.test(path),
    )
    .map(({ path }) => path)
    .filter((path) => !known.has(path) && !told.has(path));
}
