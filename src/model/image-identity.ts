import type { Digest } from './digest.ts';
import { type ManifestBytes, parseManifest } from './manifest.ts';

/** Which image was tested, as far as it can be told at that time. The two image stores differ here and nowhere else: the containerd
 * store keeps the manifest that a push sends, the classic store makes it during the push. A config names every layer by its
 * uncompressed content, so it stands for the image as surely as the manifest does. */
export type ImageIdentity =
  /** containerd store: digest of the manifest that a push will send, byte for byte, and of its config. */
  | { readonly kind: 'manifest'; readonly digest: Digest; readonly configDigest: Digest }
  /** containerd store, attestations or several platforms: the index. */
  | { readonly kind: 'index'; readonly digest: Digest }
  /** classic store: the manifest does not exist before the push. */
  | { readonly kind: 'config'; readonly configDigest: Digest }
  /** An image that a registry has: its manifest or index. */
  | { readonly kind: 'found'; readonly digest: Digest };

/** The identity of an image once it lies in an engine's store: a builder that is not the engine's names the manifest that it handed over, of
 * which the classic store keeps the config alone. */
export function identityIn(store: 'containerd' | 'classic', image: ImageIdentity): ImageIdentity {
  return store === 'classic' && image.kind === 'manifest'
    ? { kind: 'config', configDigest: image.configDigest }
    : image;
}

/** The digest that a registry will know the image by; undefined where only a push tells. */
export function publishedDigest(image: ImageIdentity): Digest | undefined {
  return image.kind === 'config' ? undefined : image.digest;
}

/** The config's digest, where it is known. */
export function configDigestOf(image: ImageIdentity): Digest | undefined {
  switch (image.kind) {
    case 'manifest':
    case 'config':
      return image.configDigest;
    case 'index':
    case 'found':
      return undefined;
  }
}

/** The engine's own name (`Id`) for an image that it has built. */
export function engineId(image: ImageIdentity): Digest {
  return image.kind === 'config' ? image.configDigest : image.digest;
}

/** Tells whether a manifest in a registry is the image that was tested: the very bytes where they are known, else by its config.
 * @throws Error where the manifest is none. */
export function isSameImage(image: ImageIdentity, manifest: ManifestBytes): boolean {
  if (image.kind !== 'config') return manifest.digest === image.digest;
  const read = parseManifest(manifest);
  return read.kind === 'image' && read.config.digest === image.configDigest;
}

/** The identity of an image once a registry has it: from here on only these very bytes are it. */
export function settleIdentity(image: ImageIdentity, manifest: ManifestBytes): ImageIdentity {
  return image.kind === 'config'
    ? { kind: 'manifest', digest: manifest.digest, configDigest: image.configDigest }
    : image;
}

/** Tells whether a manifest is one that an engine with the classic store has made: such an engine makes the same one again of the same
 * image, for another registry as well. They are known by their indentation. */
export function isOfClassicStore({ mediaType, bytes }: ManifestBytes): boolean {
  if (mediaType !== 'application/vnd.docker.distribution.manifest.v2+json') return false;
  const text = Buffer.from(bytes).toString('utf8');
  return text === JSON.stringify(JSON.parse(text), undefined, 3);
}

/** For messages. */
export function formatIdentity(image: ImageIdentity): string {
  return image.kind === 'config' ? `the image with config ${image.configDigest}` : image.digest;
}
