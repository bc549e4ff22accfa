import { StringDecoder } from 'node:string_decoder';
import type { LogRecord, VertexRecord } from './build-progress-records.ts';
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
  /** The last line that it printed; empty where it printed none. */
  readonly said: string;
}

/** The steps seen so far, and the lines that a person reads about them. */
export interface StepLog {
  vertex(target: string | undefined, record: VertexRecord): readonly string[];
  log(record: LogRecord): readonly string[];
  steps(): readonly BuildStep[];
  /** The step that failed first of itself, not by the cancellation of the rest. */
  failed(): BuildStep | undefined;
}

interface Step {
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

const mostSteps = 5_000;
const longestName = 300;
const longestRest = 8_192;
const mostSeenLogs = 4_096;

/** Starts an empty log of steps; past 5000 steps further ones are left out, so memory stays bounded. */
export function createStepLog(cut: CutLine): StepLog {
  const steps = new Map<string, Step>();
  let failed: Step | undefined;
  return {
    vertex: (target, record) => {
      const step = steps.get(record.digest) ?? open(steps, record, cut);
      if (step === undefined) return [];
      if (target !== undefined) step.targets.add(target);
      if (isFailure(record)) failed ??= step;
      return advance(step, record);
    },
    log: (record) => {
      const step = steps.get(record.vertex);
      if (step === undefined || step.seenLogs.has(record.timestamp)) return [];
      if (step.seenLogs.size >= mostSeenLogs) step.seenLogs.clear();
      if (record.timestamp !== '') step.seenLogs.add(record.timestamp);
      return output(step, record.data, cut);
    },
    steps: () => [...steps.values()].map(view),
    failed: () => (failed === undefined ? undefined : view(failed)),
  };
}

/** A cache that cannot be read costs time and fails nothing. */
function isFailure({ error, name }: VertexRecord): boolean {
  return error !== '' && !isCancellation(error) && !name.startsWith('importing cache manifest');
}

function isCancellation(error: string): boolean {
  return error.includes('context canceled');
}

function open(steps: Map<string, Step>, record: VertexRecord, cut: CutLine): Step | undefined {
  if (steps.size >= mostSteps || record.name === '') return undefined;
  const step: Step = {
    number: steps.size + 1,
    name: shorten(printable(record.name), longestName, cut),
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
  steps.set(record.digest, step);
  return step;
}

function advance(step: Step, record: VertexRecord): readonly string[] {
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

function output(step: Step, data: Uint8Array, cut: CutLine): readonly string[] {
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
  if (line.trim() !== '') step.said = line.trim();
  return `#${step.number} ${line}`;
}

function view(step: Step): BuildStep {
  const { number, name, cached, ms, error, said } = step;
  return { number, name, targets: [...step.targets], cached, ms, error, said };
}
