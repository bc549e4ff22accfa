import { type Descriptor, isAttestation, type ManifestBytes, takeManifest } from '../model/manifest.ts';

const mediaType = 'application/vnd.oci.image.index.v1+json';

/** Makes one index of images that were solved apart, each with what attests it: the images first, in the order given, then the attestations.
 * These are the bytes that BuildKit 0.30 writes where it solves the same at once (OCI image spec, "Image Index"). */
export function planIndex(parts: readonly (readonly Descriptor[])[]): ManifestBytes {
  const all = parts.flat();
  const manifests = [...all.filter((one) => !isAttestation(one)), ...all.filter(isAttestation)];
  const index = { schemaVersion: 2, mediaType, manifests: manifests.map(spell) };
  return takeManifest(Buffer.from(JSON.stringify(index, undefined, 2)), mediaType);
}

/** What a builder says of an image beside what it is, such as when it was made, belongs to its own index. */
function spell(entry: Descriptor): object {
  const [os, architecture, variant] = entry.platform?.split('/') ?? [];
  return {
    mediaType: entry.mediaType,
    digest: entry.digest,
    size: entry.size,
    ...(isAttestation(entry) ? { annotations: Object.fromEntries([...entry.annotations].toSorted()) } : {}),
    ...(entry.platform === undefined ? {} : { platform: { architecture, os, ...(variant && { variant }) } }),
  };
}
