import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { distributionOf, isInstalledAt, type Ledger, readLedger } from '../../src/model/packages.ts';
import { inPieces } from '../support/layers.ts';

async function read(path: string, text: string | Uint8Array, size = 7): Promise<Ledger | undefined> {
  const reader = readLedger(path);
  if (reader === undefined) return undefined;
  for await (const chunk of inPieces(Buffer.from(text), size)) reader.write(chunk);
  return reader.end();
}
const told = async (path: string, text: string | Uint8Array) =>
  (await read(path, text))?.packages.map(({ kind, name, version }) => `${kind} ${name} ${version}`);

const info = (name: string) => `/usr/lib/python3/site-packages/${name}/METADATA`;
const dpkg = '/var/lib/dpkg/status';

describe('what is installed', () => {
  test.each<[string, string, string | Uint8Array, readonly string[] | undefined]>([
    [
      'a distribution',
      info('x-1.dist-info'),
      'Metadata-Version: 2.1\nName: X_y.Z\nVersion: 1.0\n\nName: no\n',
      ['python x-y-z 1.0'],
    ],
    ['lines as Windows ends them', info('x-1.dist-info'), 'Name: x\r\nVersion: 2\r\n\r\nbody', ['python x 2']],
    ['a head without an end', info('x-1.dist-info'), 'Name: x\nVersion: 2', ['python x 2']],
    ['a version in the body alone', info('x-1.dist-info'), 'Name: x\n\nVersion: 7\n', ['python x 1']],
    ['an empty file', info('Some_Thing-1.2.post1.dist-info'), '', ['python some-thing 1.2.post1']],
    ['an empty file that has no name either', info('.dist-info'), '', []],
    ['bytes that are no text', info('x-1.dist-info'), Buffer.from([0xff, 0xfe, 0, 10, 0xc3]), ['python x 1']],
    [
      'a name of a megabyte',
      info('x-1.dist-info'),
      `Name: ${'n'.repeat(1_000_000)}\nVersion: 1\n`,
      ['python (too long) 1'],
    ],
    ['an egg that is a folder', '/opt/x-1-py3.8.egg-info/PKG-INFO', 'Name: x\nVersion: 3\n', ['python x 3']],
    ['an egg that is a file', '/opt/x-1-py3.8.egg-info', '', ['python x 1']],
    ['a record of files', '/opt/x-1.dist-info/RECORD', 'Name: x\n', undefined],
    [
      'dpkg',
      dpkg,
      'Package: a\nStatus: install ok installed\nVersion: 1\nDescription: d\n Package: no\n\nPackage: b\nVersion: 2:1-1\n',
      ['debian a 1', 'debian b 2:1-1'],
    ],
    [
      'dpkg, removed but for its configuration',
      dpkg,
      'Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n',
      [],
    ],
    ['dpkg, half installed', dpkg, 'Package: a\nStatus: install ok half-installed\nVersion: 1\n\n', []],
    ['dpkg, cut off', dpkg, 'Package: a\nStatus: install ok installed\nVers', ['debian a ']],
    ['distroless', '/var/lib/dpkg/status.d/base-files', 'Package: base-files\nVersion: 12\n', ['debian base-files 12']],
    ['distroless, its sums', '/var/lib/dpkg/status.d/base-files.md5sums', 'Package: x\n', undefined],
    [
      'apk',
      '/lib/apk/db/installed',
      'C:Q1x\nP:musl\nV:1.2.5-r0\nS:5\n\nP:busybox\nV:1\n\n',
      ['alpine musl 1.2.5-r0', 'alpine busybox 1'],
    ],
    ['apk of a merged /usr', '/usr/lib/apk/db/installed', 'P:musl\nV:1\n', ['alpine musl 1']],
    ['a database of somebody else', '/srv/var/lib/dpkg/status', 'Package: a\n', undefined],
    ['rpm, unread', '/usr/lib/sysimage/rpm/rpmdb.sqlite', 'SQLite', []],
  ])('is read of %s', async (_, path, text, expected) => {
    expect(await told(path, text)).toEqual(expected);
  });

  test('comes out the same however the bytes are cut', async () => {
    const text = 'Package: ä\nStatus: install ok installed\nVersion: ü1\n\nPackage: b\r\nVersion: 2\r\n\r\n';
    const whole = await read(dpkg, text, 10_000);
    for (let size = 1; size < 30; size += 1) expect(await read(dpkg, text, size)).toEqual(whole);
  });

  test('is bounded for a database of 30 MB', () => {
    const reader = readLedger(dpkg);
    const chunk = Buffer.from('Package: a\nVersion: 1\n\n'.repeat(45_000));
    for (let at = 0; at < 30; at += 1) reader?.write(chunk);
    expect(reader?.end().packages).toHaveLength(50_000);
  });

  test('is not what a package brings along or a tool keeps in store', () => {
    for (const path of [
      '/x/setuptools/_vendor/y-1.dist-info/METADATA',
      '/root/.cache/uv/a/y-1.dist-info/METADATA',
      '/opt/conda/pkgs/y/y-1.dist-info/METADATA',
    ])
      expect(isInstalledAt(path)).toBe(false);
    expect(isInstalledAt(info('y-1.dist-info'))).toBe(true);
  });

  test('is told by the name of a folder', () => {
    expect(distributionOf('/a/Foo_Bar-1.0.dist-info')).toEqual({ kind: 'python', name: 'foo-bar', version: '1.0' });
    expect(distributionOf('/a/foo-1.0.dist-info/METADATA')?.name).toBe('foo');
    expect(distributionOf('/a/foo-1.0.dist-info/RECORD')).toBeUndefined();
    expect(distributionOf('/a/foo')).toBeUndefined();
  });

  test('never throws, whatever the bytes', async () => {
    const paths = fc.constantFrom(info('x-1.dist-info'), dpkg, '/lib/apk/db/installed', '/x/.egg-info');
    const words = fc.constantFrom(
      'Package: ',
      'Name: ',
      'P:',
      'Version: ',
      '\n',
      '\r\n',
      '\n\n',
      'Status: ',
      ' installed',
      '\0',
    );
    const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary' }))).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(paths, text, async (path, bytes) => {
        const ledger = await read(path, bytes);
        for (const { name, version } of ledger?.packages ?? []) {
          expect(name).not.toBe('');
          expect(`${name}${version}`).not.toContain('\n');
        }
      }),
    );
  });
});
