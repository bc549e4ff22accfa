import { createHash } from 'node:crypto';
import type { BuildInputs } from '../inputs.ts';
import type { BytecodePlan } from '../model/bytecode.ts';
import { bytecodeFormat } from './bytecode/targets.ts';

/** Raised whenever Slipway itself would make other images from the same inputs. */
const format = 1;

/** Everything in this version's key that goes into the image. Freshness (`pull`, `no-cache`) and the values of secrets do not. */
export interface Content {
  /** Id of the git tree that is checked out. */
  readonly tree: string;
  /** The context's path in the repository. */
  readonly context: string;
  readonly dockerfile: string;
  /** Name to path in the repository, or to what the builder fetches. */
  readonly contexts: ReadonlyMap<string, string>;
  readonly bytecode: BytecodePlan | undefined;
  readonly build: Omit<BuildInputs, 'context' | 'contexts' | 'file' | 'limit' | 'pull' | 'noCache'>;
}

/** A hash that two runs share only if they would build the same image from the same sources: label `io.slipway.key`. The order in
 * which things were given does not matter. */
export function contentKey({ tree, context, dockerfile, contexts, bytecode, build }: Content): string {
  return hash([
    format,
    tree,
    context,
    dockerfile,
    sortedPairs(contexts),
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
  ]);
}

/** `require` makes no other bytecode than `on`, but not every image that `on` lets pass. */
function bytecodeKey({ mode, invalidation, paths, exclude }: BytecodePlan): readonly unknown[] {
  return [bytecodeFormat, mode, invalidation, sorted(paths), sorted(exclude)];
}

/** A hash of all commands that test an image, label `io.slipway.tests`: equal commands, equal hash. */
export function testsKey(tests: {
  readonly host: string | undefined;
  readonly stage: string | undefined;
  readonly image: readonly (readonly string[])[];
  readonly verify: string | undefined;
}): string {
  return hash([format, tests.host ?? null, tests.stage ?? null, tests.image, tests.verify ?? null]);
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
