import type { Digest } from '../../model/digest.ts';
import type { Patience } from '../../model/limits.ts';
import { type ManifestBytes, parseManifest } from '../../model/manifest.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** What the manifests of a cache name, as far as they were asked for. */
export interface Catalogue {
  /** A manifest; each is fetched once. */
  readonly manifest: (digest: Digest) => Promise<ManifestBytes>;
  /** Bytes of what a manifest names; undefined for all else. */
  readonly sizeOf: (digest: Digest) => number | undefined;
  readonly isConfig: (digest: Digest) => boolean;
}

export function openCatalogue(reader: Promise<CacheReader>, patience: Patience): Catalogue {
  const sizes = new Map<Digest, number>();
  const manifests = new Map<Digest, Promise<ManifestBytes>>();
  const configs = new Set<Digest>();
  const learn = async (digest: Digest): Promise<ManifestBytes> => {
    const found = await (await reader).manifest(digest, patience);
    if (found === undefined) throw new Error(`the manifest ${digest} is gone`);
    const parsed = parseManifest(found);
    const named = parsed.kind === 'index' ? parsed.manifests : [parsed.config, ...parsed.layers];
    for (const { digest: one, size, mediaType } of named) {
      sizes.set(one, size);
      if (isConfig(mediaType)) configs.add(one);
    }
    return found;
  };
  return {
    manifest: (digest) => {
      const known = manifests.get(digest) ?? learn(digest);
      manifests.set(digest, known);
      return known;
    },
    sizeOf: (digest) => sizes.get(digest),
    isConfig: (digest) => configs.has(digest),
  };
}

/** What BuildKit reads while it imports: an image's config, which may hold inline records, or a cache's own. */
function isConfig(mediaType: string): boolean {
  return /config|container\.image\.v1\+json/.test(mediaType);
}
