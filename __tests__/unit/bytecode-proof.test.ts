import { describe, expect, test } from '@jest/globals';
import type { BytecodeRoot, PlatformBytecode } from '../../src/model/bytecode.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { type PycHead, rawMagic } from '../../src/model/pyc.ts';
import { type BytecodeContent, lookForBytecode } from '../../src/plan/bytecode/look.ts';
import { proveBytecode, readLevel } from '../../src/plan/bytecode/proof.ts';
import { judgeBytecode, type StartProof, type StartTimes } from '../../src/plan/bytecode/proof-verdict.ts';
import { median, summarizeStart } from '../../src/plan/bytecode/start.ts';
import { parseStartEvent, renderStartHook } from '../../src/plan/bytecode/start-hook.ts';
import { renderBytecodeSummary } from '../../src/report/bytecode.ts';
import { facts, image } from '../support/facts.ts';
import { entryAt, folderAt, linkAt } from '../support/layers.ts';

const python = { path: '/usr/bin/python3.11', version: '3.11.2', cacheTag: 'cpython-311', magic: 3495, optimize: 0 };
const root = (path: string, change: Partial<BytecodeRoot> = {}): BytecodeRoot => ({
  path,
  kind: 'app',
  interpreter: python.path,
  own: true,
  deep: true,
  ...change,
});
const reportOf = (change: Partial<PlatformBytecode> = {}): PlatformBytecode => ({
  platform: undefined,
  interpreters: [python],
  roots: [root('/app')],
  pycachePrefix: undefined,
  compiled: 1,
  bytes: 2_000_000,
  unchanged: 0,
  skipped: [],
  failed: [],
  removed: [],
  useless: [],
  ...change,
});

const magic = rawMagic(python.magic);
const good: PycHead = { kind: 'hash', magic, checked: false, hash: 'aa' };
type Layer = readonly LayerRecord<BytecodeContent>[];
const py = (path: string, hash = 'aa'): LayerRecord<BytecodeContent> =>
  entryAt(path, { content: { kind: 'source', hashes: new Map([[magic, hash]]) }, size: 5, mtime: 7 });
const pyc = (path: string, head: PycHead = good): LayerRecord<BytecodeContent> =>
  entryAt(path, { content: { kind: 'pyc', head } });
const a = '/app/a.py';
const aPyc = '/app/__pycache__/a.cpython-311.pyc';

