import { StringDecoder } from 'node:string_decoder';
import type { VertexRecord } from './build-progress-records.ts';
import { saysFull } from './full-storage.ts';
import { type CutLine, printable, shorten } from './printable.ts';

/** One step of the build. */
export interface BuildStep {
  /** The number in the printed lines. */
  readonly number: number;
  /** BuildKit's name without the bake target: `[test 2/2] RUN pytest`. */
  readonly name: string;
  /** The bake targets whose graphs hold it; empty where the build has one target alone. */
  readonly targets: readonly string[];
  readonly cached: boolean;
  readonly ms: number | undefined;
  readonly error: string | undefined;
  /** The last line that it printed, or the first that says that there is no room; empty where it printed none. */
  readonly said: string;
}

/** A step while records of it come. */
export interface Step {
  readonly number: number;
  readonly name: string;
  readonly targets: Set<string>;
  readonly decoder: StringDecoder;
  /** Output that has no end of line yet. */
  rest: string;
  /** A shared step's output comes once per target. */
  readonly seenLogs: Set<string>;
  started: boolean;
  lastCompleted: number;
  cached: boolean;
  ms: number | undefined;
  error: string | undefined;
  said: string;
}

const longestName = 300;
const longestRest = 8_192;

/** Whether a step ended because another one failed, or somebody ended the build. */
export function isCancellation(error: string): boolean {
  return error.includes('context canceled');
}

export function openStep(number: number, name: string, cut: CutLine): Step {
  return {
    number,
    name: shorten(printable(name), longestName, cut),
    targets: new Set(),
    decoder: new StringDecoder('utf8'),
    rest: '',
    seenLogs: new Set(),
    started: false,
    lastCompleted: 0,
    cached: false,
    ms: undefined,
    error: undefined,
    said: '',
  };
}

/** Takes in what BuildKit says of a step.
 * @returns the lines that it is worth. */
export function advance(step: Step, record: VertexRecord): readonly string[] {
  const lines: string[] = [];
  if (record.started !== undefined && !step.started) {
    step.started = true;
    lines.push(`#${step.number} ${step.name}`);
  }
  if (record.cached && !step.cached) {
    step.cached = true;
    lines.push(`#${step.number} CACHED`);
  }
  if (record.completed === undefined || record.completed <= step.lastCompleted) return lines;
  const wasDone = step.lastCompleted > 0;
  step.lastCompleted = record.completed;
  const ms = record.completed - (record.started ?? record.completed);
  step.ms = Math.max(step.ms ?? 0, ms);
  if (record.error !== '') {
    step.error ??= printable(record.error);
    lines.push(...flush(step), `#${step.number} ${isCancellation(record.error) ? 'CANCELED' : `ERROR: ${step.error}`}`);
  } else if (!step.cached && (!wasDone || ms >= 50))
    lines.push(...flush(step), `#${step.number} DONE ${(ms / 1_000).toFixed(1)}s`);
  return lines;
}

/** Takes in what a step printed.
 * @returns its lines that are whole. */
export function output(step: Step, data: Uint8Array, cut: CutLine): readonly string[] {
  const pieces = (step.rest + step.decoder.write(Buffer.from(data))).split(/\r\n|\n|\r/);
  step.rest = pieces.pop() ?? '';
  for (let end = cut(step.rest, longestRest); end > 0; end = cut(step.rest, longestRest)) {
    pieces.push(step.rest.slice(0, end));
    step.rest = step.rest.slice(end);
  }
  return pieces.map((piece) => print(step, printable(piece)));
}

function flush(step: Step): readonly string[] {
  const rest = printable(step.rest);
  step.rest = '';
  return rest === '' ? [] : [print(step, rest)];
}

function print(step: Step, line: string): string {
  if (line.trim() !== '' && !saysFull(step.said)) step.said = line.trim();
  return `#${step.number} ${line}`;
}

export function isRunning({ started, cached, lastCompleted }: Step): boolean {
  return started && !cached && lastCompleted === 0;
}

/** A step as others may keep it. */
export function view(step: Step): BuildStep {
  const { number, name, cached, ms, error, said } = step;
  return { number, name, targets: [...step.targets], cached, ms, error, said };
}
