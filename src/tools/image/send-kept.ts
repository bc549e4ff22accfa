import { ActionError } from '../../errors.ts';
import { publishedDigest } from '../../model/image-identity.ts';
import type { Registry } from '../../model/registry.ts';
import { planPush } from '../../plan/build-plan.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { sendImage } from '../buildx/buildx.ts';
import { stampBuildx } from '../buildx/stamp.ts';
import { type Builder, solveWith } from './solve.ts';

/** Sends an image that stayed with its builder to a repository, by its digest alone: no tag is written. It is a second solve, of what is
 * cached already; that it makes the very same image is seen by the digest.
 * @throws ActionError `publish-failed`, `digest-mismatch`, `timeout`, `cancelled`; as a solve throws. */
export async function sendKept(
  builder: Pick<Builder, 'bench' | 'buildx' | 'caches' | 'mark' | 'limit'> & { readonly stamp: string },
  plan: Pick<RunPlan, 'request' | 'grants'>,
  { image, registry }: { readonly image: BuiltImage; readonly registry: Registry },
): Promise<void> {
  const { buildx, mark, bench } = builder;
  if (!mark.isUntouched() || stampBuildx(buildx) !== builder.stamp)
    throw new ActionError(
      'publish-failed',
      'the build context, or docker’s configuration, has changed since the image was built, so the builder is not asked to send it',
      { hint: 'look for what else writes to the checkout on this runner while the step runs, then run it again' },
    );
  const watch = { onContextRead: () => undefined, cancel: bench.cancel };
  const { repository } = registry;
  const planSolve = (request: RunPlan['request']) => planPush(request, repository);
  const work = { ...plan, source: 'push', watch, planSolve } as const;
  const { identity, index } = await solveWith(builder, work, (solve, watched) => sendImage(buildx, solve, watched));
  const [sent, tested] = [publishedDigest(identity), publishedDigest(image.identity)];
  if (sent !== undefined && sent === tested) {
    if (index !== undefined) await registry.put(index.digest, index, undefined);
    return;
  }
  throw new ActionError('digest-mismatch', `the builder sent ${sent} to ${repository.name}, and ${tested} was tested`, {
    hint: 'its records were cleared, or a base image moved, between the two solves; no tag was written: run this again',
  });
}
