import { splitCommandLine } from '../model/command-line.ts';
import { parseDuration } from '../model/duration.ts';
import { parseContainerGlob } from '../model/report-glob.ts';
import type { InputReader } from './reader.ts';

/** The inputs that say what must pass before anything is public. */
export interface TestInputs {
  /** A bash script that runs beside the build. */
  readonly host: string | undefined;
  /** A Dockerfile stage whose build is the test. */
  readonly stage: string | undefined;
  /** Argument vectors, each run in a container of the image. */
  readonly image: readonly (readonly string[])[];
  /** A bash script that runs after the build. */
  readonly verify: string | undefined;
  /** Names of variables that tests may see though they would be withheld. */
  readonly env: readonly string[];
  /** JUnit files that the tests write: globs within the work tree, absolute ones within a container of `test-image`. */
  readonly reports: readonly string[];
  /** Names of variables that hold secrets of the build: tests do not see them. */
  readonly withheld: readonly string[];
  /** Milliseconds, for each test. */
  readonly limit: number;
}

export function readTestInputs(read: InputReader, withheld: readonly string[]): TestInputs {
  return {
    host: read.text('test'),
    stage: readStage(read, 'test-target'),
    image: read.parsedAll('test-image', read.lines('test-image'), splitCommandLine),
    verify: read.text('verify'),
    env: read.parsedAll('test-env', read.lines('test-env'), parseVariable),
    reports: read.parsedAll('test-reports', read.lines('test-reports'), parseGlob),
    withheld,
    limit: readLimit(read, 'test-timeout', '20m'),
  };
}

/** A duration in milliseconds. */
export function readLimit(read: InputReader, name: string, fallback: string): number {
  return read.parsed(name, parseDuration) ?? parseDuration(fallback);
}

/** The name or number of a Dockerfile stage. */
export function readStage(read: InputReader, name: string): string | undefined {
  return read.parsed(name, parseStage);
}

export function parseStage(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text)) return text;
  throw new Error('the name or number of a Dockerfile stage is needed');
}

function parseGlob(text: string): string {
  const sound = !text.startsWith('~') && !text.split('/').includes('..');
  if (sound && text.startsWith('/')) parseContainerGlob(text);
  if (sound) return text;
  throw new Error(
    'globs within the work tree are needed, one a line, such as `reports/**/*.xml`; absolute ones are looked for in containers of `test-image`',
  );
}

function parseVariable(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  throw new Error('names of variables are needed, one a line, without values');
}
