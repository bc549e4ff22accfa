import { expect, test } from '@jest/globals';
import { parseRepository } from '../../src/model/image-ref.ts';
import { takeManifest } from '../../src/model/manifest.ts';
import { parseTag } from '../../src/model/tag.ts';
import { copyWithin } from '../../src/tools/publish/copy.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';

const from = parseRepository('registry.test/acme/app');
const to = parseRepository('registry.test/acme/mirror');
const elsewhere = parseRepository('other.test/acme/app');
const types = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
};

function openWorld() {
  const world = createMemoryRegistries();
  const write = (note: string) => {
    const [config, layer] = [`{"note":"${note}"}`, `layer ${note}`].map((text) => {
      const bytes = Buffer.from(text);
      return { mediaType: 'application/x', digest: world.addBlob(from, bytes), size: bytes.byteLength };
    });
    const json = { schemaVersion: 2, mediaType: types.image, config, layers: [layer, layer] };
    const manifest = takeManifest(Buffer.from(JSON.stringify(json)), types.image);
    world.addManifest(from, manifest);
    return manifest;
  };
  const children = [write('amd64'), write('arm64')];
  const manifests = children.map(({ digest, mediaType, bytes }) => ({ digest, mediaType, size: bytes.byteLength }));
  const json = { schemaVersion: 2, mediaType: types.index, manifests };
  const index = takeManifest(Buffer.from(JSON.stringify(json)), types.index);
  world.addManifest(from, index);
  return { world, children, index };
}

test('an index is copied with all its images, byte for byte and without a tag', async () => {
  const { world, children, index } = openWorld();
  const target = world.open(to);
  const copied = await copyWithin(world.open(from), target, index.digest);
  expect(copied).toEqual(index);
  expect(await target.tags()).toEqual([]);
  for (const { digest } of children) expect(await target.head(digest)).toBe(digest);
  await target.put(parseTag('main'), index, undefined);
  expect(await target.head(parseTag('main'))).toBe(index.digest);
});

test('where the registry does not mount, or lacks the image, there is no copy', async () => {
  const { world, index } = openWorld();
  expect(await copyWithin(world.open(from), world.open(elsewhere), index.digest)).toBeUndefined();
  expect(await copyWithin(world.open(elsewhere), world.open(to), index.digest)).toBeUndefined();
});
