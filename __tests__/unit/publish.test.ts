import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { type ImageIdentity, isOfClassicStore } from '../../src/model/image-identity.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { type ManifestBytes, parseManifest } from '../../src/model/manifest.ts';
import { type Registry, RegistryError } from '../../src/model/registry.ts';
import { parseTag } from '../../src/model/tag.ts';
import type { WantedTag } from '../../src/plan/wanted-tag.ts';
import type { TagRecord } from '../../src/report/facts.ts';
import { settleAll } from '../../src/tools/publish/failures.ts';
import { type Landed, land, move } from '../../src/tools/publish/publish.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';

const repository = parseRepository('registry.test/acme/app');
const fixed: WantedTag = { name: parseTag('sha-aaaaaaaaaaaa'), kind: 'fixed', moves: 'never' };
const main: WantedTag = { name: parseTag('main'), kind: 'own', moves: 'by-ref' };

const mayWrite = async (_: WantedTag, held: Digest | undefined) => ({ held, because: undefined });

async function landAt(...work: Parameters<typeof land>): Promise<Landed> {
  const arrived = await land(...work);
  if (arrived === undefined) throw new Error('it was left to a newer commit');
  return arrived;
}

function openWorld() {
  const registries = createMemoryRegistries();
  const registry = registries.open(repository);
  const records = new Map<string, TagRecord>();
  const makeImage = (text: string): ManifestBytes => {
    const config = registries.addBlob(repository, Buffer.from(text));
    const json = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: text.length },
      layers: [],
    };
    const bytes = Buffer.from(JSON.stringify(json));
    return { digest: digestOf(bytes), mediaType: json.mediaType, bytes };
  };
  const uploads: string[] = [];
  const publish = (image: ManifestBytes, over: Partial<Registry> = {}) => ({
    registry: { ...registry, ...over },
    record: (one: TagRecord) => records.set(one.tag, one),
    copy: async () => undefined,
    refuse: mayWrite,
    upload: async (tag: WantedTag): Promise<Digest> => {
      uploads.push(tag.name);
      await registry.put(tag.name, image, undefined);
      return image.digest;
    },
  });
  return { registries, registry, records, makeImage, publish, uploads };
}

/** As the containerd store tells it: the bytes are known before they are sent. */
function known({ digest }: ManifestBytes): ImageIdentity {
  return { kind: 'found', digest };
}

/** As the classic store tells it: only the config is known. */
function byConfig(image: ManifestBytes): ImageIdentity {
  const manifest = parseManifest(image);
  if (manifest.kind !== 'image') throw new Error('these tests make images');
  return { kind: 'config', configDigest: manifest.config.digest };
}

