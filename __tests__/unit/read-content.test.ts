import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FileContent } from '../../src/audit/image-facts.ts';
import { lookForAudit } from '../../src/audit/read-content.ts';
import { elfMagic, parseElf } from '../../src/model/elf.ts';
import type { FileEntry } from '../../src/model/layer-record.ts';
import { entryAt } from '../support/layers.ts';

interface Made {
  readonly bits?: 32 | 64;
  readonly little?: boolean;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly runpath?: string;
  readonly rpath?: string;
}

/** An ELF file by the letter of the specification: header, segments, interpreter, a gap, names, dynamic section. */
function makeElf({ bits = 64, little = true, interpreter, needed, runpath, rpath }: Made): Buffer {
  const is64 = bits === 64;
  const bytes = Buffer.alloc(4_096);
  const put = (value: number, at: number, length: number): void => {
    if (length === 8) {
      put(little ? value : 0, at, 4);
      put(little ? 0 : value, at + 4, 4);
    } else if (little) bytes.writeUIntLE(value, at, length);
    else bytes.writeUIntBE(value, at, length);
  };
  const size = is64 ? 8 : 4;
  elfMagic.copy(bytes);
  put(is64 ? 2 : 1, 4, 1);
  put(little ? 1 : 2, 5, 1);
  put(183, 18, 2);
  const [table, each] = [is64 ? 64 : 52, is64 ? 56 : 32];
  put(table, is64 ? 32 : 28, size);
  put(each, is64 ? 54 : 42, 2);
  let count = 0;
  const segment = (type: number, offset: number, length: number): void => {
    const at = table + each * count++;
    put(type, at, 4);
    put(offset, at + (is64 ? 8 : 4), size);
    put(offset + 0x1000, at + (is64 ? 16 : 8), size); // as it is loaded
    put(length, at + (is64 ? 32 : 16), size);
    put(count, is64 ? 56 : 44, 2);
  };
  segment(1, 0, 4_096);
  if (interpreter !== undefined) segment(3, 600, bytes.write(`${interpreter}\0`, 600, 'latin1'));
  if (needed === undefined) return bytes;
  const [names, dynamic] = [1_000, 2_000];
  let end = 1;
  const name = (text: string): number => {
    const at = end;
    end += bytes.write(`${text}\0`, names + at, 'latin1');
    return at;
  };
  const rows = [
    ...needed.map((one) => [1, name(one)]),
    ...(rpath === undefined ? [] : [[15, name(rpath)]]),
    ...(runpath === undefined ? [] : [[29, name(runpath)]]),
    [5, names + 0x1000],
    [0, 0],
    [1, 1], // behind the end nothing counts
  ];
  for (const [at, [tag = 0, value = 0]] of rows.entries()) {
    put(tag, dynamic + at * 2 * size, size);
    put(value, dynamic + at * 2 * size + size, size);
  }
  segment(2, dynamic, rows.length * 2 * size);
  return bytes;
}

const openBytes = (bytes: Buffer) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

