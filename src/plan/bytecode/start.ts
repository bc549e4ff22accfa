import type { BytecodeReport } from '../../model/bytecode.ts';
import type { FileTree } from '../../model/file-tree.ts';
import { plainPath } from '../../model/image-path.ts';
import type { StartEvent } from './start-hook.ts';

/** What a start came to. */
export interface StartSummary {
  /** Real paths of the sources that imports compiled, each once. */
  readonly compiled: readonly string[];
  /** Of these, the ones that were left out of the compilation on purpose. */
  readonly leftOut: readonly string[];
  /** Milliseconds from the first Python process to the last import; undefined where no Python was seen. */
  readonly ms: number | undefined;
}

/** Sums a start up; paths are made real, because an interpreter names a source by the way it found it. */
export function summarizeStart(
  events: readonly StartEvent[],
  image: { readonly tree: FileTree<unknown>; readonly report: BytecodeReport; readonly workingDir: string },
): StartSummary {
  const { tree, report, workingDir } = image;
  const out = [...report.skipped, ...report.failed].map(({ path }) => path);
  const isOut = (path: string): boolean => out.some((one) => path === one || path.startsWith(`${one}/`));
  const found = new Map<string, boolean>();
  for (const event of events) {
    if (event.kind !== 'compiled') continue;
    const path = event.path.startsWith('/') ? event.path : plainPath(`${workingDir}/${event.path}`);
    const real = tree.resolve(path)?.path ?? path;
    found.set(real, isOut(path) || isOut(real));
  }
  const compiled = [...found.keys()].toSorted();
  const leftOut = compiled.filter((path) => found.get(path));
  const begun = events.filter(({ kind }) => kind === 'begun').map(({ seconds }) => seconds);
  const last = events.reduce((latest, { seconds }) => Math.max(latest, seconds), 0);
  return { compiled, leftOut, ms: begun.length === 0 ? undefined : Math.max(0, last - Math.min(...begun)) * 1000 };
}

/** The middle of some numbers, the mean of the two in the middle of an even count; 0 of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}