describe('land', () => {
  test('sends the image once, reads it back and records it', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    const landed = await landAt(world.publish(image), known(image), () => fixed);
    expect(landed).toMatchObject({ first: fixed.name, manifest: { digest: image.digest } });
    expect(world.uploads).toEqual([fixed.name]);
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'new', before: undefined, after: image.digest });
  });

  test('sends nothing where the repository has the manifest', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    world.registries.addManifest(repository, image);
    await land(world.publish(image), known(image), () => main);
    expect(world.uploads).toEqual([]);
    expect(await world.registry.head(main.name)).toBe(image.digest);
  });

  test('writes nothing where the tag holds it already', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    await world.registry.put(main.name, image, undefined);
    await land(world.publish(image), known(image), () => main);
    expect(world.registries.writes).toHaveLength(1);
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'kept' });
  });

  test('takes another name where somebody took the fixed one since', async () => {
    const world = openWorld();
    const [theirs, ours] = [world.makeImage('theirs'), world.makeImage('ours')];
    await world.registry.put(fixed.name, theirs, undefined);
    const other = { ...fixed, name: parseTag('sha-aaaaaaaaaaaa-1-1') };
    const landed = await landAt(world.publish(ours), known(ours), (held) =>
      held === undefined || held === ours.digest ? fixed : other,
    );
    expect(landed.first).toBe(other.name);
    expect(await world.registry.head(fixed.name)).toBe(theirs.digest);
  });

  test('an upload that arrives as another image is red, and on record as unknown', async () => {
    const world = openWorld();
    const [tested, sent] = [world.makeImage('tested'), world.makeImage('sent')];
    await expect(land(world.publish(sent), known(tested), () => fixed)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'unknown' });
  });

  test('a registry that holds something else afterwards is red, whatever the engine said', async () => {
    const world = openWorld();
    const [tested, other] = [world.makeImage('tested'), world.makeImage('other')];
    const lying = { manifest: async (at: string) => (at === fixed.name ? other : undefined) };
    await expect(land(world.publish(tested, lying), known(tested), () => fixed)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'unknown', after: other.digest });
  });

  test('an upload that fails leaves the tag on record as unknown', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    const publisher = { ...world.publish(image), upload: () => Promise.reject(new Error('gone')) };
    await expect(land(publisher, known(image), () => fixed)).rejects.toThrow('gone');
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('land, of an image whose manifest the push makes', () => {
  test('takes the digest that was read back', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    const landed = await landAt(world.publish(image), byConfig(image), () => fixed);
    expect(landed.manifest.digest).toBe(image.digest);
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'new', before: undefined, after: image.digest });
  });

  test('writes nothing where the tag holds an image with this config already', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    await world.registry.put(main.name, image, undefined);
    const held: unknown[] = [];
    await land(world.publish(image), byConfig(image), (other) => {
      held.push(other);
      return main;
    });
    expect(held).toEqual([undefined, undefined]);
    expect(world.uploads).toEqual([]);
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'kept' });
  });

  test('tells of another image that the tag holds', async () => {
    const world = openWorld();
    const [theirs, ours] = [world.makeImage('theirs'), world.makeImage('ours')];
    await world.registry.put(fixed.name, theirs, undefined);
    const other = { ...fixed, name: parseTag('sha-aaaaaaaaaaaa-1-1') };
    const landed = await landAt(world.publish(ours), byConfig(ours), (held) =>
      held === theirs.digest ? other : fixed,
    );
    expect(landed.first).toBe(other.name);
    expect(await world.registry.head(fixed.name)).toBe(theirs.digest);
  });

  test('an image with another config is red, whatever the engine said', async () => {
    const world = openWorld();
    const [tested, sent] = [world.makeImage('tested'), world.makeImage('sent')];
    await expect(land(world.publish(sent), byConfig(tested), () => fixed)).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: expect.stringContaining('config'),
    });
    expect(world.records.get(fixed.name)).toMatchObject({ outcome: 'unknown', after: sent.digest });
  });

  test('what the engine named is no other image, where a third one has the tag by then', async () => {
    const world = openWorld();
    const [tested, sent, third] = [world.makeImage('tested'), world.makeImage('sent'), world.makeImage('third')];
    const upload = async (): Promise<Digest> => {
      world.registries.addManifest(repository, sent);
      await world.registry.put(main.name, third, undefined);
      return sent.digest;
    };
    const publisher = { ...world.publish(sent), upload };
    await expect(land(publisher, byConfig(tested), () => main)).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'unknown', after: third.digest });
  });

  test('another digest than the engine named is red, though the config is the same', async () => {
    const world = openWorld();
    const image = world.makeImage('one');
    const bytes = Buffer.from(`${Buffer.from(image.bytes).toString('utf8')} `);
    const again = { ...image, bytes, digest: digestOf(bytes) };
    const lying = { manifest: async (at: string) => (at === fixed.name ? again : undefined) };
    await expect(land(world.publish(image, lying), byConfig(image), () => fixed)).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
  });
});

describe('a manifest of the classic store', () => {
  test.each<[string, string, number, boolean]>([
    ['as docker writes it', 'application/vnd.docker.distribution.manifest.v2+json', 3, true],
    ['as BuildKit writes it', 'application/vnd.docker.distribution.manifest.v2+json', 2, false],
    ['of the OCI kind', 'application/vnd.oci.image.manifest.v1+json', 3, false],
  ])('%s', (_, mediaType, indent, expected) => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, layers: [] }, undefined, indent));
    expect(isOfClassicStore({ digest: digestOf(bytes), mediaType, bytes })).toBe(expected);
  });
});