describe('the files prove', () => {
  test.each<[string, Layer, Partial<PlatformBytecode>, Record<string, string>, readonly string[]]>([
    ['a source with its .pyc', [py(a), pyc(aPyc)], {}, {}, []],
    ['a source without', [py(a)], {}, {}, [`${a} missing`]],
    ['one for another tag', [py(a), pyc('/app/__pycache__/a.cpython-39.pyc')], {}, {}, [`${a} missing`]],
    ['one beside the source', [py(a), pyc('/app/a.pyc')], {}, {}, [`${a} missing`]],
    ['one of another magic number', [py(a), pyc(aPyc, { ...good, magic: 1 })], {}, {}, [`${a} wrong-magic`]],
    ['a forged one', [py(a), pyc(aPyc, { ...good, hash: 'bb' })], {}, {}, [`${a} unchecked-stale`]],
    ['a stale checked one', [py(a), pyc(aPyc, { ...good, checked: true, hash: 'bb' })], {}, {}, [`${a} hash-stale`]],
    [
      'one of another time',
      [py(a), pyc(aPyc, { kind: 'timestamp', magic, mtime: 8, size: 5 })],
      {},
      {},
      [`${a} mtime-stale`],
    ],
    [
      'one of another size',
      [py(a), pyc(aPyc, { kind: 'timestamp', magic, mtime: 7, size: 6 })],
      {},
      {},
      [`${a} size-stale`],
    ],
    ['one of the right time and size', [py(a), pyc(aPyc, { kind: 'timestamp', magic, mtime: 7, size: 5 })], {}, {}, []],
    ['an empty one', [py(a), pyc(aPyc, { kind: 'broken' })], {}, {}, [`${a} truncated`]],
    [
      'one with odd flags',
      [py(a), pyc(aPyc, { kind: 'unknown-flags', magic, flags: 9 })],
      {},
      {},
      [`${a} wrong-flags`],
    ],
    ['the level that the image runs at', [py(a), pyc(aPyc)], {}, { PYTHONOPTIMIZE: '1' }, [`${a} missing`]],
    ['a .pyc of that level', [py(a), pyc('/app/__pycache__/a.cpython-311.opt-2.pyc')], {}, { PYTHONOPTIMIZE: '2' }, []],
    ['a prefix, which hides the rest', [py(a), pyc(aPyc)], {}, { PYTHONPYCACHEPREFIX: '/x' }, [`${a} missing`]],
    ['a .pyc below the prefix', [py(a), pyc('/x/app/a.cpython-311.pyc')], {}, { PYTHONPYCACHEPREFIX: '/x/' }, []],
    ['what was left out', [py(a)], { skipped: [{ path: a, reason: 'r' }] }, {}, []],
    ['a folder that was left out', [py('/app/b/c.py')], { skipped: [{ path: '/app/b', reason: 'r' }] }, {}, []],
    ['what does not compile', [py(a)], { failed: [{ path: a, own: true, message: 'm', line: 1 }] }, {}, []],
    ['a folder of Node', [py('/app/node_modules/a.py')], {}, {}, []],
    ['files elsewhere', [py('/other/a.py')], {}, {}, []],
    ['a shallow folder', [py('/b.py'), py(a)], { roots: [root('/', { deep: false })] }, {}, ['/b.py missing']],
    [
      'a folder within a folder once',
      [py('/app/v/b.py')],
      { roots: [root('/app'), root('/app/v')] },
      {},
      ['/app/v/b.py missing'],
    ],
    [
      'a link to a file',
      [folderAt('/app'), py('/lib/x.py'), linkAt('/app/l.py', '../lib/x.py')],
      {},
      {},
      ['/app/l.py missing'],
    ],
    ['no link to a folder', [folderAt('/app'), py('/lib/x.py'), linkAt('/app/l', '../lib')], {}, {}, []],
    ['a link to nothing', [linkAt(a, '/none')], {}, {}, []],
    ['a folder that is called like a source', [py('/app/d.py/b.py')], {}, {}, ['/app/d.py/b.py missing']],
  ])('%s', (_, records, change, env, expected) => {
    const { faults } = proveBytecode(new FileTree([records]), reportOf(change), new Map(Object.entries(env)));
    expect(faults.map(({ path, reason }) => `${path} ${reason}`)).toEqual(expected);
  });

  test('each Python by itself, and count by kind of folder', () => {
    const other = { ...python, path: '/opt/python3.9', version: '3.9.1', cacheTag: 'cpython-39', magic: 3425 };
    const both = entryAt<BytecodeContent>('/lib/a.py', {
      content: {
        kind: 'source',
        hashes: new Map([
          [magic, 'aa'],
          [rawMagic(3425), 'cc'],
        ]),
      },
    });
    const roots = [
      root('/lib', { kind: 'stdlib', own: false }),
      root('/lib', { kind: 'site', own: false, interpreter: other.path }),
    ];
    const report = reportOf({ interpreters: [python, other], roots });
    const proof = proveBytecode(new FileTree([[both, pyc('/lib/__pycache__/a.cpython-311.pyc')]]), report, new Map());
    expect(proof.faults).toEqual([{ path: '/lib/a.py', reason: 'missing', version: '3.9.1', own: false }]);
    expect(proof.coverage).toEqual([
      { kind: 'stdlib', sources: 1, loaded: 1 },
      { kind: 'site', sources: 1, loaded: 0 },
    ]);
  });

  test('that a Python was overlooked', () => {
    const program = (path: string) => entryAt<BytecodeContent>(path, { mode: 0o755 });
    const tree = new FileTree<BytecodeContent>([
      [program('/usr/bin/python3.11'), program('/opt/bin/python3.13'), entryAt('/x/bin/python3.9')],
    ]);
    expect(proveBytecode(tree, reportOf(), new Map()).overlooked).toEqual(['/opt/bin/python3.13']);
  });
});

test('only what the proof needs is read', () => {
  const look = lookForBytecode(reportOf());
  const wanted = (path: string) => look(path, {} as never) !== undefined;
  expect(['/app/a.py', '/app/b/c.py', '/z/__pycache__/a.pyc'].map(wanted)).toEqual([true, true, true]);
  expect(['/apple/a.py', '/app/a.txt', '/app/a.py.bak'].map(wanted)).toEqual([false, false, false]);
  const source = look('/app/a.py', {} as never);
  for (const piece of ['X=', '1\n']) source?.write(Buffer.from(piece));
  const content = source?.end();
  expect(content?.kind === 'source' ? [...content.hashes.keys()] : []).toEqual([magic]);
});

