import { type Digest, isDigest } from '../../model/digest.ts';
import type { ImageIdentity } from '../../model/image-identity.ts';
import { isIndexType } from '../../model/manifest.ts';

/** A target's entry in the metadata file; empty where it has none. */
export function entryOf(
  metadata: Readonly<Record<string, unknown>>,
  target: string,
): Readonly<Record<string, unknown>> {
  const entry = metadata[target];
  return typeof entry === 'object' && entry !== null ? { ...entry } : {};
}

/** Reads what was built out of the metadata file's entry; `undefined` where it names no image.
 * @param config what the progress names: of an image that goes to a containerd store, buildx leaves it out of the metadata */
export function readIdentity(
  metadata: Readonly<Record<string, unknown>>,
  config: Digest | undefined,
): ImageIdentity | undefined {
  const digest = digestAt(metadata, 'containerimage.digest');
  const configDigest = digestAt(metadata, 'containerimage.config.digest');
  const descriptor = metadata['containerimage.descriptor'];
  if (digest === undefined) return undefined;
  if (typeof descriptor !== 'object' || descriptor === null)
    return configDigest === undefined || configDigest === digest
      ? { kind: 'config', configDigest: digest }
      : { kind: 'manifest', digest, configDigest };
  const mediaType = 'mediaType' in descriptor ? descriptor.mediaType : undefined;
  if (typeof mediaType === 'string' && isIndexType(mediaType)) return { kind: 'index', digest };
  const made = configDigest ?? config;
  return made === undefined ? undefined : { kind: 'manifest', digest, configDigest: made };
}

function digestAt(metadata: Readonly<Record<string, unknown>>, key: string): Digest | undefined {
  const value = metadata[key];
  return typeof value === 'string' && isDigest(value) ? value : undefined;
}