describe('an ELF file', () => {
  test.each<[string, Made, Partial<ReturnType<typeof parseElf>>]>([
    [
      'a program',
      { interpreter: '/lib/ld.so', needed: ['libc.so.6', 'libm.so.6'] },
      { interpreter: '/lib/ld.so', needed: ['libc.so.6', 'libm.so.6'], runPath: '', whole: true },
    ],
    [
      'a library',
      { needed: ['libc.so.6'], runpath: '$ORIGIN/../libs' },
      { interpreter: '', runPath: '$ORIGIN/../libs' },
    ],
    ['with the older path', { needed: [], rpath: '/opt' }, { needed: [], runPath: '/opt', whole: true }],
    ['with both paths, of which the newer counts', { needed: [], rpath: '/old', runpath: '/new' }, { runPath: '/new' }],
    ['that is linked statically', {}, { interpreter: '', needed: [], whole: true }],
    ['of 32 bits', { bits: 32, needed: ['a'], interpreter: '/x' }, { bits: 32, needed: ['a'], interpreter: '/x' }],
    [
      'with the high byte first',
      { little: false, needed: ['a'], runpath: '/r' },
      { machine: 183, needed: ['a'], runPath: '/r' },
    ],
    ['of 32 bits with the high byte first', { bits: 32, little: false, needed: ['a'] }, { bits: 32, needed: ['a'] }],
  ])('%s', (_, made, expected) => {
    expect(parseElf(openBytes(makeElf(made)))).toMatchObject({ machine: 183, ...expected });
  });

  test('whose end was not kept says so, and names nothing', () => {
    const cut = makeElf({ interpreter: '/lib/ld.so', needed: ['libc.so.6'] }).subarray(0, 1_500);
    expect(parseElf(openBytes(cut))).toEqual({
      machine: 183,
      bits: 64,
      interpreter: '/lib/ld.so',
      needed: [],
      runPath: '',
      whole: false,
    });
  });

  test('that is this machine’s own Node is read as the loader reads it', () => {
    const bytes = readFileSync(process.execPath);
    expect(parseElf(openBytes(bytes))).toMatchObject({
      whole: true,
      needed: expect.arrayContaining([expect.stringMatching(/^libc\./)]),
    });
  });

  test('never throws, whatever its bytes', () => {
    const whole = makeElf({ interpreter: '/lib/ld.so', needed: ['libc.so.6'], runpath: '/x' });
    const change = fc.tuple(fc.nat(2_200), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.nat(4_096), (changes, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        parseElf(openBytes(bytes.subarray(0, length)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is read of a file', () => {
  const read = (
    path: string,
    bytes: Uint8Array | string,
    { mode = 0o644, piece = 7 } = {},
  ): FileContent | undefined => {
    const record = entryAt<never>(path, { mode, size: bytes.length });
    const reader = record.change === 'entry' ? lookForAudit()(path, record.entry as FileEntry<never>) : undefined;
    if (reader === undefined) return undefined;
    const all = Buffer.from(bytes);
    for (let at = 0; at < all.length; at += piece) reader.write(all.subarray(at, at + piece));
    return reader.end();
  };

  test.each<[string, string, string, number, unknown]>([
    [
      'a file that rules ask for',
      '/etc/passwd',
      'root:x:0:0',
      0o644,
      { kind: 'text', text: 'root:x:0:0', whole: true },
    ],
    ['an empty one', '/etc/group', '', 0o644, { kind: 'text', text: '', whole: true }],
    ['one of three bytes', '/app/.env', 'A=1', 0o644, { kind: 'text', text: 'A=1', whole: true }],
    [
      'a script by its mode',
      '/bin/run',
      '#!/bin/sh -e \nexec x\n',
      0o755,
      { kind: 'script', interpreter: '/bin/sh', argument: '-e', text: '#!/bin/sh -e \nexec x\n', whole: true },
    ],
    [
      'a script that is called one',
      '/app/start.sh',
      '#! /usr/bin/env bash\n',
      0o644,
      { kind: 'script', interpreter: '/usr/bin/env', argument: 'bash' },
    ],
    ['one without a first line', '/app/start.sh', 'exec x\n', 0o644, { kind: 'text', text: 'exec x\n' }],
    ['a program that is none', '/bin/data', 'MZ…', 0o755, undefined],
    ['a short one', '/bin/x', '#', 0o755, undefined],
    ['a file that nobody asks for', '/app/data.csv', 'a,b', 0o644, undefined],
    ['a module of the application', '/app/manage.py', 'import x', 0o644, { kind: 'text' }],
    ['a module of a package', '/opt/venv/lib/python3.13/site-packages/a/app.py', 'import x', 0o644, undefined],
  ])('%s', (_, path, bytes, mode, expected) => {
    const content = read(path, bytes, { mode });
    if (expected === undefined) expect(content).toBeUndefined();
    else expect(content).toMatchObject(expected as object);
  });

  test('is a library’s head, by its name alone', () => {
    expect(read('/usr/lib/libx.so.1.2', makeElf({ needed: ['libc.so.6'] }))).toMatchObject({
      kind: 'elf',
      needed: ['libc.so.6'],
    });
  });

  test('is bounded: of a long text its beginning, and of an image what memory allows', () => {
    const long = `${'x'.repeat(300_000)}`;
    expect(read('/etc/os-release', long)).toEqual({ kind: 'text', text: 'x'.repeat(16_000), whole: false });
    const look = lookForAudit();
    const entry = entryAt<never>('/var/lib/dpkg/status');
    const megabyte = Buffer.alloc(1024 ** 2, 'a');
    const kept = Array.from({ length: 10 }, () => {
      const reader = entry.change === 'entry' ? look('/var/lib/dpkg/status', entry.entry) : undefined;
      for (let at = 0; at < 15; at++) reader?.write(megabyte);
      const content = reader?.end();
      return content?.kind === 'text' ? content.text.length : 0;
    });
    expect(kept.reduce((total, one) => total + one, 0)).toBe(64 * 1024 ** 2);
  });
});
