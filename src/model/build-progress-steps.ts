import type { LogRecord, VertexRecord } from './build-progress-records.ts';
import {
  advance,
  type BuildStep,
  isCancellation,
  isRunning,
  openStep,
  output,
  type Step,
  view,
} from './build-progress-step.ts';
import type { CutLine } from './printable.ts';

/** The steps seen so far, and the lines that a person reads about them. */
export interface StepLog {
  vertex(target: string | undefined, record: VertexRecord): readonly string[];
  log(record: LogRecord): readonly string[];
  steps(): readonly BuildStep[];
  /** The step that failed first of itself, not by the cancellation of the rest. */
  failed(): BuildStep | undefined;
  /** Those that have begun and not ended. */
  running(): readonly BuildStep[];
}

const mostSteps = 5_000;
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
    running: () => [...steps.values()].filter(isRunning).map(view),
  };
}

/** A cache that cannot be read costs time and fails nothing. */
function isFailure({ error, name }: VertexRecord): boolean {
  return error !== '' && !isCancellation(error) && !name.startsWith('importing cache manifest');
}

function open(steps: Map<string, Step>, record: VertexRecord, cut: CutLine): Step | undefined {
  if (steps.size >= mostSteps || record.name === '') return undefined;
  const step = openStep(steps.size + 1, record.name, cut);
  steps.set(record.digest, step);
  return step;
}
