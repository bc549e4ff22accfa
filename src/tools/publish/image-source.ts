import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { isOfClassicStore } from '../../model/image-identity.ts';
import { parseRepository } from '../../model/image-ref.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { openLayout } from '../image-reader/layout.ts';
import { fetchAdopted, type ImageTools } from './upload.ts';

/** Where an image comes from that is in no engine: what the builder wrote, or the registry that has it. */
export async function openSource({ registries, bench }: ImageTools, { adoption }: RunPlan, layout: string) {
  if (adoption.kind === 'build') return openLayout(layout);
  return registries.readCache(parseRepository(adoption.from.repository), bench.cancel);
}

/** The engine's name for what is sent.
 * @throws ActionError `publish-failed` where the engine could only send it under another digest. */
export async function readLocalId(
  tools: ImageTools,
  { image, plan }: { readonly image: BuiltImage; readonly plan: RunPlan },
): Promise<Digest> {
  if (plan.adoption.kind === 'build') {
    if (image.localId === undefined) throw new Error('an image was built that the engine does not have');
    return image.localId;
  }
  const { digest, from } = plan.adoption;
  const { id } = await fetchAdopted(tools, plan.adoption, plan.request.platforms);
  if (id === digest) return id;
  const source = await tools.registries.open(parseRepository(from.repository), 'publish');
  const manifest = await source.manifest(digest);
  if (manifest !== undefined && isOfClassicStore(manifest)) return id;
  throw new ActionError(
    'publish-failed',
    `${from.repository}@${digest} exists and is to be copied to another registry, and this engine's classic image store cannot send it byte for byte`,
    { hint: 'use an engine with the containerd image store, or set `reuse: off` so that the image is built anew' },
  );
}
