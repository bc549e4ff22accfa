import { formatReference } from '../../model/image-ref.ts';
import { cacheExportLimit } from '../../model/limits.ts';
import { planCacheExport } from '../../plan/build-plan.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Facts } from '../../report/facts.ts';
import { exportCache } from '../buildx/buildx.ts';
import { stampBuildx } from '../buildx/stamp.ts';
import { type Builder, solveWith } from './solve.ts';

/** Writes main's cache by a second solve of what is cached already. It comes after publication, is bounded and never red: a
 * failure is part of the answer. The context is read anew by that solve, so it must be what it was before the first one. */
export async function exportCacheBounded(
  builder: Pick<Builder, 'bench' | 'buildx' | 'caches' | 'mark'> & { readonly stamp: string },
  plan: RunPlan,
): Promise<Facts['cacheExport']> {
  const { write } = plan.cache;
  if (write === undefined) return undefined;
  const reference = formatReference(write.repository, write.tag);
  const { bench, buildx, mark } = builder;
  try {
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
    return { reference, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
