import { formatThrown } from '../../errors.ts';
import { formatReference } from '../../model/image-ref.ts';
import { cacheExportLimit } from '../../model/limits.ts';
import { planCacheExport } from '../../plan/build-plan.ts';
import { holdsLayers } from '../../plan/cache-need.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { Facts } from '../../report/facts.ts';
import { exportCache } from '../buildx/buildx.ts';
import { stampBuildx } from '../buildx/stamp.ts';
import { type Builder, solveWith } from './solve.ts';

/** Writes main's cache by a second solve of what is cached already, where that could add anything. It comes after publication, is bounded
 * and never red: a failure is part of the answer. The context is read anew by that solve, so it must be what it was before the first one. */
export async function exportCacheBounded(
  builder: Pick<Builder, 'bench' | 'buildx' | 'caches' | 'mark'> & { readonly stamp: string },
  plan: RunPlan,
  image: BuiltImage | undefined,
): Promise<Facts['cacheExport']> {
  const { write } = plan.cache;
  if (write === undefined) return undefined;
  const reference = formatReference(write.repository, write.tag);
  const { bench, buildx, mark } = builder;
  try {
    if (image !== undefined && (await isCurrent(builder.caches, write, image)))
      return { reference, ok: true, reason: 'no step ran, and it has every layer of the image' };
    if (!mark.isUntouched())
      return {
        reference,
        ok: false,
        reason: 'the build context has changed since the image was built: a test or `verify` wrote there',
      };
    if (stampBuildx(buildx) !== builder.stamp)
      return {
        reference,
        ok: false,
        reason:
          'docker’s configuration or its buildx has changed since the image was built, and this solve would be handed logins and secrets: a test or `verify` wrote there',
      };
    const watch = { onContextRead: () => undefined, cancel: bench.cancel };
    const { request, grants } = plan;
    const work = { request, grants, source: 'cache', watch, planSolve: planCacheExport } as const;
    await solveWith({ ...builder, limit: cacheExportLimit }, work, (solve, watched) =>
      exportCache(buildx, solve, watched),
    );
    return { reference, ok: true, reason: '' };
  } catch (error) {
    return { reference, ok: false, reason: formatThrown(error) };
  }
}

/** Whether the cache has what a solve could write: no step of the image ran, and the cache has all its layers. Where that cannot be told
 * it is written. */
async function isCurrent(
  { registries }: Pick<Builder['caches'], 'registries'>,
  { repository, tag }: NonNullable<RunPlan['cache']['write']>,
  { changed, digest }: BuiltImage,
): Promise<boolean> {
  if (changed || digest === undefined) return false;
  try {
    const registry = await registries.open(repository, 'probe');
    const [cache, image] = await Promise.all([registry.manifest(tag), registry.manifest(digest)]);
    return cache !== undefined && image !== undefined && holdsLayers(cache, image);
  } catch {
    return false; // the registry does not answer, or the tag holds something else: what writes there will tell
  }
}
