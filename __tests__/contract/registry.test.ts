import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type World, worlds, writeIndex, writeManifest } from './worlds.ts';

const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
const one = writeManifest(config, 'one');
const two = writeManifest(config, 'two');
const main = parseTag('main');
const absent = parseTag('absent');

describe.each(worlds)('the registry contract: $name', ({ open }) => {
  let world: World;
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.close());

  test('a repository that does not exist has nothing, and says so without an error', async () => {
    const { registry } = world;
    expect(await registry.head(main)).toBeUndefined();
    expect(await registry.manifest(main)).toBeUndefined();
    expect(await registry.manifest(one.digest)).toBeUndefined();
    expect(await registry.tags()).toEqual([]);
    expect(await registry.hasBlob(digestOf(config))).toBe(false);
  });

  test('who may push is told so, and others why not', async () => {
    expect(await world.registry.mayPush()).toBe('yes');
    expect(await world.unentitled.registry.mayPush()).toBe(world.unentitled.right);
  });

  test('who may not push does not', async () => {
    if (world.unentitled.right === 'yes') return;
    await expect(world.unentitled.registry.put(absent, one, undefined)).rejects.toMatchObject({
      name: 'RegistryError',
      kind: 'unauthorized',
      status: 401,
    });
  });

  test('a manifest whose config is not there is rejected and leaves no tag', async () => {
    await expect(world.registry.put(absent, writeManifest(Buffer.from('gone'), ''), undefined)).rejects.toMatchObject({
      name: 'RegistryError',
      kind: 'rejected',
      status: 400,
      request: 'PUT v2/acme/app/manifests/absent',
    });
    expect(await world.registry.head(absent)).toBeUndefined();
  });

  test('what is put comes back byte for byte, by tag and by digest', async () => {
    const { registry } = world;
    await world.addBlob(config);
    await registry.put(main, one, undefined);
    expect(await registry.head(main)).toBe(one.digest);
    expect(await registry.head(one.digest)).toBe(one.digest);
    for (const at of [main, one.digest]) {
      const back = await registry.manifest(at);
      expect(back).toEqual({ digest: one.digest, mediaType: one.mediaType, bytes: expect.anything() });
      expect(Buffer.from(back?.bytes ?? [])).toEqual(Buffer.from(one.bytes));
    }
  });

  test('a blob is sent where it is missing, once, and only as what its digest says', async () => {
    const bytes = Buffer.from('a layer');
    const open = async () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]);
    const blob = { digest: digestOf(bytes), size: bytes.byteLength, open };
    expect(await world.registry.send(blob)).toBe(true);
    expect(Buffer.from(await world.registry.blob(blob.digest, 100))).toEqual(bytes);
    expect(await world.registry.send({ ...blob, open: () => Promise.reject(new Error('read again')) })).toBe(false);
    const other = { ...blob, digest: digestOf('another layer') };
    await expect(world.registry.send(other)).rejects.toMatchObject({ name: 'RegistryError' });
    expect(await world.registry.hasBlob(other.digest)).toBe(false);
    if (world.unentitled.right === 'yes') return;
    await expect(world.unentitled.registry.send(other)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('a tag moves, and what it held stays under its digest', async () => {
    const { registry } = world;
    await registry.put(main, two, one.digest);
    expect(await registry.head(main)).toBe(two.digest);
    expect(await registry.head(one.digest)).toBe(one.digest);
    await registry.put(main, two, two.digest);
    expect(await registry.head(main)).toBe(two.digest);
  });

  test('an index is a manifest like any other', async () => {
    const { registry } = world;
    await world.addManifest(one);
    await world.addManifest(two);
    const index = writeIndex([one, two]);
    await registry.put(parseTag('index'), index, undefined);
    expect((await registry.manifest(parseTag('index')))?.mediaType).toBe(index.mediaType);
    expect(await registry.head(parseTag('index'))).toBe(index.digest);
  });

  test('blobs are verified and bounded', async () => {
    const { registry } = world;
    const digest = await world.addBlob(config);
    expect(await registry.hasBlob(digest)).toBe(true);
    expect(Buffer.from(await registry.blob(digest, config.byteLength))).toEqual(config);
    await expect(registry.blob(digest, config.byteLength - 1)).rejects.toMatchObject({ kind: 'invalid-reply' });
    await expect(registry.blob(digestOf('gone'), 100)).rejects.toMatchObject({ kind: 'rejected', status: 404 });
  });

  test('all tags are listed', async () => {
    const names = ['index', 'main', ...Array.from({ length: 7 }, (_, at) => `t${at}`)];
    for (const name of names.slice(2)) await world.registry.put(parseTag(name), one, undefined);
    expect([...(await world.registry.tags())].sort()).toEqual(names.sort());
  });
});
