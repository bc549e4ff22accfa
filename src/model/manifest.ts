import { type Digest, digestOf, parseDigest } from './digest.ts';

/** A manifest or index as the registry keeps it: the digest is that of these bytes, so they are never written anew. */
export interface ManifestBytes {
  readonly digest: Digest;
  /** The Content-Type, without parameters. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A pointer to a manifest, config or layer (OCI image spec, "Content Descriptors"). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** `os/architecture[/variant]`; undefined where the entry names none. */
  readonly platform: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

/** What a tag points at: one image, or an index of several. */
export type Manifest =
  | {
      readonly kind: 'image';
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
      readonly annotations: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'index';
      readonly manifests: readonly Descriptor[];
      readonly annotations: ReadonlyMap<string, string>;
    };

const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** The four kinds of manifest that can be read, as an Accept header; a registry converts or hides what is not named. */
export const acceptedManifests = [...indexTypes, ...imageTypes].join(', ');

/** Whether a media type is that of a list of images. */
export function isIndexType(mediaType: string): boolean {
  return indexTypes.includes(mediaType);
}

/** Takes a manifest as it came over the wire.
 * @param contentType the reply's header; where it says nothing of use, the `mediaType` inside the bytes counts.
 * @throws Error where neither names a manifest: it could not be written again under the same type. */
export function takeManifest(bytes: Uint8Array, contentType: string | undefined): ManifestBytes {
  const named = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (isManifestType(named)) return { digest: digestOf(bytes), mediaType: named, bytes };
  const inside = readObject(parseJson(bytes), 'the manifest')['mediaType'];
  if (typeof inside === 'string' && isManifestType(inside))
    return { digest: digestOf(bytes), mediaType: inside, bytes };
  throw new Error(`not a manifest or index of the OCI or Docker kind, but ${JSON.stringify(named)}`);
}

/** Reads a manifest or index.
 * @throws Error naming the field that is missing or ill-formed. */
export function parseManifest(manifest: ManifestBytes): Manifest {
  const fields = readObject(parseJson(manifest.bytes), 'the manifest');
  const inside = fields['mediaType'];
  // Two readers must never see two things in the same bytes (OCI image spec, "mediaType"; CVE-2021-41190).
  if (inside !== undefined && inside !== manifest.mediaType)
    throw new Error(`it was sent as ${manifest.mediaType} and calls itself ${JSON.stringify(inside)}`);
  if ('manifests' in fields && ('layers' in fields || 'config' in fields))
    throw new Error('it is an image and an index at once');
  const annotations = readAnnotations(fields['annotations']);
  if (isIndexType(manifest.mediaType))
    return { kind: 'index', manifests: readDescriptors(fields['manifests'], 'manifests'), annotations };
  const config = parseDescriptor(fields['config'], 'config');
  return { kind: 'image', config, layers: readDescriptors(fields['layers'], 'layers'), annotations };
}

/** Tells whether an entry of an index is BuildKit's provenance or SBOM, not an image that runs. */
export function isAttestation(entry: Descriptor): boolean {
  return entry.annotations.get('vnd.docker.reference.type') === 'attestation-manifest';
}

function isManifestType(mediaType: string): boolean {
  return imageTypes.includes(mediaType) || isIndexType(mediaType);
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

function readDescriptors(value: unknown, field: string): readonly Descriptor[] {
  if (!Array.isArray(value)) throw new Error(`${field} is no list`);
  return value.map((entry: unknown, at) => parseDescriptor(entry, `${field}[${at}]`));
}

/** Reads a descriptor.
 * @throws Error naming the field that is missing or ill-formed. */
export function parseDescriptor(value: unknown, field: string): Descriptor {
  const { mediaType, digest, size, platform, annotations } = readObject(value, field);
  if (typeof mediaType !== 'string') throw new Error(`${field}.mediaType is no text`);
  if (typeof digest !== 'string') throw new Error(`${field}.digest is no text`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new Error(`${field}.size is no number of bytes`);
  return {
    mediaType,
    digest: parseDigest(digest),
    size,
    platform: platform === undefined ? undefined : readPlatform(platform, `${field}.platform`),
    annotations: readAnnotations(annotations),
  };
}

function readPlatform(value: unknown, field: string): string {
  const { os, architecture, variant } = readObject(value, field);
  if (typeof os !== 'string' || typeof architecture !== 'string')
    throw new Error(`${field} names no os and architecture`);
  return typeof variant === 'string' && variant !== '' ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

function readAnnotations(value: unknown): ReadonlyMap<string, string> {
  const annotations = new Map<string, string>();
  if (value === undefined || value === null) return annotations;
  for (const [key, text] of Object.entries(readObject(value, 'annotations'))) {
    if (typeof text !== 'string') throw new Error(`annotation ${JSON.stringify(key)} is no text`);
    annotations.set(key, text);
  }
  return annotations;
}

function readObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${field} is no object`);
  return value as Readonly<Record<string, unknown>>;
}
