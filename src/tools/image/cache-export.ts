import { formatReference } from '../../model/image-ref.ts';
import { planCacheExport } from '../../plan/build-plan.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Facts } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { type Buildx, exportCache } from '../buildx/buildx.ts';
import { type BuildContext, fingerprint } from '../checkout/build-context.ts';
import { withSecrets } from '../secrets.ts';
import type { Workbench } from '../workbench.ts';

const limit = 10 * 60_000;

/** Writes main's cache by a second solve of what is cached already. It comes after publication, is bounded and never red: a
 * failure is part of the answer. The context is read anew by that solve, so it must be what it was before the first one. */
export async function exportCacheBounded(
  bench: Workbench,
  buildx: Buildx,
  work: { readonly plan: RunPlan; readonly context: BuildContext; readonly before: string },
): Promise<Facts['cacheExport']> {
  const { plan, context, before } = work;
  const solve = planCacheExport(plan.request);
  const { write } = plan.cache;
  if (solve === undefined || write === undefined) return undefined;
  const reference = formatReference(write.repository, write.tag);
  try {
    if (fingerprint(context) !== before)
      return {
        reference,
        ok: false,
        reason: 'the build context has changed since the image was built: a test or `verify` wrote there',
      };
    const watch = {
      onContextRead: () => undefined,
      onLine: listen('cache').stdout,
      cancel: bench.cancel,
      limit,
      folder: bench.folder,
    };
    await withSecrets(plan.grants, (secretEnv) => exportCache(buildx, solve, { ...watch, secretEnv }));
    return { reference, ok: true, reason: '' };
  } catch (error) {
    return { reference, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
