import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { judgePyc, type PycHead, parsePycHead, pycPath, rawMagic, sourceHashRounds } from '../../src/model/pyc.ts';
import { SourceHash } from '../../src/model/source-hash.ts';

/** What interpreters say of themselves: `_imp.source_hash`, `py_compile` and `cache_from_source` of five CPython releases. */
interface Vector {
  readonly python: string;
  readonly tag: string;
  readonly magic: number;
  /** Hexadecimal. */
  readonly source: string;
  readonly heads: Readonly<Record<'TIMESTAMP' | 'CHECKED_HASH' | 'UNCHECKED_HASH', string>>;
  /** By prefix and level. */
  readonly paths: Readonly<Record<string, string>>;
  /** By length, of bytes that are 31 times their index and 7. */
  readonly hashes: Readonly<Record<string, string>>;
}

const vectors = JSON.parse(readFileSync('__tests__/fixtures/pyc-vectors.json', 'utf8')) as readonly Vector[];

function hashOf(vector: Vector, bytes: Uint8Array, step = bytes.length || 1): string {
  const rounds = sourceHashRounds(vector.tag);
  if (rounds === undefined) throw new Error(`${vector.tag} has no rounds`);
  const hash = new SourceHash(rawMagic(vector.magic), rounds);
  for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step));
  return hash.digest();
}

describe.each(vectors.map((vector) => [vector.python, vector] as const))('Python %s', (_, vector) => {
  const source = Buffer.from(vector.source, 'hex');
  const magic = rawMagic(vector.magic);
  const facts = { mtime: 1_700_000_000, size: source.length, hash: hashOf(vector, source) };
  const head = (mode: keyof Vector['heads']): PycHead => parsePycHead(Buffer.from(vector.heads[mode], 'hex'));

  test.each(Object.entries(vector.hashes))('hashes %s bytes as we do, however they come', (length, hash) => {
    const bytes = Uint8Array.from({ length: Number(length) }, (__, at) => (at * 31 + 7) & 255);
    for (const step of [1, 3, 8, 13, 4096, 100_000]) expect(hashOf(vector, bytes, step)).toBe(hash);
  });

  test('writes heads that read as what they are', () => {
    expect(head('TIMESTAMP')).toEqual({ kind: 'timestamp', magic, mtime: 1_700_000_000, size: source.length });
    expect(head('CHECKED_HASH')).toEqual({ kind: 'hash', magic, checked: true, hash: facts.hash });
    expect(head('UNCHECKED_HASH')).toEqual({ kind: 'hash', magic, checked: false, hash: facts.hash });
  });

  test('looks for a .pyc where we do', () => {
    for (const [key, path] of Object.entries(vector.paths)) {
      const [prefix = '', level] = key.split('|');
      expect(pycPath('/a/b.c.py', { cacheTag: vector.tag, prefix, level: Number(level) })).toBe(path);
    }
  });

  test.each<[string, PycHead | undefined, Partial<typeof facts>, string]>([
    ['a time stamp', head('TIMESTAMP'), {}, 'ok'],
    ['a checked hash', head('CHECKED_HASH'), {}, 'ok'],
    ['an unchecked hash', head('UNCHECKED_HASH'), {}, 'ok'],
    ['a hash and another time', head('CHECKED_HASH'), { mtime: 1 }, 'ok'],
    ['none', undefined, {}, 'missing'],
    ['another time', head('TIMESTAMP'), { mtime: 1_700_000_001 }, 'mtime-stale'],
    ['another size', head('TIMESTAMP'), { size: 1 }, 'size-stale'],
    ['a checked hash of another source', head('CHECKED_HASH'), { hash: '00' }, 'hash-stale'],
    ['an unchecked hash of another source', head('UNCHECKED_HASH'), { hash: '00' }, 'unchecked-stale'],
    ['another magic number', { ...head('TIMESTAMP'), magic: magic + 1 } as PycHead, {}, 'wrong-magic'],
    ['nothing in it', parsePycHead(new Uint8Array(0)), {}, 'truncated'],
    ['a head and no code', parsePycHead(Buffer.from(vector.heads.TIMESTAMP, 'hex').subarray(0, 16)), {}, 'truncated'],
    [
      'a head and no code object',
      parsePycHead(Buffer.from(`${vector.heads.TIMESTAMP.slice(0, 32)}4e`, 'hex')),
      {},
      'truncated',
    ],
    ['flags that nobody knows', parsePycHead(withFlags(vector, 4)), {}, 'wrong-flags'],
    // _classify_pyc lets it pass, and the lowest bit is not set
    ['flags 2', parsePycHead(withFlags(vector, 2)), {}, 'ok'],
  ])('a .pyc with %s', (__, found, change, verdict) => {
    expect(judgePyc(found, { ...facts, ...change }, magic)).toBe(verdict);
  });
});

function withFlags(vector: Vector, flags: number): Uint8Array {
  const bytes = Buffer.from(vector.heads.TIMESTAMP, 'hex');
  bytes.writeUInt32LE(flags, 4);
  return bytes;
}

test.each([
  ['cpython-38', '2-4'],
  ['cpython-310', '2-4'],
  ['cpython-311', '1-3'],
  ['cpython-313t', '1-3'],
  ['pypy310', undefined],
] as const)('%s hashes with the rounds %s', (tag, rounds) => {
  expect(sourceHashRounds(tag)).toBe(rounds);
});

test('megabytes are hashed in milliseconds, not seconds', () => {
  const hash = new SourceHash(rawMagic(3495), '1-3');
  const began = performance.now();
  hash.update(new Uint8Array(16 * 1024 * 1024));
  hash.digest();
  expect(performance.now() - began).toBeLessThan(4_000);
});
