import { describe, expect, test } from '@jest/globals';
import { FileTree } from '../../src/model/file-tree.ts';
import { plainPath } from '../../src/model/image-path.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { entryAt, folderAt, linkAt } from '../support/layers.ts';

type Layers = readonly (readonly LayerRecord<string>[])[];
const whiteout = (path: string): LayerRecord<never> => ({ change: 'whiteout', path });
const opaque = (path: string): LayerRecord<never> => ({ change: 'opaque', path });
const hardlink = (path: string, to: string): LayerRecord<never> => ({ change: 'hardlink', path, to });
const paths = (layers: Layers) => [...new FileTree(layers).walk()].map(({ path }) => path).toSorted();

describe('layers lie upon each other', () => {
  test.each<[string, Layers, readonly string[]]>([
    ['nothing', [], ['/']],
    ['a file whose folders no layer names', [[entryAt('/a/b/c')]], ['/', '/a', '/a/b', '/a/b/c']],
    ['a file that goes', [[entryAt('/a'), entryAt('/b')], [whiteout('/a')]], ['/', '/b']],
    ['a folder that goes with all in it', [[entryAt('/a/b/c')], [whiteout('/a')]], ['/']],
    ['a folder that is emptied', [[entryAt('/a/b'), entryAt('/c')], [opaque('/a')]], ['/', '/a', '/c']],
    [
      'a folder that is emptied and filled, in either order',
      [[entryAt('/a/old')], [entryAt('/a/new'), opaque('/a')]],
      ['/', '/a', '/a/new'],
    ],
    ['what a layer adds after taking it away', [[entryAt('/a')], [entryAt('/a'), whiteout('/a')]], ['/', '/a']],
    ['a deletion of nothing', [[whiteout('/a/b'), opaque('/c')]], ['/']],
    ['a file in place of a folder', [[entryAt('/a/b')], [entryAt('/a')]], ['/', '/a']],
    ['a folder in place of a file', [[entryAt('/a')], [folderAt('/a'), entryAt('/a/b')]], ['/', '/a', '/a/b']],
    ['a folder that is named again', [[entryAt('/a/b')], [folderAt('/a')]], ['/', '/a', '/a/b']],
    ['a folder in place of a link', [[folderAt('/x'), linkAt('/a', '/x')], [folderAt('/a')]], ['/', '/a', '/x']],
    [
      'a file below a link',
      [[folderAt('/usr/lib'), linkAt('/lib', 'usr/lib')], [entryAt('/lib/a')]],
      ['/', '/lib', '/usr', '/usr/lib', '/usr/lib/a'],
    ],
    ['a file below a link to nothing', [[linkAt('/lib', 'none')], [entryAt('/lib/a')]], ['/', '/lib', '/lib/a']],
    [
      'a file below links in circles',
      [[linkAt('/a', 'b'), linkAt('/b', 'a')], [entryAt('/a/c')]],
      ['/', '/a', '/a/c', '/b'],
    ],
    [
      'a name like an object’s own',
      [[entryAt('/__proto__/constructor')]],
      ['/', '/__proto__', '/__proto__/constructor'],
    ],
    [
      'a folder in place of a link, which is emptied',
      [
        [entryAt('/x/kept'), linkAt('/a', '/x')],
        [folderAt('/a'), opaque('/a'), whiteout('/a/kept'), entryAt('/a/b')],
      ],
      ['/', '/a', '/a/b', '/x', '/x/kept'],
    ],
  ])('%s', (_, layers, expected) => {
    expect(paths(layers)).toEqual(expected);
  });

  test('each entry says which layer it is of', () => {
    const tree = new FileTree([[entryAt('/a'), entryAt('/b/c')], [entryAt('/a')]]);
    expect([tree.at('/a')?.layer, tree.at('/b/c')?.layer, tree.at('/b')?.layer]).toEqual([1, 0, -1]);
  });

  test('a hard link is the file it links to, of an earlier layer too', () => {
    const first = [entryAt('/a', { size: 7, mode: 0o600, content: 'x' })];
    const tree = new FileTree(
      [first, [hardlink('/b', '/a'), whiteout('/a')].toReversed()].slice(0, 1).concat([[hardlink('/b', '/a')]]),
    );
    expect(tree.at('/b')).toMatchObject({ kind: 'file', size: 7, mode: 0o600, content: 'x', layer: 1 });
  });

  test.each([
    ['nothing', hardlink('/b', '/none')],
    ['a folder', hardlink('/b', '/')],
  ])('a hard link to %s is an error', (_, record) => {
    expect(() => new FileTree([[record]])).toThrow('"/b" is a hard link to');
  });
});

describe('links are followed', () => {
  const tree = new FileTree([
    [
      entryAt('/opt/py/bin/python3.11'),
      linkAt('/venv/bin/python', 'python3'),
      linkAt('/venv/bin/python3', '/usr/bin/../../opt/py/bin/python3.11'),
      folderAt('/usr/bin'),
      linkAt('/up', '../../../opt'),
      linkAt('/self', 'self'),
      linkAt('/off', '/nowhere'),
    ],
  ]);

  test.each([
    ['/venv/bin/python', '/opt/py/bin/python3.11'],
    ['/up/py', '/opt/py'],
    ['/venv/./bin/../bin/python3', '/opt/py/bin/python3.11'],
    ['/self', undefined],
    ['/off', undefined],
    ['/../..', '/'],
  ])('%s leads to %s', (path, real) => {
    expect(tree.resolve(path)?.path).toBe(real);
  });

  test('a link at the end is itself where that is asked for', () => {
    expect(tree.at('/venv/bin/python')).toMatchObject({ kind: 'symlink', target: 'python3' });
    expect(tree.at('/up/py')?.kind).toBe('directory');
  });

  test('a folder is listed behind a link', () => {
    expect(tree.list('/up/py')).toEqual(['bin']);
    expect(tree.list('/off')).toEqual([]);
  });
});

test.each([
  ['./a//b/', '/a/b'],
  ['../../etc/passwd', '/etc/passwd'],
  ['a/../../b', '/b'],
  ['', '/'],
])('an entry called %j stands for %s', (name, path) => {
  expect(plainPath(name)).toBe(path);
});

test('a tree of 300,000 files is merged in bounded time', () => {
  const records = Array.from({ length: 300_000 }, (_, at) => entryAt(`/f/${at % 1000}/${at}`));
  expect(new FileTree([records]).list('/f')).toHaveLength(1000);
}, 30_000);
