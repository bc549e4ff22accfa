import type { Place } from './place.ts';

/** How tracebacks name a place, innermost last or first as the runner prints it. */
const patterns: readonly { readonly pattern: RegExp; readonly innermost: 'first' | 'last' }[] = [
  { pattern: /^([^\s:][^:\n]*\.py):(\d+): /gm, innermost: 'last' }, // pytest
  { pattern: /^\s*File "([^"\n]+\.py)", line (\d+)/gm, innermost: 'last' }, // Python's own
  { pattern: /(?:\(|at |file:\/\/)(\/[^():\n]+\.[cm]?[jt]sx?):(\d+):\d+/g, innermost: 'first' }, // V8
  { pattern: /^\s*([\w./-]+_test\.go):(\d+)(?::| )/gm, innermost: 'first' }, // go test, and its panics
];

/** A frame of Java's, which names the class and the file without its folders. */
const javaFrame = /^\s*at ([\w.$]+)\.[\w$<>]+\((\w+\.(?:java|kt|scala|groovy)):(\d+)\)/gm;

/** Where a failed test failed: the place that its traceback ends at, outside of libraries where one is; else where the report says the test stands. */
export function placeOf(attributes: Readonly<Record<string, string>>, traceback: string): Place | undefined {
  for (const { pattern, innermost } of patterns) {
    const all = [...traceback.matchAll(pattern)].map(([, file = '', line]) => ({ file, line: Number(line) }));
    const own = all.filter(
      ({ file }) => !/(?:^|\/)(?:site-packages|node_modules|dist-packages|lib\/python3[^/]*)\//.test(file),
    );
    const place = innermost === 'first' ? own[0] : own.at(-1);
    if (place !== undefined) return place;
  }
  for (const [, owner = '', file = '', line] of traceback.matchAll(javaFrame)) {
    if (owner !== attributes['classname']) continue;
    return { file: [...owner.split('.').slice(0, -1), file].join('/'), line: Number(line) };
  }
  const { file } = attributes;
  if (file === undefined || file === '') return undefined;
  return { file, line: Math.max(1, Number.parseInt(attributes['line'] ?? '1', 10) || 1) };
}

/** Paths, relative to the work tree, that a report's path may stand for, likeliest first: as it is, without the folder that it lies in where the tests
 * ran (a container's `/app`), below the source folders of Maven and Gradle. None leads out of the tree.
 * @param root absolute path of the work tree. */
export function placesToTry(file: string, root: string): string[] {
  const inside = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  const parts = inside.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return [];
  const shorter = inside.startsWith('/') ? parts.map((_, at) => parts.slice(at).join('/')) : [parts.join('/')];
  const language = /\.(java|kt|scala|groovy)$/.exec(file)?.[1];
  const folder = language === 'kt' ? 'kotlin' : language;
  return folder === undefined ? shorter : [...shorter, `src/test/${folder}/${parts.join('/')}`];
}
