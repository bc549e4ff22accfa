import { rm } from 'node:fs/promises';
import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import { isTargetFor } from '../../model/built-steps.ts';
import type { ImageIdentity } from '../../model/image-identity.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import type { BakePlan, LocalName } from '../../plan/build-plan.ts';
import type { Engine } from '../engine/call.ts';
import { removeImageName } from '../engine/images.ts';
import { loadLayout } from '../engine/load.ts';
import { explainUnsent } from './builder-failure.ts';
import { explainSilence } from './failure.ts';
import type { Buildx } from './find.ts';
import { mergeParts } from './merge-parts.ts';
import { entryOf, readIdentity } from './metadata.ts';
import type { BakeWatch } from './run.ts';
import { type Solved, solve } from './solve.ts';

export { type Buildx, findBuildx } from './find.ts';
export type { Spare } from './repeat.ts';
export type { BakeWatch } from './run.ts';

export interface SolvedImage {
  readonly name: LocalName;
  readonly identity: ImageIdentity;
  readonly summary: BuildSummary;
  /** The metadata file's entry of the image, as it came; of an index that was made here what buildx would say of it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** Builds the image and runs its test stage in one solve; the image lies in the engine's store under `plan.name` then, and only then:
 * a test stage that fails after the image was exported leaves none. Repeated where a registry's trouble, or the engine's
 * own, ended it and no file of the context was touched since: without the caches where one of them failed.
 * @throws ActionError `build-failed`, `test-failed`, `publish-failed`, `builder-missing`, `timeout`, `cancelled`. */
export async function bake(
  tools: { readonly buildx: Buildx; readonly engine: Engine },
  plan: BakePlan,
  watch: BakeWatch,
): Promise<SolvedImage> {
  try {
    const { metadata, summary, ms } = await solve(tools.buildx, plan, watch);
    requireTested(plan, summary);
    const made = await readMade(plan, { metadata, summary });
    const { layout, loads } = plan.merge ?? { layout: undefined, loads: false };
    if (loads && layout !== undefined) {
      await loadLayout(tools.engine, { folder: layout, limit: watch.limit }, watch.cancel);
      await rm(layout, { recursive: true });
    }
    return { name: plan.name, identity: made.identity, summary, metadata: made.metadata, ms };
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
  const isWritten = (target: string): boolean =>
    summary.steps.some(
      ({ name, error, targets }) =>
        name.startsWith('exporting cache') &&
        error === undefined &&
        (plan.targets.length === 1 || targets.includes(target)),
    );
  if (!plan.targets.every(isWritten)) throw explainSilence('said nothing of the cache that it was to write');
  return summary;
}

/** Sends an image that stayed with its builder, by a plan of `planPush`.
 * @returns what was sent; of images that were solved apart the index, which is the caller's to send.
 * @throws as `bake`; `publish-failed` where the registry or the builder fails. */
export async function sendImage(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<Made> {
  try {
    return await readMade(plan, await solve(buildx, plan, watch));
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'build-failed') throw error;
    const reason = error.message.replace(/^the build failed: /, '');
    throw explainUnsent(reason, error);
  }
}

/** What a solve made. */
interface Made extends Pick<SolvedImage, 'identity' | 'metadata'> {
  /** The index, where it was made here. */
  readonly index: ManifestBytes | undefined;
}

async function readMade({ merge, name }: BakePlan, { metadata, summary }: Omit<Solved, 'ms'>): Promise<Made> {
  const entry = entryOf(metadata, 'image');
  if (merge === undefined) {
    const identity = readIdentity(entry, summary.config);
    if (identity === undefined) throw explainSilence('named no image');
    return { identity, metadata: entry, index: undefined };
  }
  const index = await mergeParts(merge, metadata, name);
  const { digest, mediaType, bytes } = index;
  const said = {
    'containerimage.descriptor': { mediaType, digest, size: bytes.length },
    'containerimage.digest': digest,
  };
  return { identity: { kind: 'index', digest }, metadata: said, index };
}

/** That nothing failed is no proof that the test stage was built: each of its steps must have been heard of.
 * @throws ActionError `build-failed`. */
function requireTested({ targets, testTarget }: BakePlan, { steps }: BuildSummary): void {
  const tests = targets.filter((target) => isTargetFor('test', target));
  const isHeard = (target: string): boolean =>
    targets.length === 1 ? steps.length > 0 : steps.some((step) => step.targets.includes(target));
  if (!tests.every(isHeard)) throw explainSilence(`said nothing of the test stage ${testTarget ?? ''}`);
}

const removalLimit = 4_000;
