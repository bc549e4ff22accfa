import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FileTree } from '../../src/model/file-tree.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { entryAt, folderAt } from '../support/layers.ts';

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
const record: fc.Arbitrary<LayerRecord<never>> = fc.oneof(
  path.map((at) => entryAt<never>(at)),
  path.map(folderAt),
  path.map((at) => ({ change: 'whiteout' as const, path: at })),
  path.map((at) => ({ change: 'opaque' as const, path: at })),
);
const layers = fc.array(fc.array(record, { maxLength: 6 }), { maxLength: 4 });

/** Layers by the letter of the specification: a map of paths, and nothing clever. */
function byTheLetter(all: readonly (readonly LayerRecord<never>[])[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>([['/', 'directory']]);
  const below = (at: string) =>
    [...files.keys()].filter((one) => one.startsWith(at === '/' ? '/' : `${at}/`) && one !== at);
  for (const records of all) {
    for (const { change, path: at } of records) {
      const whole = [...at.matchAll(/\//g)].every(
        ({ index }) => index === 0 || files.get(at.slice(0, index)) === 'directory',
      );
      if ((change === 'whiteout' || change === 'opaque') && whole) for (const one of below(at)) files.delete(one);
      if (change === 'whiteout' && whole) files.delete(at);
    }
    for (const one of records) {
      if (one.change !== 'entry') continue;
      for (const { index } of one.path.matchAll(/\//g)) {
        const parent = one.path.slice(0, index);
        if (index > 0 && files.get(parent) !== 'directory') files.set(parent, 'directory');
      }
      if (one.entry.kind !== 'directory' || files.get(one.path) !== 'directory')
        for (const lower of below(one.path)) files.delete(lower);
      files.set(one.path, one.entry.kind);
    }
  }
  return files;
}

test('a merged tree is what the specification says', () => {
  fc.assert(
    fc.property(layers, (all) => {
      const merged = [...new FileTree(all).walk()].map(({ path: at, entry }): [string, string] => [at, entry.kind]);
      expect(new Map(merged.toSorted())).toEqual(new Map([...byTheLetter(all)].toSorted()));
    }),
    { numRuns: 2_000 },
  );
});

test('whatever leads to an entry leads to its real path again', () => {
  const link = fc
    .tuple(path, fc.oneof(path, name, fc.constant('..'), fc.constant('../b')))
    .map(([at, target]) => entryAt<never>(at, { kind: 'symlink', target, size: 0 }));
  fc.assert(
    fc.property(fc.array(fc.array(fc.oneof(record, link), { maxLength: 8 }), { maxLength: 3 }), path, (all, at) => {
      const tree = new FileTree(all);
      const found = tree.resolve(at);
      if (found !== undefined) expect(tree.resolve(found.path)).toEqual(found);
      for (const one of tree.walk()) expect(tree.at(one.path)).toBe(one.entry);
    }),
    { numRuns: 2_000 },
  );
});

test('every file of every layer is in the tree, or hidden by a later layer, or written again by its own', () => {
  fc.assert(
    fc.property(layers, (all) => {
      const tree = new FileTree(all);
      const own = (at: string, index: number) =>
        all[index]?.findLastIndex((one) => one.change === 'entry' && one.path === at);
      for (const { path: at, entry, by } of tree.hidden) {
        expect(by).toBeGreaterThan(entry.layer);
        expect(entry.kind).not.toBe('directory');
        expect(tree.at(at)?.layer).not.toBe(entry.layer);
      }
      for (const [index, records] of all.entries())
        for (const [place, one] of records.entries()) {
          if (one.change !== 'entry' || one.entry.kind === 'directory' || own(one.path, index) !== place) continue;
          const later = records.slice(place + 1);
          if (later.some((other) => other.change === 'entry' && other.path.startsWith(`${one.path}/`))) continue;
          const there = tree.at(one.path);
          const isThere = there?.layer === index && there.kind === one.entry.kind;
          const isHidden = tree.hidden.some(({ path: at, entry }) => at === one.path && entry.layer === index);
          const isBuried = later.some(
            (other) =>
              other.change === 'entry' && other.entry.kind !== 'directory' && one.path.startsWith(`${other.path}/`),
          );
          expect(isThere || isHidden || isBuried).toBe(true);
        }
    }),
    { numRuns: 2_000 },
  );
});
