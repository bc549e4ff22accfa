import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { layerPatience } from '../../model/limits.ts';
import { type Descriptor, type ManifestBytes, parseManifest } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** An image on its way to a repository, and the tag that it gets there. */
export interface Sending {
  readonly from: CacheReader;
  readonly registry: Registry;
  readonly digest: Digest;
  readonly tag: Tag;
  /** What the tag holds. */
  readonly before: Digest | undefined;
  readonly tell: (line: string) => void;
}

const atOnce = 4;

/** Sends an image byte for byte, without an engine: what the repository lacks of its blobs, manifests below an index, the tag last.
 * @throws ActionError `publish-failed` where the source has no such image; RegistryError. */
export async function sendImage(sending: Sending): Promise<Digest> {
  const { registry, tag, before, digest, tell } = sending;
  const sent: number[] = [];
  const root = await sendBelow(sending, digest, sent);
  const bytes = sent.reduce((sum, size) => sum + size, 0);
  tell(`${sent.length} blobs of ${digest} sent (${bytes} bytes), the others were there`);
  await registry.put(tag, root, before);
  return root.digest;
}

async function sendBelow(sending: Sending, digest: Digest, sent: number[]): Promise<ManifestBytes> {
  const { from, registry } = sending;
  const found = await from.manifest(digest, layerPatience);
  if (found === undefined)
    throw new ActionError('publish-failed', `the image ${digest} is gone from where it was to be sent from`, {
      hint: 'somebody removed it while the step ran: run it again',
    });
  const manifest = parseManifest(found);
  if (manifest.kind === 'image') await sendBlobs(sending, [...manifest.layers, manifest.config], sent);
  else
    for (const child of manifest.manifests)
      await registry.put(child.digest, await sendBelow(sending, child.digest, sent), undefined);
  return found;
}

async function sendBlobs({ from, registry }: Sending, blobs: readonly Descriptor[], sent: number[]): Promise<void> {
  const waiting = [...new Map(blobs.map((one) => [one.digest, one])).values()];
  const work = async (): Promise<void> => {
    for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
      const { digest, size } = blob;
      if (await registry.send({ digest, size, open: () => from.openBlob(digest, 0, layerPatience) })) sent.push(size);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
