import { describe, expect, test } from '@jest/globals';
import { parseContainerGlob, splitReportGlobs } from '../../src/model/report-glob.ts';
import { createReportReader } from '../../src/tools/junit/reader.ts';

describe('globs of test-reports', () => {
  test.each<[string, string, string[], string[]]>([
    ['/report.xml', '/report.xml', ['/report.xml'], ['/reports.xml', '/a/report.xml', '/report.xml/a']],
    ['/reports/*.xml', '/reports', ['/reports/a.xml', '/reports/.xml'], ['/reports/a/b.xml', '/reports/a.xmlx']],
    ['/app/**/TEST-?.xml', '/app', ['/app/TEST-1.xml', '/app/a/b/TEST-x.xml'], ['/app/TEST-12.xml', '/x/TEST-1.xml']],
    ['/app/r+(1)/**', '/app/r+(1)', ['/app/r+(1)/a', '/app/r+(1)/a/b.xml'], ['/app/rr1/a', '/app/r+(1)']],
    ['/a/b*/c/d.xml', '/a', ['/a/b/c/d.xml', '/a/bx/c/d.xml'], ['/a/x/c/d.xml', '/a/b/c/dxxml']],
    ['/a/\n/*', '/a/\n', ['/a/\n/x\ny'], ['/a/x']],
  ])('%j looks below %j', (glob, base, matched, others) => {
    const one = parseContainerGlob(glob);
    expect(one.base).toBe(base);
    for (const path of matched) expect([path, one.matches(path)]).toEqual([path, true]);
    for (const path of others) expect([path, one.matches(path)]).toEqual([path, false]);
  });

  test.each(['/', '/*.xml', '/**/report.xml', '/?/x', '/a//b.xml', '/a/./b', '/a/{b,c}.xml', '/a/[bc].xml'])(
    '%j would look everywhere or mean something else, so it is refused',
    (glob) => expect(() => parseContainerGlob(glob)).toThrow(/container|a path with/),
  );

  test('with a slash before them are for containers, but for those of the work tree', () => {
    const { workTree, container } = splitReportGlobs(
      ['a/*.xml', '/home/w/b.xml', '/home/wx/c.xml', '/d.xml'],
      '/home/w',
    );
    expect(workTree).toEqual(['a/*.xml', 'b.xml']);
    expect(container.map(({ glob }) => glob)).toEqual(['/home/wx/c.xml', '/d.xml']);
  });
});

describe('the bytes of a report', () => {
  const read = (bytes: Buffer, piece = bytes.byteLength) => {
    const reader = createReportReader();
    for (let at = 0; at < bytes.byteLength; at += piece) reader.write(bytes.subarray(at, at + piece));
    return reader.end();
  };
  const text = '<testsuite><testcase name="grüß"><failure message="ü€"/></testcase></testsuite>';
  const one = (named: string, more = text): string => `<?xml version="1.0" encoding="${named}"?>${more}`;

  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${one('UTF-8')}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${one('UTF-16')}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${one('UTF-16')}`, 'utf16le').swap16()],
    ['UTF-8 that calls itself UTF-16, as .NET writes it', Buffer.from(one('utf-16'))],
    ['windows-1252', Buffer.from(one('windows-1252').replaceAll('€', '\x80'), 'latin1')],
  ])('are read as %s', (_, bytes) => {
    for (const piece of [bytes.byteLength, 1, 7]) {
      const { counts, problem } = read(bytes, piece);
      expect(problem).toBeUndefined();
      expect(counts?.failures.map(({ name, message }) => [name, message])).toEqual([['grüß', 'ü€']]);
    }
  });

  test.each<[string, Buffer, number, RegExp]>([
    ['in no known encoding', Buffer.from(one('klingon')), -1, /encoding that nobody knows/],
    [
      'with bytes that are no UTF-8',
      Buffer.from('<testsuite><testcase name="\xff\xfe\x80"/></testsuite>', 'latin1'),
      1,
      /^$/,
    ],
    ['of nothing', Buffer.alloc(0), 0, /root element|no <testsuites>/],
    ['of noise', Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7_919) % 251)), 0, /./],
  ])('%s are a notice at most', (_, bytes, passed, problem) => {
    const found = read(bytes, 100);
    expect([found.counts?.passed ?? -1, found.problem ?? '']).toEqual([passed, expect.stringMatching(problem)]);
  });

  test('of 100 MB are read for 64 MiB, and the counts of these are kept', () => {
    const reader = createReportReader();
    reader.write(Buffer.from('<testsuite><testcase name="a"/>'));
    const long = Buffer.from(`<testcase name="b"><failure message="m">${'x\n'.repeat(500_000)}</failure></testcase>`);
    for (let at = 0; at < 100; at++) reader.write(long);
    const { counts, problem } = reader.end();
    expect(problem).toBe('only its first 64 MiB were read');
    expect([counts?.passed, counts?.failed]).toEqual([1, Math.floor((64 * 1024 ** 2) / long.byteLength)]);
  }, 60_000);
});
