import type { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatIdentity, type ImageIdentity, isSameImage, publishedDigest } from '../../model/image-identity.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import { RegistryError } from '../../model/registry.ts';
import { accepted } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { Publisher } from './publish.ts';
import type { Recorder } from './recorder.ts';
import { mismatch, point } from './tag-state.ts';

/** An image on its way to a tag. */
export interface Arrival {
  readonly first: WantedTag;
  readonly image: ImageIdentity;
  /** The image's manifest, where the repository has it. */
  readonly there: ManifestBytes | undefined;
  readonly before: Digest | undefined;
  readonly record: Recorder;
}

/** An image that a repository has. */
export interface Arrived {
  readonly manifest: ManifestBytes;
  /** Why its tag is not known to hold it: another run wrote that tag, which moves, at the same time. */
  readonly contest: ActionError | undefined;
}

/** Sends the image and reads it back; a registry that has it and lost its tag is told the tag once more. */
export async function arrive(publisher: Publisher, arrival: Arrival): Promise<Arrived> {
  const { registry } = publisher;
  const { first, image, before, record } = arrival;
  const tested = publishedDigest(image);
  const altered = (found: Digest | undefined): ActionError => {
    record('unknown', found, accepted);
    return mismatch(registry, first.name, formatIdentity(image), found);
  };
  const { digest: sent, known } = await send(publisher, arrival);
  record('unknown', undefined, accepted);
  if (tested !== undefined && sent !== tested) throw mismatch(registry, first.name, tested, sent);
  const back = await registry.manifest(first.name);
  if (back !== undefined && back.digest === sent && isSameImage(image, back))
    return { manifest: back, contest: undefined };
  const isTaken = back !== undefined && back.digest !== before;
  if (isTaken && first.moves !== 'by-ref') throw altered(back.digest);
  const manifest = known ?? (await registry.manifest(sent));
  if (manifest === undefined || !isSameImage(image, manifest)) throw altered(back?.digest);
  if (isTaken) return { manifest, contest: altered(back.digest) };
  const now = await point(registry, first.name, { manifest, before, record });
  if (now === sent) return { manifest, contest: undefined };
  if (first.moves !== 'by-ref') throw altered(now);
  return { manifest, contest: altered(now) };
}

interface Sent {
  readonly digest: Digest;
  /** The manifest, where it did not come from the engine. */
  readonly known: ManifestBytes | undefined;
}

async function send(publisher: Publisher, { first, image, there, before }: Arrival): Promise<Sent> {
  const { registry } = publisher;
  try {
    const known = there ?? (await publisher.copy());
    if (known !== undefined) {
      await registry.put(first.name, known, before);
      return { digest: known.digest, known };
    }
  } catch (error) {
    // Somebody cleaned up behind the manifest, or a mount was none: what is missing is in the upload.
    if (!(error instanceof RegistryError) || error.kind !== 'rejected') throw error;
  }
  try {
    return { digest: await publisher.upload(first, before), known: undefined };
  } catch (error) {
    // The engine's word is not the last one: a reply that was lost leaves the image where it was to be.
    const back = await registry.manifest(first.name).catch(() => undefined);
    if (back !== undefined && back.digest !== before && isSameImage(image, back))
      return { digest: back.digest, known: back };
    throw error;
  }
}
