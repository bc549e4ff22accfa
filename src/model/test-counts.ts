import type { Place } from './place.ts';

/** One test as a JUnit file tells of it. */
export interface TestCase {
  /** Class or module and name, as a person would look for it: `tests.test_app::test_reads`. */
  readonly name: string;
  /** Milliseconds; undefined where the file has no readable time. */
  readonly ms: number | undefined;
  /** JUnit's `failure` and `error` both are failures. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What failed, at most 2,000 characters; empty for the others. */
  readonly message: string;
  /** Where it failed, as the report spells the path. */
  readonly place: Place | undefined;
}

/** What JUnit files say in all. Lists are cut, counts are not. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The first 100. */
  readonly failures: readonly TestCase[];
  /** The slowest ten, slowest first. */
  readonly slowest: readonly TestCase[];
}

/** Counts of no file at all. */
export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0, failures: [], slowest: [] };

const mostFailures = 100;
const mostSlow = 10;

/** Counts of a file while it is read. */
export type GrowingCounts = {
  -readonly [Key in keyof TestCounts]: TestCounts[Key] extends number ? number : TestCase[];
};

/** Counts one more test. */
export function addTest(found: GrowingCounts, test: TestCase): void {
  found[test.outcome] += 1;
  if (test.outcome === 'failed' && found.failures.length < mostFailures) found.failures.push(test);
  const last = found.slowest[mostSlow - 1];
  if (test.ms === undefined || (last !== undefined && (last.ms ?? 0) >= test.ms)) return;
  found.slowest.push(test);
  found.slowest.sort(bySlowness);
  found.slowest.length = Math.min(found.slowest.length, mostSlow);
}

/** Several files as one. */
export function mergeCounts(all: readonly TestCounts[]): TestCounts {
  const sum = (of: 'passed' | 'failed' | 'skipped'): number => all.reduce((total, one) => total + one[of], 0);
  const failures = all.flatMap((one) => one.failures).slice(0, mostFailures);
  const slowest = all.flatMap((one) => one.slowest).sort(bySlowness);
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures,
    slowest: slowest.slice(0, mostSlow),
  };
}

function bySlowness(a: TestCase, b: TestCase): number {
  return (b.ms ?? 0) - (a.ms ?? 0);
}
