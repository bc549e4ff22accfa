import type { Digest } from '../../model/digest.ts';
import { type ManifestBytes, parseManifest } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';

const atOnce = 8;

/** Brings an image, untagged, from one repository to another of the same registry: its blobs are mounted, so that no layer is sent,
 * and the manifests below it are written byte for byte.
 * @returns the image's own manifest, ready to be written under a tag; undefined where the registry does not mount.
 * @throws RegistryError where either repository does not answer. */
export async function copyWithin(from: Registry, to: Registry, image: Digest): Promise<ManifestBytes | undefined> {
  const found = await from.manifest(image);
  if (found === undefined) return undefined;
  const manifest = parseManifest(found);
  if (manifest.kind === 'image') {
    const blobs = [...new Set([manifest.config, ...manifest.layers].map(({ digest }) => digest))];
    return (await mountAll(from, to, blobs)) ? found : undefined;
  }
  for (const { digest } of manifest.manifests) {
    const child = await copyWithin(from, to, digest);
    if (child === undefined) return undefined;
    await to.put(digest, child, undefined);
  }
  return found;
}

async function mountAll(from: Registry, to: Registry, blobs: readonly Digest[]): Promise<boolean> {
  for (let at = 0; at < blobs.length; at += atOnce) {
    const batch = blobs.slice(at, at + atOnce);
    const mounted = await Promise.all(batch.map((digest) => mountOne(from, to, digest)));
    if (mounted.includes(false)) return false;
  }
  return true;
}

async function mountOne(from: Registry, to: Registry, digest: Digest): Promise<boolean> {
  return (await to.hasBlob(digest)) || (await to.mount(digest, from.repository));
}
