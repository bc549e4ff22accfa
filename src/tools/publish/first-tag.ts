import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatIdentity, type ImageIdentity } from '../../model/image-identity.ts';
import type { Registry } from '../../model/registry.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { Workbench } from '../workbench.ts';
import { explained } from './failures.ts';
import { isImage } from './tag-state.ts';

/** The first tag, looked for everywhere right before the upload: a fixed tag must not come to name two images. */
export async function chooseFirst(
  places: readonly Registry[],
  first: WantedTag,
  work: { image: BuiltImage; run: Workbench },
): Promise<WantedTag> {
  if (first.moves !== 'never' || places.length === 1) return first;
  const held = await Promise.all(
    places.map((registry) => explained({ registry }, readOther(registry, first, work.image.identity))),
  );
  return held.map((digest) => spellFirst(first, digest, work)).find(({ name }) => name !== first.name) ?? first;
}

/** What a tag holds where that is not the image. */
async function readOther(registry: Registry, tag: WantedTag, image: ImageIdentity): Promise<Digest | undefined> {
  const held = await registry.head(tag.name);
  return (await isImage(registry, image, held)) ? undefined : held;
}

/** The first tag, or where it is `sha-…`, somebody wrote it since the survey and it holds another image: the run's own spelling of it. */
export function spellFirst(
  first: WantedTag,
  held: Digest | undefined,
  work: { image: BuiltImage; run: Workbench },
): WantedTag {
  if (first.moves !== 'never' || held === undefined) return first;
  const { runId, runAttempt } = work.run.environment;
  if (!/^sha-[0-9a-f]{12}$/.test(first.name))
    throw new ActionError(
      'tag-conflict',
      `${first.name} is written once and holds ${held} since a moment ago, not ${formatIdentity(work.image.identity)}`,
      {
        hint: 'another run published this version meanwhile: run this one again to see whether it is the same commit',
      },
    );
  return { ...first, name: `${first.name}-${runId}-${runAttempt}` as WantedTag['name'] };
}
