import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import type { Digest } from '../../model/digest.ts';
import type { ImageIdentity } from '../../model/image-identity.ts';
import type { BakePlan, LocalName } from '../../plan/build-plan.ts';
import { explainOldBuildx, isOlder, oldestBuildx } from '../../plan/machine.ts';
import type { Exit } from '../command.ts';
import type { Engine } from '../engine/call.ts';
import { removeImageName } from '../engine/images.ts';
import { explainFailure, explainSilence } from './failure.ts';
import type { Buildx } from './find.ts';
import { readIdentity } from './metadata.ts';
import { planRepeat } from './repeat.ts';
import { type BakeWatch, type PluginEnd, runPlugin } from './run.ts';
import { readBuildxVersion } from './version.ts';

export { type Buildx, findBuildx } from './find.ts';
export type { BakeWatch, Spare } from './run.ts';

export interface SolvedImage {
  readonly name: LocalName;
  readonly identity: ImageIdentity;
  readonly summary: BuildSummary;
  /** The metadata file's entry of the image, as it came. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** Builds the image and runs its test stage in one solve; the image lies in the engine's store under `plan.name` then, and only then:
 * a test stage that fails after the image was exported leaves none. Repeated where a registry's trouble, or the engine's
 * own, ended it and no file of the context was touched since: without the caches where one of them failed.
 * @throws ActionError `build-failed`, `test-failed`, `builder-missing`, `timeout`, `cancelled`. */
export async function bake(
  tools: { readonly buildx: Buildx; readonly engine: Engine },
  plan: BakePlan,
  watch: BakeWatch,
): Promise<SolvedImage> {
  try {
    const { metadata, summary, ms } = await solve(tools.buildx, plan, watch);
    const identity = readIdentity(metadata, summary.config);
    if (identity === undefined) throw explainSilence('named no image');
    requireTested(plan, summary);
    return { name: plan.name, identity, summary, metadata, ms };
  } catch (error) {
    // What went wrong counts; a name that cannot be removed now is removed again in post.
    await removeImageName(tools.engine, plan.name, AbortSignal.timeout(removalLimit)).catch(() => undefined);
    throw error;
  }
}

/** Runs a test stage alone, by a plan of `planTestBake`.
 * @throws as `bake`. */
export async function solveTestStage(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<BuildSummary> {
  const { summary } = await solve(buildx, plan, watch);
  requireTested(plan, summary);
  return summary;
}

/** Writes the cache by a plan of `planCacheExport`; what it cost and read. Whether a failure matters is the caller's.
 * @throws as `bake`. */
export async function exportCache(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<BuildSummary> {
  const { summary } = await solve(buildx, plan, watch);
  if (!summary.steps.some(({ name, error }) => name.startsWith('exporting cache') && error === undefined))
    throw explainSilence('said nothing of the cache that it was to write');
  return summary;
}

/** Sends an image that stayed with its builder, by a plan of `planPush`.
 * @returns the digest that the registry has it under.
 * @throws as `bake`; `publish-failed` where the registry or the builder fails. */
export async function sendImage(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<Digest> {
  try {
    const { metadata, summary } = await solve(buildx, plan, watch);
    const sent = readIdentity(metadata, summary.config);
    if (sent === undefined || sent.kind === 'config') throw explainSilence('named no image');
    return sent.digest;
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'build-failed') throw error;
    const reason = error.message.replace(/^the build failed: /, '');
    throw new ActionError('publish-failed', `the builder could not send the image: ${reason}`, {
      hint: 'no tag was written; a builder asks with the login that this step has, and where the registry has no TLS, by its own configuration',
      cause: error,
    });
  }
}

/** That nothing failed is no proof that the test stage was built: each of its steps must have been heard of.
 * @throws ActionError `build-failed`. */
function requireTested({ targets, testTarget }: BakePlan, { steps }: BuildSummary): void {
  if (!targets.includes('test')) return;
  const isHeard = targets.length === 1 ? steps.length > 0 : steps.some((step) => step.targets.includes('test'));
  if (!isHeard) throw explainSilence(`said nothing of the test stage ${testTarget ?? ''}`);
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
  const attempt = async (tried: BakePlan): Promise<PluginEnd> => {
    const limit = watch.limit - (performance.now() - began);
    const end = await runPlugin(buildx, tried, { ...watch, limit, onContextRead });
    if (end.exit.code !== 0 && end.summary.steps.length === 0) {
      // found out within 40 ms and before anything ran: asking every buildx for its version first would cost all that time
      if (asksNoLeave(end.summary) && tried.args.some(isLeave)) return attempt(withoutLeave(tried));
      await requireNewEnough(buildx, watch.cancel);
    }
    return end;
  };
  const first = await attempt(plan);
  const wasFree = isFree;
  const mayRepeat = (): boolean => !wasFree || watch.spare.isUntouched();
  let last = first;
  for (let tries = 1; !hasSucceeded(last.exit); tries++) {
    const repeat = planRepeat(plan, last, watch.spare);
    if (repeat === undefined || tries >= repeat.most || !mayRepeat())
      throw explainFailure(plan, last.exit, last.summary);
    watch.onLine(repeat.because);
    last = await attempt(repeat.plan);
    // tests may have run beside it: what they wrote must not be in the image
    if (hasSucceeded(last.exit) && !mayRepeat()) throw explainFailure(plan, first.exit, first.summary);
  }
  onContextRead();
  return { ...last, ms: performance.now() - began };
}

function hasSucceeded({ code, signal }: Exit): boolean {
  return code === 0 && signal === null;
}

function isLeave(arg: string): boolean {
  return arg.startsWith('--allow=');
}

function withoutLeave(plan: BakePlan): BakePlan {
  return { ...plan, args: plan.args.filter((arg) => !isLeave(arg)) };
}
