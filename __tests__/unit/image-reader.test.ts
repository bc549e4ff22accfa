import * as zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { readArchive } from '../../src/tools/image-reader/archive.ts';
import { findImage } from '../../src/tools/image-reader/find-image.ts';
import { fullAllowance, readLayer } from '../../src/tools/image-reader/layer.ts';
import { inPieces, type TarEntry, tarOf } from '../support/layers.ts';

const lookAtAll = (path: string) => {
  const kept: Uint8Array[] = [];
  return { write: (chunk: Uint8Array) => kept.push(chunk), end: () => `${path}=${Buffer.concat(kept)}` };
};
const read = (bytes: Uint8Array, allowance = fullAllowance()) => readLayer(inPieces(bytes), lookAtAll, allowance);
const readTar = async (...entries: TarEntry[]) => read(await tarOf(entries));
const pathOf = ({ path }: LayerRecord<unknown>) => path;

const packings: [string, (bytes: Buffer) => Buffer][] = [
  ['plain', (bytes) => bytes],
  ['gzip', (bytes) => zlib.gzipSync(bytes)],
  [
    'gzip in two members',
    (bytes) => Buffer.concat([zlib.gzipSync(bytes.subarray(0, 700)), zlib.gzipSync(bytes.subarray(700))]),
  ],
];
// the action's Node has zstd; the oldest that these tests run on has not
if ('zstdCompressSync' in zlib) packings.push(['zstd', (bytes) => zlib.zstdCompressSync(bytes)]);

describe('a layer', () => {
  test.each(packings)('that is %s is read as it streams by', async (_, pack) => {
    const bytes = pack(
      await tarOf([
        { name: 'a/', type: 'directory' },
        { name: 'a/b', content: 'x'.repeat(3000), mode: 0o4755, uid: 7 },
      ]),
    );
    for (const size of [1, 3, 512, 100_000]) {
      const records = await readLayer(inPieces(bytes, size), lookAtAll, fullAllowance());
      expect(records.map(pathOf)).toEqual(['/a', '/a/b']);
      expect(records[1]).toMatchObject({
        entry: { kind: 'file', mode: 0o4755, uid: 7, size: 3000, content: `/a/b=${'x'.repeat(3000)}` },
      });
    }
  });

  test.each<[string, TarEntry, object]>([
    ['a whiteout', { name: 'a/.wh.b' }, { change: 'whiteout', path: '/a/b' }],
    ['an opaque folder', { name: 'a/.wh..wh..opq' }, { change: 'opaque', path: '/a' }],
    ['a hard link', { name: 'b', type: 'link', linkname: 'a/x' }, { change: 'hardlink', path: '/b', to: '/a/x' }],
    [
      'a symlink',
      { name: 'b', type: 'symlink', linkname: '../x' },
      { path: '/b', entry: { kind: 'symlink', target: '../x', size: 0 } },
    ],
    ['a device', { name: 'dev/null', type: 'character-device' }, { entry: { kind: 'device' } }],
    ['a fifo', { name: 'f', type: 'fifo' }, { entry: { kind: 'fifo' } }],
    ['a name that leads out', { name: '../../etc/x', content: 'y' }, { path: '/etc/x' }],
    ['a link that leads out', { name: 'b', type: 'link', linkname: '../../x' }, { to: '/x' }],
    [
      'a long name with odd letters',
      { name: `${'ü'.repeat(120)}/ \n.py`, content: 'y' },
      { path: `/${'ü'.repeat(120)}/ \n.py` },
    ],
    [
      'a fraction of a second',
      { name: 'a', content: 'y', pax: { mtime: '1700000000.999999999' } },
      { entry: { mtime: 1_700_000_000 } },
    ],
    ['a time before 1970', { name: 'a', content: 'y', pax: { mtime: '-1.5' } }, { entry: { mtime: -2 } }],
    [
      'a user beyond the old header',
      { name: 'a', content: 'y', pax: { uid: '4000000000' } },
      { entry: { uid: 4_000_000_000 } },
    ],
  ])('tells of %s', async (_, entry, record) => {
    expect(await readTar(entry)).toMatchObject([record]);
  });

  test('leaves out what AUFS left behind', async () => {
    expect(await readTar({ name: '.wh..wh.plnk/1.2', content: 'x' })).toEqual([]);
  });

  const whole = () => tarOf([{ name: 'a', content: 'x'.repeat(5000) }]);
  test.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['cut off in a file', async () => (await whole()).subarray(0, 2000), /Unexpected end/],
    ['cut off in its packing', async () => zlib.gzipSync(await whole()).subarray(0, 40), /unexpected end/],
    ['no tar', async () => Buffer.alloc(2048, 7), /Invalid tar header/],
    [
      'garbled in its packing',
      async () => Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
      /unknown compression|incorrect header/,
    ],
    ['of a file larger than any disk', async () => withSize(await whole(), 2 ** 62), /Unexpected end/],
    [
      'of a header without end',
      async () => tarOf([{ name: 'a', content: 'y', pax: { x: 'y'.repeat(5 * 1024 * 1024) } }]),
      /Header exceeds/,
    ],
  ])('that is %s is an error', async (_, made, message) => {
    await expect(read(await made())).rejects.toThrow(message);
  });

  test('of more entries or bytes than allowed is an error', async () => {
    const bytes = await tarOf([{ name: 'a' }, { name: 'b' }]);
    await expect(read(bytes, { entries: 1, bytes: 1e9 })).rejects.toThrow('more than a million files');
    const bomb = zlib.gzipSync(await tarOf([{ name: 'a', content: Buffer.alloc(10_000_000) }]));
    await expect(read(bomb, { entries: 9, bytes: 1_000_000 })).rejects.toThrow('unpacks to more');
  });

  test('that is empty has nothing in it', async () => {
    expect(await read(await tarOf([]))).toEqual([]);
    expect(await read(new Uint8Array(0))).toEqual([]);
  });
});

