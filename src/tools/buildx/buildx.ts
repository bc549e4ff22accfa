import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import type { ImageIdentity } from '../../model/image-identity.ts';
import type { BakePlan, LocalName } from '../../plan/build-plan.ts';
import { explainOldBuildx, isOlder, oldestBuildx } from '../../plan/machine.ts';
import type { Engine } from '../engine/call.ts';
import { removeImageName } from '../engine/engine.ts';
import { explainFailure, isPassing } from './failure.ts';
import type { Buildx } from './find.ts';
import { readIdentity } from './metadata.ts';
import { type BakeWatch, runPlugin } from './run.ts';
import { readBuildxVersion } from './version.ts';

export { type Buildx, findBuildx } from './find.ts';
export type { BakeWatch } from './run.ts';

export interface BuiltImage {
  readonly name: LocalName;
  readonly identity: ImageIdentity;
  readonly summary: BuildSummary;
  /** The metadata file's entry of the image, as it came. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** Builds the image and runs its test stage in one solve; the image lies in the engine's store under `plan.name` then, and only then:
 * a test stage that fails after the image was exported leaves none. Repeated once where a registry's passing trouble ended it
 * before the context was given free.
 * @throws ActionError `build-failed`, `test-failed`, `builder-missing`, `timeout`, `cancelled`. */
export async function bake(
  tools: { readonly buildx: Buildx; readonly engine: Engine },
  plan: BakePlan,
  watch: BakeWatch,
): Promise<BuiltImage> {
  try {
    const { metadata, summary, ms } = await solve(tools.buildx, plan, watch);
    const identity = readIdentity(metadata);
    if (identity !== undefined) return { name: plan.name, identity, summary, metadata, ms };
    throw new ActionError('build-failed', 'docker-buildx ended with exit status 0 and named no image', {
      hint: 'run it again; if it stays, look at the log above for what the builder did',
    });
  } catch (error) {
    // What went wrong counts; a name that cannot be removed now is removed again in post.
    await removeImageName(tools.engine, plan.name, AbortSignal.timeout(removalLimit)).catch(() => undefined);
    throw error;
  }
}

/** Runs a test stage alone, by a plan of `planTestBake`.
 * @throws as `bake`. */
export async function solveTestStage(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<BuildSummary> {
  return (await solve(buildx, plan, watch)).summary;
}

/** Writes the cache by a plan of `planCacheExport`; what it cost and read. Whether a failure matters is the caller's.
 * @throws as `bake`. */
export async function exportCache(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<BuildSummary> {
  return (await solve(buildx, plan, watch)).summary;
}

/** Buildx before 0.17 knows no `--allow`, and lets everything through that the flag would. */
function asksNoLeave({ tail }: BuildSummary): boolean {
  return tail.some((line) => line === 'ERROR: unknown flag: --allow' || line === 'unknown flag: --allow');
}

/** Asked where a build ended before its first step: with an old plugin that is why.
 * @throws ActionError `builder-missing` with the version. */
async function requireNewEnough(buildx: Buildx, cancel: AbortSignal): Promise<void> {
  const version = await readBuildxVersion(buildx, cancel);
  if (isOlder(version, oldestBuildx)) throw explainOldBuildx(version, oldestBuildx, undefined);
}

const removalLimit = 4_000;

interface Solved {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly summary: BuildSummary;
  readonly ms: number;
}

async function solve(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<Solved> {
  const began = performance.now();
  let isFree = false;
  const onContextRead = (): void => {
    if (!isFree) watch.onContextRead();
    isFree = true;
  };
  let args = plan.args;
  for (let attempt = 1; ; attempt++) {
    const limit = watch.limit - (performance.now() - began);
    const { exit, summary, metadata } = await runPlugin(buildx, { ...plan, args }, { ...watch, limit, onContextRead });
    if (exit.code === 0 && exit.signal === null) {
      onContextRead();
      return { metadata, summary, ms: performance.now() - began };
    }
    if (asksNoLeave(summary) && args === plan.args) {
      // found out within 40 ms and before anything ran: asking every buildx for its version first would cost all that time
      args = plan.args.filter((arg) => !arg.startsWith('--allow='));
      attempt -= 1;
      continue;
    }
    if (summary.steps.length === 0) await requireNewEnough(buildx, watch.cancel);
    if (attempt > 1 || isFree || !isPassing(summary)) throw explainFailure(plan, exit, summary);
    watch.onLine(`the registry failed: ${summary.tail.at(-1) ?? ''}; trying once more`);
  }
}
