import type { Result } from './assessment.ts';
import type { Stride } from './finding.ts';
import { worstFirst } from './hold.ts';

/** In the order in which a team takes them. */
export const strides = [
  'working',
  'secure',
  'automated',
  'debuggable',
  'operable',
  'reproducible',
  'fast',
  'small',
] as const satisfies readonly Stride[];

/** How an image stands at one step. */
export interface StrideScore {
  readonly stride: Stride;
  readonly passed: number;
  /** Checks that count: all but what does not apply, is ignored or is a hint (`info`). What is unknown counts and has not passed. */
  readonly asked: number;
  readonly unknown: number;
  /** Open findings, the worst first, hints last. */
  readonly open: readonly Result[];
  readonly ignored: number;
}

/** How an image stands, and what to do next. */
export interface Score {
  /** One for each step, in order. */
  readonly strides: readonly StrideScore[];
  /** How many steps from the first on have no open finding of severity high or medium: a good point to stop at. */
  readonly reached: number;
  /** The best next thing to do; undefined where nothing is open. */
  readonly next: Result | undefined;
}

/** Counts what an image passes, step by step. */
export function planScore(results: readonly Result[]): Score {
  const scores = strides.map((stride) => scoreOf(stride, results));
  const blocked = scores.findIndex(({ open }) => open.some(isGrave));
  // of equally bad ones that of the earliest step: `scores` are in order, and the sort keeps it
  const [next] = worstFirst(scores.flatMap(({ open }) => open));
  return { strides: scores, reached: blocked < 0 ? scores.length : blocked, next };
}

function scoreOf(stride: Stride, all: readonly Result[]): StrideScore {
  const mine = all.filter(({ check }) => check.stride === stride);
  const counted = mine.filter(({ check }) => check.severity !== 'info');
  const count = (list: readonly Result[], state: Result['state']): number =>
    list.filter((one) => one.state === state).length;
  const [passed, unknown] = [count(counted, 'passed'), count(counted, 'unknown')];
  return {
    ...{ stride, passed, unknown },
    asked: passed + unknown + count(counted, 'open'),
    open: worstFirst(mine.filter(({ state }) => state === 'open')),
    ignored: count(mine, 'ignored'),
  };
}

function isGrave({ check }: Result): boolean {
  return check.severity === 'high' || check.severity === 'medium';
}