test.each([
  ['', 0],
  ['0', 0],
  ['1', 1],
  ['2', 2],
  ['yes', 1],
  ['-1', 1],
])('PYTHONOPTIMIZE=%j is level %i', (text, level) => {
  expect(readLevel(new Map([['PYTHONOPTIMIZE', text]]))).toBe(level);
});

describe('a start', () => {
  const tree = new FileTree([[py('/real/a.py'), linkAt('/lib', 'real')]]);
  const skipped = [{ path: '/usr/lib/python3.11/sitecustomize.py', reason: 'r' }];
  const compiled = (path: string, seconds = 2) => ({ kind: 'compiled', seconds, path }) as const;

  test('is as long as it takes to load the last module, whichever process does', () => {
    const events = [
      { kind: 'begun', seconds: 100.5 },
      { kind: 'alive', seconds: 101 },
      { kind: 'begun', seconds: 101.2 },
      { kind: 'alive', seconds: 102.75 },
    ] as const;
    expect(summarizeStart(events, { tree, report: reportOf(), workingDir: '/' }).ms).toBeCloseTo(2250);
    expect(summarizeStart([], { tree, report: reportOf(), workingDir: '/' }).ms).toBeUndefined();
  });

  test('names each source once by its real path', () => {
    const events = [compiled('/lib/a.py'), compiled('/real/a.py'), compiled('x.py'), compiled('/gone.py')];
    const { compiled: found, leftOut } = summarizeStart(events, { tree, report: reportOf(), workingDir: '/app' });
    expect(found).toEqual(['/app/x.py', '/gone.py', '/real/a.py']);
    expect(leftOut).toEqual([]);
  });

  test('knows what was left out on purpose, by its own path or the real one', () => {
    const link = new FileTree<BytecodeContent>([
      [py('/etc/p/sitecustomize.py'), linkAt('/usr/lib/python3.11/sitecustomize.py', '/etc/p/sitecustomize.py')],
    ]);
    const summary = summarizeStart([compiled('/usr/lib/python3.11/sitecustomize.py')], {
      tree: link,
      report: reportOf({ skipped }),
      workingDir: '/',
    });
    expect(summary).toMatchObject({ compiled: ['/etc/p/sitecustomize.py'], leftOut: ['/etc/p/sitecustomize.py'] });
  });
});

test.each([
  [[], 0],
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1], 2.5],
  [[4, 1, 2, 100], 3],
])('the median of %j is %f', (numbers, middle) => {
  expect(median(numbers)).toBe(middle);
});

describe('the hook’s lines', () => {
  test.each([
    ['ab begun 12.5 ', { kind: 'begun', seconds: 12.5 }],
    ['ab alive 12.5 ', { kind: 'alive', seconds: 12.5 }],
    [
      `ab compiled 12.5 ${Buffer.from('/a b\nü.py').toString('hex')}`,
      { kind: 'compiled', seconds: 12.5, path: '/a b\nü.py' },
    ],
    ['ac compiled 12.5 00', undefined],
    ['ab compiled x 00', undefined],
    ['ab compiled', undefined],
    ['ab surprise 1', undefined],
    ['anything else', undefined],
  ])('%j', (line, event) => {
    expect(parseStartEvent(line, 'ab')).toEqual(event);
  });

  test('are told from others by a token that cannot leave its place', () => {
    expect(() => renderStartHook('"; import os; "')).toThrow('hexadecimal');
    expect(renderStartHook('ab12')).toContain('ab12');
  });
});

