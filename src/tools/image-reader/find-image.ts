import { type Digest, digestOf } from '../../model/digest.ts';
import { type Descriptor, isAttestation, parseManifest, takeManifest } from '../../model/manifest.ts';
import type { Archive } from './archive.ts';

/** Which parts of an archive make up the image. */
export interface ArchivedImage {
  readonly config: Uint8Array;
  readonly configDigest: Digest;
  /** Paths in the archive, the lowest layer first. */
  readonly layers: readonly string[];
}

/** Finds the image in an archive: an OCI layout (`index.json`), or what engines without one write (`manifest.json`).
 * @param platform which image of several; where there is one, it is that one.
 * @throws Error where there is none, or more than one and none is of the platform. */
export function findImage(
  { documents }: Pick<Archive<unknown>, 'documents'>,
  platform: string | undefined,
): ArchivedImage {
  const index = documents.get('/index.json');
  if (index !== undefined) return findByIndex(documents, index, platform);
  const manifest = documents.get('/manifest.json');
  if (manifest !== undefined) return findByManifest(documents, manifest);
  throw new Error('the archive has neither an index.json nor a manifest.json');
}

type Documents = Archive<unknown>['documents'];

function findByIndex(documents: Documents, bytes: Uint8Array, platform: string | undefined): ArchivedImage {
  const found = images(documents, {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    bytes,
    platform: undefined,
  });
  const [image, ...others] = found.length === 1 ? found : found.filter((one) => one.platform === platform);
  if (image === undefined || others.length > 0)
    throw new Error(
      `the archive has ${found.length} images, and not one of ${platform ?? 'a platform that was named'}`,
    );
  return image;
}

/** The images below an index of which the archive has the manifests: an engine keeps the platforms it has pulled. */
function images(
  documents: Documents,
  at: { mediaType: string; bytes: Uint8Array; platform: string | undefined },
): readonly (ArchivedImage & { platform: string | undefined })[] {
  const manifest = parseManifest(takeManifest(at.bytes, at.mediaType));
  if (manifest.kind === 'image') {
    const config = documents.get(blobPath(manifest.config));
    if (config === undefined) throw new Error(`the archive lacks the configuration ${manifest.config.digest}`);
    const { digest } = manifest.config;
    return [{ config, configDigest: digest, layers: manifest.layers.map(blobPath), platform: at.platform }];
  }
  return manifest.manifests
    .filter((entry) => !isAttestation(entry))
    .flatMap((entry) => {
      const bytes = documents.get(blobPath(entry));
      return bytes === undefined ? [] : images(documents, { ...entry, bytes });
    });
}

function blobPath({ digest }: Descriptor): string {
  return `/blobs/${digest.replace(':', '/')}`;
}

function findByManifest(documents: Documents, bytes: Uint8Array): ArchivedImage {
  const list: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  const [image, ...others]: unknown[] = Array.isArray(list) ? list : [];
  if (typeof image !== 'object' || image === null || others.length > 0)
    throw new Error(`the archive's manifest.json has ${others.length + 1} images`);
  const { Config: path, Layers: layers } = image as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || !Array.isArray(layers) || !layers.every((one) => typeof one === 'string'))
    throw new Error("the archive's manifest.json names no configuration and layers");
  const config = documents.get(`/${path}`);
  if (config === undefined) throw new Error(`the archive lacks the configuration ${path}`);
  return { config, configDigest: digestOf(config), layers: layers.map((one) => `/${one}`) };
}
