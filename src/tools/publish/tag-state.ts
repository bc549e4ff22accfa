import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { type ImageIdentity, isSameImage, publishedDigest } from '../../model/image-identity.ts';
import { formatReference } from '../../model/image-ref.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import { accepted } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { Recorder } from './recorder.ts';

/** The digest that a tag holds. What keeps a fixed tag from being written is read from the bytes: a header may be wrong. */
export async function readHolder(
  registry: Registry,
  tag: WantedTag,
  image: ImageIdentity,
): Promise<Digest | undefined> {
  const named = await registry.head(tag.name);
  if (tag.moves !== 'never' || named === undefined || named === publishedDigest(image)) return named;
  return (await registry.manifest(tag.name))?.digest;
}

/** The image's manifest where a tag holds it. */
export async function readImage(
  registry: Registry,
  tag: Tag,
  { image, held }: { readonly image: ImageIdentity; readonly held: Digest | undefined },
): Promise<ManifestBytes | undefined> {
  if (!(await isImage(registry, image, held))) return undefined;
  const manifest = await registry.manifest(tag);
  return manifest !== undefined && isSameImage(image, manifest) ? manifest : undefined;
}

/** Tells whether a digest in a repository is the image: where that is known by its config alone, the manifest there says. */
export async function isImage(registry: Registry, image: ImageIdentity, held: Digest | undefined): Promise<boolean> {
  if (held === undefined) return false;
  const tested = publishedDigest(image);
  if (tested !== undefined) return held === tested;
  const manifest = await registry.manifest(held);
  return manifest !== undefined && isSameImage(image, manifest);
}

const mostWrites = 3;

/** What a tag is pointed at, and what it held when that was decided. */
export interface Pointing {
  readonly manifest: ManifestBytes;
  readonly before: Digest | undefined;
  readonly record: Recorder;
}

/** Writes a tag and reads it back. A registry that took the write and still shows what was there before is told again.
 * @returns what the tag holds in the end. */
export async function point(
  registry: Registry,
  tag: Tag,
  { manifest, before, record }: Pointing,
): Promise<Digest | undefined> {
  for (let writes = 1; ; writes++) {
    await registry.put(tag, manifest, before);
    record('unknown', undefined, accepted);
    const named = await registry.head(tag);
    // A header may be wrong and a replica late: the bytes decide.
    const back = named === manifest.digest ? named : (await registry.manifest(tag))?.digest;
    if (back === manifest.digest || writes === mostWrites || (back !== undefined && back !== before)) return back;
  }
}

/** The error of a tag that was read back and is not what it was to be. */
export function mismatch(registry: Registry, tag: Tag, tested: string, found: Digest | undefined): ActionError {
  const reference = formatReference(registry.repository, tag);
  return new ActionError(
    'digest-mismatch',
    `${reference} holds ${found ?? 'nothing'} and not ${tested}, the image that was tested`,
    {
      hint: 'somebody else writes this tag, or the registry alters images: look at who pushes to it, then run this again',
    },
  );
}