describe('an archive', () => {
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', config: {}, rootfs: { diff_ids: [] } });
  const blob = (text: string | Uint8Array): TarEntry => ({
    name: `blobs/${digestOf(text).replace(':', '/')}`,
    content: text,
  });
  const descriptor = (text: string | Uint8Array, mediaType: string, more = {}) => ({
    mediaType,
    digest: digestOf(text),
    size: text.length,
    ...more,
  });
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifestOf = (layer: Uint8Array, conf = config) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: descriptor(conf, 'application/vnd.oci.image.config.v1+json'),
      layers: [descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
    });
  const indexOf = (...manifests: object[]) => JSON.stringify({ schemaVersion: 2, manifests });
  const open = async (entries: readonly TarEntry[], platform?: string) => {
    const archive = await readArchive(inPieces(await tarOf(entries)), lookAtAll, fullAllowance());
    const { layers } = findImage(archive, platform);
    return [
      ...new FileTree(layers.map((path) => archive.layers.get(archive.links.get(path) ?? path) ?? [])).walk(),
    ].map(({ path }) => path);
  };
  const layer = async (name: string) => zlib.gzipSync(await tarOf([{ name, content: name }]));

  test('is read where the layers come before what names them', async () => {
    const one = await layer('one');
    const manifest = manifestOf(one);
    expect(
      await open([
        blob(one),
        blob(manifest),
        blob(config),
        { name: 'index.json', content: indexOf(descriptor(manifest, manifestType)) },
      ]),
    ).toEqual(['/', '/one']);
  });

  test('has the image and not its attestations', async () => {
    const one = await layer('one');
    const [manifest, note] = [manifestOf(one), manifestOf(one, `${config} `)];
    const attestation = descriptor(note, manifestType, {
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    });
    const index = indexOf(descriptor(manifest, manifestType), attestation);
    const outer = indexOf(descriptor(index, 'application/vnd.oci.image.index.v1+json'));
    expect(
      await open([
        blob(one),
        blob(manifest),
        blob(note),
        blob(config),
        blob(index),
        { name: 'index.json', content: outer },
      ]),
    ).toEqual(['/', '/one']);
  });

  test('of several platforms has the one that is asked for', async () => {
    const [one, two] = [await layer('one'), await layer('two')];
    const [first, second] = [manifestOf(one), manifestOf(two)];
    const of = (architecture: string) => ({ platform: { os: 'linux', architecture } });
    const index = indexOf(descriptor(first, manifestType, of('amd64')), descriptor(second, manifestType, of('arm64')));
    const all = [blob(one), blob(two), blob(first), blob(second), blob(config), { name: 'index.json', content: index }];
    expect(await open(all, 'linux/arm64')).toEqual(['/', '/two']);
    await expect(open(all, 'linux/s390x')).rejects.toThrow('2 images');
    await expect(open(all)).rejects.toThrow('2 images');
    // an engine keeps the platforms that it has pulled
    expect(
      await open(
        all.filter((entry) => entry.content !== first),
        'linux/arm64',
      ),
    ).toEqual(['/', '/two']);
  });

  test('of an engine before 25 is read, a layer that occurs twice included', async () => {
    const one = await tarOf([{ name: 'one', content: '1' }]);
    const list = JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: ['x/layer.tar', 'y/layer.tar'] }]);
    expect(
      await open([
        { name: 'c.json', content: config },
        { name: 'x/VERSION', content: '1.0' },
        { name: 'x/layer.tar', content: one },
        { name: 'y/layer.tar', type: 'symlink', linkname: '../x/layer.tar' },
        { name: 'manifest.json', content: list },
      ]),
    ).toEqual(['/', '/one']);
  });

  test.each<[string, (one: Buffer) => readonly TarEntry[], RegExp]>([
    ['nothing', () => [], /neither an index.json nor a manifest.json/],
    [
      'no configuration',
      (one) => [
        blob(one),
        blob(manifestOf(one)),
        { name: 'index.json', content: indexOf(descriptor(manifestOf(one), manifestType)) },
      ],
      /lacks the configuration sha256:/,
    ],
    [
      'no manifest',
      (one) => [blob(one), { name: 'index.json', content: indexOf(descriptor(manifestOf(one), manifestType)) }],
      /has 0 images/,
    ],
    [
      'an endless document',
      () => [{ name: 'index.json', content: `{${' '.repeat(5 * 1024 * 1024)}` }],
      /longer than a manifest/,
    ],
    ['a layer that is none', () => [blob(Buffer.alloc(1024, 7))], /Invalid tar header/],
  ])('with %s is an error', async (_, entries, message) => {
    await expect(open(entries(await layer('one')))).rejects.toThrow(message);
  });
});

/** A tar whose first header names another size, in the binary form that large ones have. */
function withSize(bytes: Buffer, size: number): Buffer {
  bytes.fill(0, 124, 136);
  bytes[124] = 0x80;
  bytes.writeBigUInt64BE(BigInt(size), 128);
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
