import { type ManifestBytes, parseManifest } from '../model/manifest.ts';

/** Tells whether a cache has every layer of an image. BuildKit writes a cache as one manifest that names all layers; what is none has
 * none that could be told.
 * @throws Error where one of the two is no manifest that can be read. */
export function holdsLayers(cache: ManifestBytes, image: ManifestBytes): boolean {
  const [kept, wanted] = [parseManifest(cache), parseManifest(image)];
  if (kept.kind !== 'image' || wanted.kind !== 'image') return false;
  const there = new Set(kept.layers.map(({ digest }) => digest));
  return wanted.layers.every(({ digest }) => there.has(digest));
}
