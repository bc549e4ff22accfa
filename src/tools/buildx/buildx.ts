import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import type { Digest } from '../../model/digest.ts';
import type { ImageIdentity } from '../../model/image-identity.ts';
import type { BakePlan, LocalName } from '../../plan/build-plan.ts';
import type { Engine } from '../engine/call.ts';
import { removeImageName } from '../engine/images.ts';
import { explainSilence } from './failure.ts';
import type { Buildx } from './find.ts';
import { readIdentity } from './metadata.ts';
import type { BakeWatch } from './run.ts';
import { solve } from './solve.ts';

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

const removalLimit = 4_000;
