import { type Platform, parsePlatform } from '../model/platform.ts';
import { readAttestations } from './attestations.ts';
import { readBuildContexts, readContext } from './contexts.ts';
import { readAnnotations, readBuildArgs, readLabels } from './pairs.ts';
import type { InputReader } from './reader.ts';
import { readSandboxInputs, type SandboxInputs } from './sandbox.ts';
import { readSecrets, readSsh, type SecretInput, type SshInput } from './secrets.ts';
import { parseStage, readLimit, readStage } from './tests.ts';

/** The inputs that say what is built and how. */
export interface BuildInputs extends SandboxInputs {
  /** Path of the context, as given; relative to the workspace. */
  readonly context: string;
  /** Path of the Dockerfile, as given; relative to the workspace. Undefined: `Dockerfile` in the context. */
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly args: ReadonlyMap<string, string>;
  /** Name to path, as given and relative to the workspace, or to what the builder fetches. */
  readonly contexts: ReadonlyMap<string, string>;
  readonly secrets: readonly SecretInput[];
  readonly ssh: readonly SshInput[];
  /** Labels that the user adds; never one of `io.slipway.*`. */
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: readonly string[];
  /** Each once; empty: what the builder builds for. */
  readonly platforms: readonly Platform[];
  /** As `--attest` has them. */
  readonly attestations: readonly string[];
  /** A builder that buildx knows; undefined: its current one. */
  readonly builder: string | undefined;
  /** Undefined: not said, so that schedule decides. */
  readonly pull: boolean | undefined;
  readonly noCache: boolean | undefined;
  /** Stages. */
  readonly noCacheFilters: readonly string[];
  /** Milliseconds. */
  readonly limit: number;
}

export function readBuildInputs(read: InputReader): BuildInputs {
  return {
    context: readContext(read),
    file: read.text('file'),
    target: readStage(read, 'target'),
    args: readBuildArgs(read),
    contexts: readBuildContexts(read),
    secrets: readSecrets(read),
    ssh: readSsh(read),
    labels: readLabels(read),
    annotations: readAnnotations(read),
    ...readSandboxInputs(read),
    platforms: [...new Set(read.parsedAll('platforms', read.list('platforms', 'split'), parsePlatform))],
    attestations: readAttestations(read),
    builder: read.parsed('builder', parseBuilderName),
    pull: read.boolean('pull'),
    noCache: read.boolean('no-cache'),
    noCacheFilters: read.parsedAll('no-cache-filters', read.list('no-cache-filters', 'split'), parseStage),
    limit: readLimit(read, 'build-timeout', '60m'),
  };
}

/** As buildx names builders and docker names contexts. */
function parseBuilderName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(text)) return text;
  throw new Error('the name of a builder is needed, as `docker buildx ls` lists it');
}