describe('the verdict', () => {
  const files = (...faults: readonly (readonly [string, 'missing' | 'unchecked-stale'])[]) => ({
    faults: faults.map(([path, reason]) => ({ path, reason, version: '3.11.2', own: true })),
    coverage: [{ kind: 'app' as const, sources: 9, loaded: 9 - faults.length }],
    overlooked: [],
  });
  const times: StartTimes = { kind: 'skipped', reason: 'r' };
  const started = (...compiled: readonly string[]): StartProof => ({
    kind: 'started',
    what: 'the command',
    compiled,
    short: '',
  });
  const unproved: StartProof = { kind: 'unproved', reason: 'no Python' };

  test.each<[string, 'on' | 'require', ReturnType<typeof files>, StartProof, RegExp | undefined, RegExp | undefined]>([
    ['all well', 'require', files(), started(), undefined, undefined],
    [
      'a missing .pyc',
      'require',
      files([a, 'missing']),
      started(),
      /1 source would be compiled at every start: \/app\/a\.py \(it has no \.pyc, 3\.11\.2\)/,
      undefined,
    ],
    ['a missing .pyc', 'on', files([a, 'missing']), started(), undefined, /1 source would be compiled/],
    ['a forged .pyc', 'on', files([a, 'unchecked-stale']), started(), /would not run: \/app\/a\.py/, undefined],
    [
      'a module compiled at the start',
      'require',
      files(),
      started('/x.py'),
      /the command compiled 1 source at its start: \/x\.py/,
      undefined,
    ],
    ['a module compiled at the start', 'on', files(), started('/x.py'), undefined, /compiled 1 source/],
    ['no start', 'require', files(), unproved, undefined, /not proved by running: no Python/],
    ['no start and a missing .pyc', 'require', files([a, 'missing']), unproved, /1 source/, /not proved by running/],
    [
      'half a start',
      'require',
      files(),
      { ...started(), short: 'it ended with 1' } as StartProof,
      undefined,
      /in part: it ended with 1/,
    ],
    [
      'half a start that compiled',
      'require',
      files(),
      { ...started('/x.py'), short: 'it ended with 1' } as StartProof,
      /\/x\.py/,
      /in part/,
    ],
    [
      'many',
      'require',
      files(...Array.from({ length: 9 }, (_, at) => [`/app/${at}.py`, 'missing'] as const)),
      started(),
      /9 sources .*\/app\/4\.py [^/]*and 4 more/,
      undefined,
    ],
  ])('%s under `%s`', (_, mode, proved, start, refusal, notice) => {
    const verdict = judgeBytecode(mode, { files: proved, start, times });
    if (refusal === undefined) expect(verdict.refusal).toBeUndefined();
    else expect(verdict.refusal).toMatch(refusal);
    if (notice === undefined) expect(verdict.notices).toEqual([]);
    else expect(verdict.notices.join('\n')).toMatch(notice);
  });

  test('is in the summary, with the times', () => {
    const bytecode = reportOf({ compiled: 12, skipped: [{ path: '/app/<x>.py', reason: 'left | out' }] });
    const measured: StartTimes = {
      kind: 'measured',
      starts: 3,
      before: { ms: 1350, compiled: 412 },
      after: { ms: 200, compiled: 0 },
    };
    const proof = { platform: undefined, files: files(), start: started(), times: measured };
    const text = renderBytecodeSummary(facts({ image: { ...image, bytecode: [bytecode] }, bytecodeProofs: [proof] }));
    const plain = text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    expect(plain).toContain('12 modules compiled by Python 3.11.2 (2.0 MB added), 1 left out');
    expect(plain).toContain('9 of 9 sources load from a .pyc');
    expect(plain).toContain(
      'start 1.4 s without, 200 ms with bytecode; 412 modules compiled at the start before, 0 now (median of 3 each)',
    );
    expect(text).toContain('&lt;x&gt;');
    expect(text).not.toContain('|');
    expect(renderBytecodeSummary(facts({ image }))).toBe('');
  });

  test('is in the summary for each platform, as far as its proof came', () => {
    const [amd64, arm64] = [parsePlatform('linux/amd64'), parsePlatform('linux/arm64')];
    const bytecode = [reportOf({ platform: amd64, compiled: 12 }), reportOf({ platform: arm64, compiled: 7 })];
    const proofs = [{ platform: amd64, files: files(), start: started(), times }];
    const text = renderBytecodeSummary(facts({ image: { ...image, bytecode }, bytecodeProofs: proofs }));
    const plain = text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    expect(plain.split('\n\n')).toEqual([
      expect.stringMatching(/^Bytecode for linux\/amd64: 12 modules compiled .*9 of 9 sources load/),
      expect.stringMatching(/^Bytecode for linux\/arm64: 7 modules compiled [^;]*\.$/),
    ]);
  });
});