describe('move', () => {
  async function landed(world: ReturnType<typeof openWorld>, text = 'one') {
    const image = world.makeImage(text);
    return { image, at: await landAt(world.publish(image), known(image), () => fixed) };
  }

  test('points a tag at the same bytes and tells what it held', async () => {
    const world = openWorld();
    const old = world.makeImage('old');
    await world.registry.put(main.name, old, undefined);
    const { image, at } = await landed(world);
    await move(world.publish(image), at, main);
    expect((await world.registry.manifest(main.name))?.bytes).toEqual(image.bytes);
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'moved', before: old.digest, after: image.digest });
  });

  test('never moves a fixed tag', async () => {
    const world = openWorld();
    const { image, at } = await landed(world);
    const other = { ...fixed, name: parseTag('1.2.3') };
    await world.registry.put(other.name, world.makeImage('theirs'), undefined);
    const writes = world.registries.writes.length;
    await expect(move(world.publish(image), at, other)).rejects.toMatchObject({ code: 'tag-conflict' });
    expect(world.registries.writes).toHaveLength(writes);
  });

  test('a fixed tag whose header lies is judged by its bytes', async () => {
    const world = openWorld();
    const { image, at } = await landed(world);
    const other = { ...fixed, name: parseTag('1.2.3') };
    await world.registry.put(other.name, image, undefined);
    const lies = { ...at.registry, head: async () => world.makeImage('theirs').digest };
    await move(world.publish(image), { ...at, registry: lies }, other);
    expect(world.records.get(other.name)).toMatchObject({ outcome: 'kept', after: image.digest });
  });

  test('a write that was taken and lost is done again', async () => {
    const world = openWorld();
    const { image, at } = await landed(world);
    let lost = 0;
    const put: Registry['put'] = async (...write) => {
      lost += 1;
      if (lost > 2) await at.registry.put(...write);
    };
    await move(world.publish(image), { ...at, registry: { ...at.registry, put } }, main);
    expect(await world.registry.head(main.name)).toBe(image.digest);
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'new', after: image.digest });
  });

  test('a write that is not there on reading back is red', async () => {
    const world = openWorld();
    const { image, at } = await landed(world);
    const deaf = { ...at, registry: { ...at.registry, put: () => Promise.resolve() } };
    await expect(move(world.publish(image), deaf, main)).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(world.records.get(main.name)).toMatchObject({ outcome: 'unknown' });
  });

  test('a write that fails leaves its tag unknown and the others written', async () => {
    const world = openWorld();
    const { image, at } = await landed(world);
    const failing = {
      ...at,
      registry: {
        ...at.registry,
        put: (tag: typeof main.name, ...rest: [ManifestBytes, Digest | undefined]) =>
          tag === main.name
            ? Promise.reject(
                new RegistryError('unavailable', 'status 500', {
                  registry: 'registry.test',
                  request: 'PUT',
                  status: 500,
                  cause: undefined,
                }),
              )
            : at.registry.put(tag, ...rest),
      },
    };
    const latest: WantedTag = { name: parseTag('latest'), kind: 'latest', moves: 'by-ref' };
    const writes = [main, latest].map((tag) => move(world.publish(image), failing, tag));
    await expect(settleAll(writes)).rejects.toThrow('status 500');
    expect(world.records.get('main')).toMatchObject({ outcome: 'unknown' });
    expect(world.records.get('latest')).toMatchObject({ outcome: 'new', after: image.digest });
  });
});

describe('settleAll', () => {
  test('tells of every failure', async () => {
    await expect(
      settleAll([Promise.reject(new Error('one')), Promise.resolve(), Promise.reject(new Error('two'))]),
    ).rejects.toMatchObject({
      code: 'publish-failed',
      message: 'one\ntwo',
    });
  });

  test('keeps the code and the hint that all failures share', async () => {
    const fail = (code: 'disk-full' | 'registry-failed') => Promise.reject(new ActionError(code, code, { hint: code }));
    await expect(settleAll([fail('disk-full'), fail('disk-full')])).rejects.toMatchObject({
      code: 'disk-full',
      message: 'disk-full\ndisk-full',
      hint: 'disk-full',
    });
    const mixed = settleAll([fail('disk-full'), fail('registry-failed')]);
    await expect(mixed).rejects.toMatchObject({ code: 'publish-failed' });
  });
});
