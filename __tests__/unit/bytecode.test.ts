import { describe, expect, test } from '@jest/globals';
import type { BytecodeReport } from '../../src/model/bytecode.ts';
import { globPattern } from '../../src/model/glob-pattern.ts';
import { parseBytecodeReport } from '../../src/model/parse-bytecode.ts';

const report: BytecodeReport = {
  interpreters: [{ path: '/usr/bin/python3.11', version: '3.11.2', cacheTag: 'cpython-311', magic: 3495, optimize: 0 }],
  roots: [{ path: '/app', kind: 'app', interpreter: '/usr/bin/python3.11', own: true, deep: true }],
  pycachePrefix: undefined,
  compiled: 3,
  bytes: 4096,
  unchanged: 1,
  skipped: [{ path: '/app/out.py', reason: 'a link that leaves /app' }],
  failed: [{ path: '/app/bad\udcff.py', own: true, message: 'invalid syntax', line: 7 }],
  removed: [{ path: '/app/__pycache__/a.cpython-39.pyc', reason: 'of another Python' }],
  useless: ['PYTHONPYCACHEPREFIX'],
};
const asWritten = { format: 1, ...report, pycachePrefix: null };

describe('the report of the compile step', () => {
  test('is read back whole, odd names included', () => {
    expect(parseBytecodeReport(JSON.stringify(asWritten))).toEqual(report);
    expect(parseBytecodeReport(JSON.stringify({ ...asWritten, pycachePrefix: '/cache' })).pycachePrefix).toBe('/cache');
  });

  test.each([
    ['no JSON', 'python: error', /JSON/],
    ['another format', JSON.stringify({ ...asWritten, format: 2 }), /format is 2/],
    ['a list in its place', '[]', /report is no object/],
    ['a text for a count', JSON.stringify({ ...asWritten, compiled: '3' }), /compiled is no count/],
    ['a negative count', JSON.stringify({ ...asWritten, bytes: -1 }), /bytes is no count/],
    ['an unknown kind', JSON.stringify({ ...asWritten, roots: [{ ...report.roots[0], kind: 'x' }] }), /kind is "x"/],
    ['no list', JSON.stringify({ ...asWritten, failed: null }), /failed is no list/],
    ['a word for a boolean', JSON.stringify({ ...asWritten, failed: [{ ...report.failed[0], own: 'no' }] }), /own is/],
    ['a number for a reason', JSON.stringify({ ...asWritten, useless: [1] }), /useless\[0\] is no text/],
  ])('that is %s is refused', (_name, text, message) => {
    expect(() => parseBytecodeReport(text)).toThrow(message);
  });
});

describe('a glob over the image', () => {
  test.each([
    ['/app/tests', ['/app/tests'], ['/app/tests2', '/x/app/tests', '/app/tests/a.py']],
    ['tests', ['/tests', '/app/tests', '/a/b/tests'], ['/app/mytests', '/app/tests.py']],
    ['app/tests', ['/app/tests', '/srv/app/tests'], ['/app/x/tests']],
    ['/app/*.py', ['/app/a.py', '/app/.py'], ['/app/x/a.py', '/app/apy']],
    ['/app/**/gen_?.py', ['/app/gen_1.py', '/app/a/b/gen_1.py'], ['/app/gen_12.py', '/app/gen_/.py']],
    ['vendor/**', ['/app/vendor/a', '/vendor/a/b.py'], ['/app/vendor']],
    ['a+(b)[c]', ['/x/a+(b)[c]'], ['/x/aab']],
    ['spaced name/', ['/spaced name'], ['/spaced']],
  ])('%s', (glob, hits, misses) => {
    const pattern = new RegExp(`^(?:${globPattern(glob)})$`, 's');
    expect(hits.filter((path) => !pattern.test(path))).toEqual([]);
    expect(misses.filter((path) => pattern.test(path))).toEqual([]);
  });

  test.each(['', '/', 'a//b', '../x', './x', 'a/.'])('%j is refused', (glob) => {
    expect(() => globPattern(glob)).toThrow(/a path with/);
  });
});
