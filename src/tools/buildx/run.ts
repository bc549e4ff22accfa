import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import { type BuildSummary, createBuildProgress } from '../../model/build-progress.ts';
import { formatDuration } from '../../model/duration.ts';
import { stallLimit } from '../../model/limits.ts';
import type { BakePlan } from '../../plan/build-plan.ts';
import { type Exit, run } from '../command.ts';
import { knownSecrets } from '../known-secrets.ts';
import type { Buildx } from './find.ts';
import { lend } from './private-config.ts';
import type { Spare } from './repeat.ts';

export interface BakeWatch {
  /** Once: every local file has been read, or the build has succeeded. Not called where it fails first. */
  readonly onContextRead: () => void;
  /** The image is made, as far as the builder's progress tells. */
  readonly onExported?: () => void;
  readonly onLine: (line: string) => void;
  readonly cancel: AbortSignal;
  /** Milliseconds. */
  readonly limit: number;
  /** A private folder: the metadata file goes there. */
  readonly folder: string;
  /** Values of the variables that the plan's secrets name. */
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly spare: Spare;
  /** Milliseconds for the import of a cache, where those are not the usual ones. */
  readonly importLimit?: number;
}

/** How one call of the plugin ended. */
export interface PluginEnd {
  readonly exit: Exit;
  readonly summary: BuildSummary;
  /** The metadata file: an entry for each target; empty where there is none. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const tickMs = 100;

/** Calls `docker-buildx bake` once; every end is an answer.
 * @throws ActionError `timeout`, `cancelled`. */
export async function runPlugin(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<PluginEnd> {
  // a fresh name: where the build fails the plugin leaves an older file as it is
  const path = join(watch.folder, `metadata-${randomUUID()}.json`);
  const progress = createBuildProgress(plan, (line, limit) => knownSecrets.cut(line, limit));
  const loan = lend(buildx.env, buildx.logins, watch.folder);
  const tell = (events: ReturnType<typeof progress.tick>): void => {
    for (const event of events) {
      switch (event.kind) {
        case 'context-read':
          loan.takeBack(); // tests may run from here on
          watch.onContextRead();
          break;
        case 'exported':
          watch.onExported?.();
          break;
        case 'line':
          watch.onLine(event.text);
          break;
      }
    }
  };
  const stuck = new AbortController();
  const ticker = setInterval(() => {
    const now = performance.now();
    tell(progress.tick(now));
    if (now - (progress.importing()?.since ?? now) > (watch.importLimit ?? stallLimit)) stuck.abort();
  }, tickMs);
  try {
    const exit = await run(
      {
        program: buildx.path,
        args: ['bake', `--metadata-file=${path}`, ...plan.args],
        cwd: watch.folder,
        env: { ...loan.env, ...watch.secretEnv, ...fixedEnvironment(plan) },
        stdin: plan.definition,
        limit: Math.max(1, watch.limit),
        phase: 'the build',
      },
      {
        stdout: watch.onLine,
        stderr: (line) => {
          if (readsNoMore(line)) loan.takeBack();
          tell(progress.read(line, performance.now()));
        },
      },
      AbortSignal.any([watch.cancel, stuck.signal]),
    );
    if (exit.code !== 0 && !existsSync(watch.folder)) throw explainDeleted(watch.folder);
    return { exit, summary: progress.summary(), metadata: await readMetadata(path) };
  } catch (error) {
    const cache = progress.importing();
    if (!stuck.signal.aborted || watch.cancel.aborted || cache === undefined) throw error;
    throw explainStuck(cache.ref, watch.importLimit ?? stallLimit);
  } finally {
    clearInterval(ticker);
    loan.takeBack();
    await rm(path, { force: true });
  }
}

/** The plugin reads docker's configuration when it starts, and bake once more after its definition; then the solve begins. */
function readsNoMore(line: string): boolean {
  return line.includes('internal] load build definition from ');
}

/** Only the end of the builder's own connection frees it; this is told where no relay of ours could hold that. */
function explainStuck(ref: string, limit: number): ActionError {
  return new ActionError('timeout', `the cache ${ref} was not read within ${formatDuration(limit)}: it never answers`, {
    hint: 'the builder may wait for it further and hold up every other build: restart it (`systemctl restart docker`, or `docker buildx rm` for one of your own), and set `cache: none` until the registry answers',
  });
}

function explainDeleted(folder: string): ActionError {
  return new ActionError('build-failed', `${folder} was deleted while the build was running`, {
    hint: 'something on this runner empties RUNNER_TEMP during the job, e.g. a clean-up of another job: give each runner a folder of its own',
  });
}

/** Git is asked for provenance only (some 12 ms); no variable is looked up for the definition. */
function fixedEnvironment({ attested }: BakePlan): Readonly<Record<string, string>> {
  const quiet = { BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP: '1', BUILDX_BAKE_ENTITLEMENTS_FS: '1' };
  if (attested) return quiet;
  return {
    ...quiet,
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    BUILDX_GIT_INFO: '0',
    BUILDX_METADATA_PROVENANCE: 'disabled',
  };
}

async function readMetadata(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {}; // no image was named then
    throw error;
  }
}
