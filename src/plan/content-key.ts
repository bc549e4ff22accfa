import { createHash } from 'node:crypto';
import type { BuildInputs } from '../inputs.ts';
import type { BytecodePlan } from '../model/bytecode.ts';
import type { Digest } from '../model/digest.ts';
import { bytecodeFormat } from './bytecode/targets.ts';

/** Raised whenever Slipway itself would make other images from the same inputs. */
const format = 2;

/** Everything in this version's key that goes into the image. Freshness (`pull`, `no-cache`), who builds, the values of secrets and what
 * a floating name of a base image stands for do not. */
export interface Content {
  /** What the builder is sent. */
  readonly files: ContextFiles;
  readonly dockerfile: string;
  /** `linux/x86_64`, as the engine says it; where something else is asked for that, as registries spell it, separated by commas. */
  readonly platform: string;
  readonly bytecode: BytecodePlan | undefined;
  readonly build: Omit<
    BuildInputs,
    'context' | 'contexts' | 'file' | 'limit' | 'pull' | 'noCache' | 'builder' | 'platforms'
  >;
}

/** The files of every build context, as they reach the builder. */
export interface ContextFiles {
  /** Hash over path, kind, mode, size and git's blob of each file of the main context. */
  readonly main: string;
  /** Name of each further context to the same, or to what the builder fetches. */
  readonly named: ReadonlyMap<string, string>;
  /** What keeps another commit from having the same files for all we know; undefined: nothing does. */
  readonly unknown: string | undefined;
}

/** A hash that two runs share only if they would build the same image from the same sources: label `io.slipway.key`. The order in
 * which things were given does not matter. */
export function contentKey({ files, dockerfile, platform, bytecode, build }: Content): string {
  return hash([
    format,
    files.main,
    sortedPairs(files.named),
    files.unknown ?? null,
    dockerfile,
    platform,
    build.target ?? null,
    sortedPairs(build.args),
    sortedPairs(build.labels),
    sorted(build.annotations),
    sorted(build.secrets.map(({ id }) => id)),
    sorted(build.ssh.map(({ id }) => id)),
    build.network ?? null,
    sortedPairs(build.addHosts),
    build.shmSize ?? null,
    sorted(build.ulimits),
    sorted(build.allow),
    sorted(build.noCacheFilters),
    bytecode === undefined ? null : bytecodeKey(bytecode),
    ...(build.attestations.length === 0 ? [] : [build.attestations]),
  ]);
}

/** `require` makes no other bytecode than `on`, but not every image that `on` lets pass. */
function bytecodeKey({ mode, invalidation, paths, exclude }: BytecodePlan): readonly unknown[] {
  return [bytecodeFormat, mode, invalidation, sorted(paths), sorted(exclude)];
}

/** What an image of this run is made from, beside its files. */
export interface FoundBases {
  /** For label `io.slipway.bases`; empty where it is not known. */
  readonly key: string;
  /** Why it is not; empty where it is. */
  readonly unknown: string;
}

/** That nothing is known of them, and why. */
export function unknownBases(because: string): FoundBases {
  return { key: '', unknown: because };
}

/** A hash of what the floating names that a Dockerfile builds on stand for, label `io.slipway.bases`. */
export function basesKey(digests: ReadonlyMap<string, Digest>): string {
  return hash([format, sortedPairs(digests)]);
}

/** A hash of all that an image has to pass before it is public, and of the git tree that tests find: label `io.slipway.tests`. */
export function testsKey(tests: {
  readonly tree: string;
  readonly host: string | undefined;
  readonly stage: string | undefined;
  readonly image: readonly (readonly string[])[];
  readonly verify: string | undefined;
  /** What checks hold it to; undefined where they hold nothing. */
  readonly checks: readonly unknown[] | undefined;
}): string {
  const { tree, host, stage, image, verify, checks } = tests;
  const commands = [format, tree, host ?? null, stage ?? null, image, verify ?? null];
  return hash(checks === undefined ? commands : [...commands, checks]);
}

function sortedPairs(pairs: ReadonlyMap<string, string>): [string, string][] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sorted(values: readonly string[]): string[] {
  return [...values].sort();
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
