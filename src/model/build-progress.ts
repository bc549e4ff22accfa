import { watchContext } from './build-progress-context.ts';
import { watchImports } from './build-progress-imports.ts';
import { watchLayers } from './build-progress-layers.ts';
import { addPlatform, type BuildShape, graphOf, graphsOf, splitName } from './build-progress-names.ts';
import { createRecordReader } from './build-progress-reader.ts';
import type { ProgressRecords, VertexRecord, WarningRecord } from './build-progress-records.ts';
import type { BuildStep } from './build-progress-step.ts';
import { createStepLog } from './build-progress-steps.ts';
import { type Digest, isDigest } from './digest.ts';
import { type CutLine, printable, shorten } from './printable.ts';

export type { BuildShape } from './build-progress-names.ts';
export type { BuildStep } from './build-progress-step.ts';

/** What a line of BuildKit's progress means to somebody who watches. */
export type ProgressEvent =
  /** Every local file that the build will ever read has been read: the context may change from here on. At most once. */
  | { readonly kind: 'context-read' }
  /** The image is made; its builder sends it yet, or clears up, and may fail at either. */
  | { readonly kind: 'exported' }
  /** A line for people: `#n text`, without control characters. */
  | { readonly kind: 'line'; readonly text: string };

export interface BuildSummary {
  readonly steps: readonly BuildStep[];
  /** The step that failed first of itself, not by the cancellation of the rest. */
  readonly failed: BuildStep | undefined;
  /** Those that had begun and not ended when the last word came. */
  readonly running: readonly BuildStep[];
  /** Cache references that could not be read, with BuildKit's reason. */
  readonly cacheFailures: readonly { readonly ref: string; readonly reason: string }[];
  readonly warnings: readonly WarningRecord[];
  /** The config of the image that was exported; undefined where there is none. */
  readonly config: Digest | undefined;
  /** Bytes of layers that were fetched and unpacked for steps that ran on top of them. */
  readonly unpacked: number;
  /** Plain text after the JSON: `FILE:LINE`, the excerpt, and the line that begins with `ERROR:`. */
  readonly tail: readonly string[];
}

/** Reads BuildKit's rawjson progress line by line. `now` is a monotonic clock in milliseconds. */
export interface BuildProgress {
  read(line: string, now: number): readonly ProgressEvent[];
  /** Where no line comes for a while: asks again whether the context was read. */
  tick(now: number): readonly ProgressEvent[];
  /** The cache that has been read for longest, and since when; undefined while none is being read. */
  importing(): { readonly ref: string; readonly since: number } | undefined;
  summary(): BuildSummary;
}

const longestTail = 2_000;
const mostTail = 120;
const mostWarnings = 100;
const configExport = /^exporting config (\S+)$/;

/** Starts reading the progress of one build. Memory is bounded whatever comes.
 * @param cut of a step's endless line */
export function createBuildProgress(shape: BuildShape, cut: CutLine = cutAtLimit): BuildProgress {
  const names = [...shape.targets, ...shape.inner];
  const context = watchContext(graphsOf(shape));
  const log = createStepLog(cut);
  const layers = watchLayers();
  const imports = watchImports();
  const readRecord = createRecordReader();
  const warnings = new Map<string, WarningRecord>();
  const tail: string[] = [];
  let config: Digest | undefined;
  let exported = false;
  let isTold = false;

  const take = (records: ProgressRecords, now: number): string[] => {
    const lines: string[] = [];
    for (const record of records.vertexes) {
      const { target, name } = splitName(record.name, names);
      const named: VertexRecord = { ...record, name };
      const graph = graphOf(named, target, shape);
      context.vertex(graph, named, now);
      imports.vertex(named, now);
      lines.push(...log.vertex(target, { ...named, name: addPlatform(name, target) }));
      if (name.startsWith('exporting to ') && record.completed !== undefined && record.error === '') exported = true;
    }
    for (const record of records.statuses) {
      context.status(record);
      layers.status(record);
      const exported = configExport.exec(record.id)?.[1];
      if (exported !== undefined && isDigest(exported)) config = exported;
    }
    for (const record of records.logs) lines.push(...log.log(record));
    for (const record of records.warnings)
      if (warnings.size < mostWarnings) warnings.set(`${record.line} ${record.text}`, record);
    return lines;
  };
  const ask = (now: number): readonly ProgressEvent[] => {
    const read: readonly ProgressEvent[] = context.isRead(now) ? [{ kind: 'context-read' }] : [];
    if (!exported || isTold) return read;
    isTold = true;
    return [...read, { kind: 'exported' }];
  };

  return {
    read: (line, now) => {
      const found = readRecord(line);
      if (found === undefined) return [];
      if (typeof found !== 'string')
        return [...take(found, now).map((text) => ({ kind: 'line', text }) as const), ...ask(now)];
      if (found !== '' || tail.length > 0)
        tail.push(shorten(printable(found.replace(/\t/g, '    ')), longestTail, cut));
      if (tail.length > mostTail) tail.shift();
      return [];
    },
    tick: ask,
    importing: () => imports.importing(),
    summary: () => ({
      steps: log.steps(),
      failed: log.failed(),
      running: log.running(),
      cacheFailures: imports.failures(),
      warnings: [...warnings.values()],
      config,
      unpacked: layers.unpacked(),
      tail: tail.slice(0, tail.findLastIndex((line) => line !== '') + 1),
    }),
  };
}

function cutAtLimit(line: string, limit: number): number {
  return line.length > limit ? limit : 0;
}
