import { type Digest, digestOf } from '../../../src/model/digest.ts';
import type { ImageIdentity } from '../../../src/model/image-identity.ts';
import { parseRepository, type Repository } from '../../../src/model/image-ref.ts';
import { type ManifestBytes, takeManifest } from '../../../src/model/manifest.ts';
import { parseTag } from '../../../src/model/tag.ts';
import type { Repair } from '../../../src/plan/repairs.ts';
import { type WantedTag, want } from '../../../src/plan/wanted-tag.ts';
import { createModelRegistry, type ModelRegistry } from './model-registry.ts';

const oci = 'application/vnd.oci.image.manifest.v1+json';
const index = 'application/vnd.oci.image.index.v1+json';

/** An image with everything it is made of. */
export interface ModelImage {
  readonly manifest: ManifestBytes;
  readonly children: readonly ManifestBytes[];
  readonly blobs: readonly Uint8Array[];
}

/** What is published where, and what the registry holds before. */
export interface Stage {
  readonly name: string;
  readonly image: ModelImage;
  readonly identity: ImageIdentity;
  readonly repositories: readonly Repository[];
  readonly first: WantedTag;
  readonly further: readonly WantedTag[];
  readonly repairs: readonly Repair[];
  /** What each tag is to hold in the end. */
  readonly expected: ReadonlyMap<string, Digest>;
  readonly open: () => ModelRegistry;
}

const host = 'registry.test';
const app = parseRepository(`${host}/acme/app`);
const twin = parseRepository(`${host}/acme/twin`);
const fixed = want(parseTag('sha-aaaaaaaaaaaa'), 'fixed', 'never');
const main = want(parseTag('main'), 'own', 'by-ref');
const latest = want(parseTag('latest'), 'latest', 'by-ref');

const version = want(parseTag('1.4.2'), 'fixed', 'never');
const lines = ['1.4', '1'].map((name) => want(parseTag(name), 'line', 'by-version'));

function makeImage(name: string): ModelImage {
  const blobs = ['config', 'layer'].map((part) => Buffer.from(`{"${part}":"${name}"}`));
  const [config = Buffer.of(), layer = Buffer.of()] = blobs;
  const part = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
  const json = {
    schemaVersion: 2,
    mediaType: oci,
    config: part(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [part(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
  };
  return { manifest: takeManifest(Buffer.from(JSON.stringify(json)), oci), children: [], blobs };
}

function makeIndex(images: readonly ModelImage[]): ModelImage {
  const manifests = images.map(({ manifest: { digest, bytes, mediaType } }) => ({
    mediaType,
    digest,
    size: bytes.byteLength,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests }));
  return {
    manifest: takeManifest(bytes, index),
    children: images.map(({ manifest }) => manifest),
    blobs: images.flatMap(({ blobs }) => blobs),
  };
}

const image = makeImage('new');
const old = makeImage('old');
const higher = makeImage('1.4.3');
const several = makeIndex([makeImage('amd64'), makeImage('arm64')]);

function store(
  registry: ModelRegistry,
  { path }: Repository,
  { manifest, children, blobs }: ModelImage,
  tags: readonly WantedTag[],
) {
  const shelf = registry.shelf(path);
  for (const blob of blobs) shelf.blobs.set(digestOf(blob), blob);
  for (const one of [...children, manifest]) shelf.manifests.set(one.digest, one);
  for (const { name } of tags) shelf.tags.set(name, manifest.digest);
}

type Sketch = Omit<Stage, 'open' | 'expected' | 'repairs'> & {
  readonly repairs?: readonly Repair[];
  readonly fill: (registry: ModelRegistry) => void;
  readonly immutable?: RegExp;
};

function stage({ fill, immutable, repairs = [], ...sketch }: Sketch): Stage {
  const repaired = new Map(repairs.map(({ tag }) => [tag.name, higher.manifest.digest]));
  const expected = [sketch.first, ...sketch.further].map(
    ({ name }) => [name, repaired.get(name) ?? sketch.image.manifest.digest] as const,
  );
  const open = (): ModelRegistry => {
    const registry = createModelRegistry(host, immutable);
    fill(registry);
    return registry;
  };
  return { ...sketch, repairs, expected: new Map(expected), open };
}

const configDigest = digestOf(image.blobs[0] ?? '');
const built: ImageIdentity = { kind: 'manifest', digest: image.manifest.digest, configDigest };
const holdOld = (registry: ModelRegistry): void => store(registry, app, old, [main]);

/** One and several tags, one and two repositories, an image that is known and one that is sent. */
export const stages: readonly Stage[] = [
  stage({
    name: 'an image is sent under one tag',
    ...{ image, identity: built, repositories: [app], first: main, further: [], fill: holdOld },
  }),
  stage({
    name: 'an image of the classic store is sent, three tags, fixed ones immutable',
    ...{
      image,
      identity: { kind: 'config', configDigest },
      repositories: [app],
      first: fixed,
      further: [main, latest],
    },
    ...{ fill: holdOld, immutable: /^sha-/ },
  }),
  stage({
    name: 'an image is known and gets three tags',
    ...{ image, identity: { kind: 'found', digest: image.manifest.digest }, repositories: [app], first: fixed },
    further: [main, latest],
    fill: (registry) => {
      store(registry, app, image, [fixed]);
      store(registry, app, old, [main]);
    },
  }),
  stage({
    name: 'an index is known in one repository and copied to another',
    ...{ image: several, identity: { kind: 'found', digest: several.manifest.digest }, repositories: [app, twin] },
    ...{ first: fixed, further: [main], fill: (registry) => store(registry, app, several, [fixed]) },
  }),
  stage({
    name: 'an image is sent to one repository and copied to another',
    ...{ image, identity: built, repositories: [app, twin], first: fixed, further: [main, latest], fill: holdOld },
  }),
  stage({
    name: 'a version is repaired, since a higher one came meanwhile',
    ...{ image, identity: built, repositories: [app], first: version, further: lines },
    repairs: lines.map((tag) => ({ tag, by: [parseTag('1.4.3')] })),
    fill: (registry) => store(registry, app, higher, [want(parseTag('1.4.3'), 'fixed', 'never')]),
  }),
];
