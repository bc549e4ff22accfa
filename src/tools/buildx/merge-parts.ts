import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layerPatience } from '../../model/limits.ts';
import {
  type Descriptor,
  isAttestation,
  isIndexType,
  type ManifestBytes,
  parseDescriptor,
  parseManifest,
} from '../../model/manifest.ts';
import { findPlatform } from '../../model/platform.ts';
import type { Merge } from '../../plan/bake-parts.ts';
import type { LocalName } from '../../plan/build-plan.ts';
import { planIndex } from '../../plan/image-index.ts';
import { openLayout } from '../image-reader/layout.ts';
import { explainSilence } from './failure.ts';
import { entryOf } from './metadata.ts';

type Part = Merge['parts'][number];

/** Makes one index of the images that were solved apart, and one OCI layout of theirs where they have any; an engine that reads it calls
 * the image by the name.
 * @throws ActionError `build-failed` where there is not one image for each platform. */
export async function mergeParts(
  { parts, layout }: Merge,
  metadata: Readonly<Record<string, unknown>>,
  name: LocalName,
): Promise<ManifestBytes> {
  const index = planIndex(await Promise.all(parts.map((part) => listImages(part, entryOf(metadata, part.target)))));
  if (layout !== undefined) await gatherLayouts(layout, { parts, index, name });
  return index;
}

/** A part's image, and what attests it: with attestations it is an index of its own. */
async function listImages(part: Part, entry: Readonly<Record<string, unknown>>): Promise<readonly Descriptor[]> {
  const { platform, layout, target } = part;
  const named = entry['containerimage.descriptor'];
  if (named === undefined) throw explainSilence(`named no image for ${platform}`);
  const root = parseDescriptor(named, target);
  const listed = isIndexType(root.mediaType) ? await listIndex(layout, root) : [root];
  const images = listed.filter((one) => !isAttestation(one)).map((one) => findPlatform(one.platform ?? ''));
  if (images.length === 1 && images[0] === platform) return listed;
  throw explainSilence(`made ${images.join(', ') || 'no image'} where ${platform} was asked for`);
}

async function listIndex(layout: string, { digest }: Descriptor): Promise<readonly Descriptor[]> {
  const found = await openLayout(layout).manifest(digest, layerPatience);
  const read = found && parseManifest(found);
  return read?.kind === 'index' ? read.manifests : [];
}

/** One folder for all, since what reads a layout is told of one (OCI image spec, "Image Layout"). */
async function gatherLayouts(
  layout: string,
  { parts, index, name }: Pick<Merge, 'parts'> & { readonly index: ManifestBytes; readonly name: LocalName },
): Promise<void> {
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const part of parts) {
    const made = join(part.layout, 'blobs', 'sha256');
    for (const blob of await readdir(made)) await rename(join(made, blob), join(blobs, blob));
    await rm(part.layout, { recursive: true });
  }
  const { mediaType, digest, bytes } = index;
  const root = { mediaType, digest, size: bytes.length, annotations: { 'io.containerd.image.name': name } };
  await writeFile(join(layout, 'blobs', ...digest.split(':')), bytes);
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType, manifests: [root] }));
}
