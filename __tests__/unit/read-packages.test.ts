import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import type { ImageLayer } from '../../src/model/image-layers.ts';
import { comparePackages } from '../../src/tools/image-reader/read-packages.ts';
import type { CacheReader } from '../../src/tools/registry/cache-reader.ts';
import { inPieces, type TarEntry, tarOf } from '../support/layers.ts';

const site = 'usr/lib/python3/site-packages';
const python = (name: string, version: string): TarEntry => ({
  name: `${site}/${name}-${version}.dist-info/METADATA`,
  content: `Name: ${name}\nVersion: ${version}\n`,
});
const dpkg = (...names: string[]): TarEntry => ({
  name: 'var/lib/dpkg/status',
  content: names.map((one) => `Package: ${one}\nVersion: 1\n\n`).join(''),
});

/** Images of a registry in memory that keeps account of the blobs that were read. */
function openStore() {
  const blobs = new Map<Digest, Buffer>();
  const opened: string[] = [];
  const names = new Map<Digest, string>();
  const reader: CacheReader = {
    manifest: async () => undefined,
    openBlob: async (digest, offset) => {
      opened.push(names.get(digest) ?? '');
      return inPieces((blobs.get(digest) ?? Buffer.alloc(0)).subarray(offset));
    },
  };
  const layer = async (name: string, entries: readonly TarEntry[], size?: number): Promise<ImageLayer> => {
    const bytes = gzipSync(await tarOf([{ name, content: name }, ...entries]));
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    names.set(digest, name);
    const blob = { mediaType: '', digest, size: size ?? bytes.length, platform: undefined, annotations: new Map() };
    return { diffId: `diff ${name}`, blob, entry: undefined, instruction: '' };
  };
  const compare = async (before: readonly Promise<ImageLayer>[], after: readonly Promise<ImageLayer>[]) => {
    const [old, now] = [await Promise.all(before), await Promise.all(after)];
    return comparePackages({ reader, layers: old }, { reader, layers: now });
  };
  return { layer, compare, opened, blobs };
}

describe('the packages of two images', () => {
  test('are read of the layers above those that both have, each once', async () => {
    const { layer, compare, opened } = openStore();
    const [base, code] = [layer('base', [dpkg('a')]), layer('code', [])];
    const diff = await compare(
      [base, layer('old', [python('x', '1')]), code],
      [base, layer('new', [python('x', '2')]), code],
    );
    expect(diff).toEqual({ changes: [{ kind: 'python', name: 'x', before: '1', after: '2' }], more: 0, unread: [] });
    expect(opened.toSorted()).toEqual(['code', 'new', 'old']);
  });

  test('are read of what lies below where a database was written anew', async () => {
    const { layer, compare, opened } = openStore();
    const base = layer('base', [dpkg('a'), python('pip', '1')]);
    const diff = await compare([base], [base, layer('more', [dpkg('a', 'b')])]);
    expect(diff.changes).toEqual([{ kind: 'debian', name: 'b', before: '', after: '1' }]);
    expect(opened.toSorted()).toEqual(['base', 'more']);
  });

  test('are those of a folder that was removed, too', async () => {
    const { layer, compare } = openStore();
    const base = layer('base', [python('pip', '1'), python('x', '1')]);
    const removed = layer('removed', [{ name: 'usr/lib/python3/.wh.site-packages' }]);
    expect((await compare([base], [base, removed])).changes.map(({ name, after }) => name + after)).toEqual([
      'pip',
      'x',
    ]);
  });

  test('of two images that have nothing in common are all read', async () => {
    const { layer, compare } = openStore();
    const apk: TarEntry = { name: 'lib/apk/db/installed', content: 'P:musl\nV:1\n' };
    const diff = await compare([layer('debian', [dpkg('libc6')])], [layer('alpine', [apk])]);
    expect(diff.changes.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['alpine', '', '1'],
      ['debian', '1', ''],
    ]);
  });

  test.each([
    ['the layers that differ', false, /^packages: the layers that differ come to 201 MB, more than the 200 MB/],
    ['what lies below', true, /^packages of the system: the layers that both images have come to 201 MB/],
  ])('are not read where %s is too much, and that is said', async (_, isBelow, said) => {
    const { layer, compare, opened } = openStore();
    const base = layer('base', [], isBelow ? 200_500_000 : undefined);
    const diff = await compare(
      [base],
      [base, layer('new', [dpkg('b'), python('x', '1')], isBelow ? undefined : 201_000_000)],
    );
    expect(diff).toEqual({
      changes: isBelow ? [{ kind: 'python', name: 'x', before: '', after: '1' }] : [],
      more: 0,
      unread: [expect.stringMatching(said)],
    });
    expect(opened).toEqual(isBelow ? ['new'] : []);
  });

  test('of RPM are said to be unread', async () => {
    const { layer, compare } = openStore();
    const rpm = layer('rpm', [{ name: 'usr/lib/sysimage/rpm/rpmdb.sqlite', content: 'x' }, python('x', '1')]);
    expect(await compare([layer('other', [])], [rpm])).toMatchObject({
      changes: [{ name: 'x' }],
      unread: ['packages of RPM: their database is not read'],
    });
  });

  test('are no answer where a layer is not what its digest says', async () => {
    const { layer, compare, blobs } = openStore();
    const [old, now] = [layer('old', []), layer('new', [])];
    const { blob } = await now;
    blobs.set(blob.digest, Buffer.alloc(blob.size));
    await expect(compare([old], [now])).rejects.toThrow('the bytes of');
  });
});
