import { type Manifest, parseManifest } from '../../model/manifest.ts';
import { RegistryError } from '../../model/registry.ts';
import type { PlatformImage } from '../../report/built-image.ts';
import type { Landed } from './publish.ts';

/** The images of a published index, with what their layers come to in the registry. It is news: where the registry does not answer they
 * stay as they were. */
export async function readSizes(
  { registry, manifest }: Pick<Landed, 'registry' | 'manifest'>,
  platforms: readonly PlatformImage[],
): Promise<readonly PlatformImage[]> {
  const found = parseManifest(manifest);
  const read = async (one: PlatformImage): Promise<PlatformImage> => {
    if (one.size !== undefined) return one;
    if (found.kind === 'image') return { ...one, digest: manifest.digest, size: sumLayers(found) };
    const entry = found.manifests.find(({ platform }) => platform === one.platform);
    const child = entry && (await registry.manifest(entry.digest));
    return child === undefined ? one : { ...one, digest: child.digest, size: sumLayers(parseManifest(child)) };
  };
  try {
    return await Promise.all(platforms.map(read));
  } catch (error) {
    if (error instanceof RegistryError) return platforms;
    throw error;
  }
}

function sumLayers(manifest: Manifest): number | undefined {
  return manifest.kind === 'image' ? manifest.layers.reduce((sum, { size }) => sum + size, 0) : undefined;
}
