import type { BytecodePlan } from '../../model/bytecode.ts';
import type { Platform } from '../../model/platform.ts';
import type { PycFault } from '../../model/pyc.ts';
import type { BytecodeFault, StaticProof } from './proof.ts';

/** Proof by running: what the image's command, or else the module it is about, compiled at its start. */
export type StartProof =
  | {
      readonly kind: 'started';
      /** What was started: `the image's command`, or `import app.main`. */
      readonly what: string;
      /** Sources that its imports compiled, without those that were left out on purpose. */
      readonly compiled: readonly string[];
      /** Why that was no whole start; empty where it was. */
      readonly short: string;
    }
  | { readonly kind: 'unproved'; readonly reason: string };

/** Start without any bytecode and as it ships, the median of some starts of each. */
export type StartTimes =
  | {
      readonly kind: 'measured';
      readonly starts: number;
      readonly before: { readonly ms: number; readonly compiled: number };
      readonly after: { readonly ms: number; readonly compiled: number };
    }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Everything that was found out about the bytecode of the image that ships. */
export interface BytecodeProof {
  readonly files: StaticProof;
  readonly start: StartProof;
  readonly times: StartTimes;
}

/** The same, and of which image of several; undefined: of the one that the builder makes where no platform is asked for. */
export interface PlatformProof extends BytecodeProof {
  readonly platform: Platform | undefined;
}

/** What follows from a proof: what stops the run, and what is told. */
export interface BytecodeVerdict {
  readonly refusal: string | undefined;
  readonly notices: readonly string[];
}

/** Judges a proof. A `.pyc` that runs other code than its source's stops every run; what is merely slow stops one that requires
 * bytecode. That a command cannot be started here proves nothing against the image: the files decide then. */
export function judgeBytecode(mode: BytecodePlan['mode'], { files, start }: BytecodeProof): BytecodeVerdict {
  const foreign = files.faults.filter(({ reason }) => reason === 'unchecked-stale');
  const slow = files.faults.filter(({ reason }) => reason !== 'unchecked-stale');
  const notices = [
    ...files.overlooked.map((path) => `bytecode: nothing was compiled for ${path}, which the compilation did not find`),
    ...(start.kind === 'unproved' ? [`bytecode: not proved by running: ${start.reason}`] : []),
    ...(start.kind === 'started' && start.short !== '' ? [`bytecode: proved by running in part: ${start.short}`] : []),
  ];
  const problems = [
    ...(foreign.length === 0 ? [] : [`${sources(foreign.length)} would not run: ${listFaults(foreign)}`]),
    ...(slow.length === 0 ? [] : [`${sources(slow.length)} would be compiled at every start: ${listFaults(slow)}`]),
    ...(start.kind === 'started' && start.compiled.length > 0 ? [compiledAtStart(start.what, start.compiled)] : []),
  ];
  if (problems.length === 0) return { refusal: undefined, notices };
  const refused = mode === 'require' || foreign.length > 0;
  if (refused) return { refusal: problems.join('; '), notices };
  return { refusal: undefined, notices: [...problems.map((one) => `bytecode: ${one}`), ...notices] };
}

const shown = 5;

const reasons: Readonly<Record<PycFault, string>> = {
  missing: 'it has no .pyc',
  truncated: 'its .pyc is cut off',
  'wrong-magic': 'its .pyc is of another Python',
  'wrong-flags': 'its .pyc has flags that no Python knows',
  'mtime-stale': 'its .pyc is of another time',
  'size-stale': 'its .pyc is of a source of another size',
  'hash-stale': 'its .pyc is of another source',
  'unchecked-stale': 'its .pyc holds the code of another source, and Python is told not to look',
};

function sources(count: number): string {
  return count === 1 ? '1 source' : `${count} sources`;
}

function listFaults(faults: readonly BytecodeFault[]): string {
  const first = faults.slice(0, shown).map(({ path, reason, version }) => `${path} (${reasons[reason]}, ${version})`);
  return and(first, faults.length - first.length);
}

function compiledAtStart(what: string, paths: readonly string[]): string {
  const first = paths.slice(0, shown);
  return `${what} compiled ${sources(paths.length)} at its start: ${and(first, paths.length - first.length)}`;
}

function and(first: readonly string[], more: number): string {
  return more === 0 ? first.join(', ') : `${first.join(', ')} and ${more} more`;
}
