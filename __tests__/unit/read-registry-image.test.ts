import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { takeManifest } from '../../src/model/manifest.ts';
import { readRegistryImage } from '../../src/tools/image-reader/read-registry-image.ts';
import { tarOf } from '../support/layers.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const layers = await Promise.all(names.map((name) => tarOf([{ name, content: name.repeat(20_000) }])));
const config = Buffer.from('{"os":"linux","architecture":"amd64"}');
const describeBlob = (bytes: Uint8Array, mediaType: string) => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  digest: digestOf(bytes),
  size: bytes.length,
});
const manifest = takeManifest(
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describeBlob(config, 'config.v1+json'),
      layers: layers.map((layer) => describeBlob(layer, 'layer.v1.tar')),
    }),
  ),
  undefined,
);
const blobs = new Map<Digest, Uint8Array>([config, ...layers].map((bytes) => [digestOf(bytes), bytes]));
const at = {
  digest: manifest.digest,
  platform: undefined,
  patience: { request: 1_000, budget: 1_000, tries: 1, idle: 1_000 },
};

/** Reads the image from a registry that notes how many blobs are open, and of which one is broken. */
async function read(broken: string) {
  const opened: string[] = [];
  let [open, most, pieces] = [0, 0, 0];
  async function* send(digest: Digest): AsyncGenerator<Uint8Array> {
    const name = names[layers.findIndex((one) => digestOf(one) === digest)] ?? 'config';
    opened.push(name);
    open += 1;
    most = Math.max(most, open);
    try {
      if (name === broken) throw new Error('torn');
      const bytes = blobs.get(digest) ?? Buffer.from('');
      for (let from = 0; from < bytes.length; from += 512) {
        await delay(1);
        pieces += 1;
        yield bytes.subarray(from, from + 512);
      }
    } finally {
      open -= 1;
    }
  }
  const reader = { manifest: async () => manifest, openBlob: async (digest: Digest) => send(digest) };
  const image = readRegistryImage(reader, at, () => undefined);
  await image.catch(() => undefined);
  return { image, opened, most, open, pieces };
}

test('layers are read two at a time, and lie upon each other as they should', async () => {
  const { image, most } = await read('none');
  const { layers: all } = await image;
  expect(all.map((records) => records.map((one) => one.path))).toEqual(names.map((name) => [`/${name}`]));
  expect(most).toBe(2);
});

test('a layer that cannot be read ends the reading of all', async () => {
  const { image, opened, open, pieces } = await read('a');
  await expect(image).rejects.toMatchObject({ code: 'image-unreadable', message: expect.stringContaining('torn') });
  expect([opened, open]).toEqual([['config', 'a', 'b'], 0]);
  expect(pieces).toBeLessThan(10); // of forty
});
