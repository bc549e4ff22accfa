import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/audit/assess.ts';
import type { Judged } from '../../src/audit/audit.ts';
import { readIgnores } from '../../src/audit/ignore.ts';
import { parseIgnore } from '../../src/model/ignore.ts';
import { atLine, dockerfile, found, imageFacts, inFile, inImage, judged, layer, passes } from '../support/checks.ts';

describe('a line of checks-ignore', () => {
  test.each([
    ['runs-as-root', { id: 'runs-as-root', path: undefined, reason: '' }],
    ['runs-as-root:', { id: 'runs-as-root', path: undefined, reason: '' }],
    [
      ' runs-as-root : it binds port 80: early ',
      { id: 'runs-as-root', path: undefined, reason: 'it binds port 80: early' },
    ],
    ['secret-file: /app/**/*.pem', { id: 'secret-file', path: '/app/**/*.pem', reason: '' }],
    [
      'secret-file: /app/x.pem made up for tests',
      { id: 'secret-file', path: '/app/x.pem', reason: 'made up for tests' },
    ],
    ['FromAsCasing', { id: 'FromAsCasing', path: undefined, reason: '' }],
  ])('%j', (text, expected) => {
    expect(parseIgnore(text)).toEqual({ ...expected, from: { kind: 'input' } });
  });

  test.each([
    [': no id', 'neither `id` nor'],
    ['two words', 'neither `id` nor'],
    ['/app/x.pem', 'neither `id` nor'],
    ['x: /app/../x', 'a path with'],
    ['x: /', 'a path with'],
  ])('%j is refused', (text, why) => {
    expect(() => parseIgnore(text)).toThrow(why);
  });
});

describe('comments of a Dockerfile', () => {
  test.each([
    ['above an instruction', 'FROM x\n# slipway ignore=a: why\nUSER x\n', [['a', 2, 3, 3, 'why']]],
    ['at the very top', '# slipway ignore=a: not so bad\nFROM x\n', [['a', 1, 2, 2, 'not so bad']]],
    ['below a directive', '# syntax=docker/dockerfile:1\n# slipway ignore=a\nFROM x\n', [['a', 2, 3, 3, '']]],
    ['with others between', 'FROM x\n#slipway  ignore = a\n\n# so that\nRUN a \\\n  && b\n', [['a', 2, 5, 6, '']]],
    [
      'several, one upon the other',
      'FROM x\n# slipway ignore=a\n# slipway ignore=b\nUSER x\n',
      [
        ['a', 2, 4, 4, ''],
        ['b', 3, 4, 4, ''],
      ],
    ],
    [
      'several at once',
      'FROM x\n# slipway ignore=a,b: c\nUSER x\n',
      [
        ['a', 2, 3, 3, 'c'],
        ['b', 2, 3, 3, 'c'],
      ],
    ],
    ['within an instruction', 'FROM x\nRUN a \\\n  # slipway ignore=a: c\n  && b\n', [['a', 3, 2, 4, 'c']]],
    ['with carriage returns', 'FROM x\r\n# slipway ignore=a: c\r\nUSER x\r\n', [['a', 2, 3, 3, 'c']]],
    ['in a here-document: they are its text', 'FROM x\nRUN <<E\n# slipway ignore=a\nE\n', []],
    ['of others', 'FROM x\n# hadolint ignore=DL3002\n# slipway is fine\nUSER x\n', []],
  ])('%s', (_, text, expected) => {
    const read = readIgnores(text);
    expect(read.problems).toEqual([]);
    expect(
      read.ignores.map(({ id, reason, from }) =>
        from.kind === 'input' ? [] : [id, from.line, from.first, from.last, reason],
      ),
    ).toEqual(expected);
  });

  test.each([
    ['FROM x\n# slipway ignore=a\n', 'line 2 ignores a finding, and no instruction stands below it'],
    ['FROM x\n# slipway ignore=\nUSER x\n', 'line 2 ignores nothing: "" is neither `id` nor'],
    ['FROM x\n# slipway ignore=a: /../x\nUSER x\n', 'line 2 ignores nothing: a path with'],
  ])('%j is a problem', (text, why) => {
    expect(readIgnores(text)).toEqual({ ignores: [], problems: [expect.stringContaining(why)] });
  });
});

describe('what is ignored', () => {
  const text = 'FROM x AS base\nENV A=b\nFROM base\nCOPY a /app\nCOPY b /app\nUSER x\n';
  const facts = imageFacts({ layers: [layer(undefined), layer(4), layer(5)], dockerfile: dockerfile(text) });
  /** The Dockerfile with a comment above a line. */
  const withComment = (line: number, comment: string) => {
    const lines = text.split('\n');
    lines.splice(line - 1, 0, comment);
    const layers = [layer(undefined), layer(line <= 4 ? 5 : 4), layer(line <= 5 ? 6 : 5)];
    return imageFacts({ layers, dockerfile: dockerfile(lines.join('\n')) });
  };
  const run = (one: Judged, { ignores = [] as string[], about = facts } = {}) => {
    const { results, notices } = assess([one], { facts: about, ignores: ignores.map(parseIgnore), warnings: [] });
    return { results, notices, state: results[0]?.state, spots: results[0]?.spots.map(({ detail }) => detail) };
  };

  test('is left out, with its reason', () => {
    const { results, notices } = run(judged('a', found(inImage)), { ignores: ['a: it is meant'] });
    expect(results[0]).toMatchObject({ state: 'ignored', because: 'it is meant', spots: [], ignored: 1 });
    expect(notices).toEqual([]);
  });

  test('by path leaves the others', () => {
    const seen = found(inFile('/app/a.pem', 1), inFile('/app/b.pem', 2), inFile('/app/keys/c', 2));
    expect(run(judged('a', seen), { ignores: ['a: /app/a.pem', 'a: /app/keys'] })).toMatchObject({
      ...{ state: 'open', spots: ['/app/b.pem is there'], notices: [] },
      results: [{ ignored: 2 }],
    });
  });

  test.each([
    ['a line', found(atLine(7), atLine(4)), 6, ['line 4 does it']],
    ['a file that the line made', found(inFile('/app/b', 2), inFile('/app/a', 1)), 5, ['/app/a is there']],
    ['the field that the line sets', found({ subject: { kind: 'config', field: 'User' }, detail: 'u' }), 6, []],
    ['a field set in a stage below', found({ subject: { kind: 'config', field: 'Env' }, detail: 'e' }), 2, []],
    ['a file of the base image, above FROM', found(inFile('/etc/x', 0)), 3, []],
    ['the whole image, above FROM', found(inImage), 3, []],
    [
      'a field that no line sets, above FROM',
      found({ subject: { kind: 'config', field: 'Entrypoint' }, detail: 'e' }),
      3,
      [],
    ],
  ])('by a comment is about %s', (_, seen, line, left) => {
    const about = withComment(line, '# slipway ignore=a: it is meant');
    expect(run(judged('a', seen), { about })).toMatchObject({ spots: left, notices: [] });
    expect(run(judged('b', seen), { about }).state).toBe('open');
  });

  test('by a comment elsewhere is not', () => {
    const about = withComment(6, '# slipway ignore=a');
    expect(run(judged('a', found(inFile('/app/a', 1))), { about })).toMatchObject({
      state: 'open',
      notices: ['Dockerfile:6: a has no effect: nothing of what it found is about that instruction'],
    });
  });

  test('can be what is unknown, and is no pass then', () => {
    const unknown = judged('a', { kind: 'unknown', because: 'it needs a database' });
    expect(run(unknown, { ignores: ['a: tested elsewhere'] })).toMatchObject({
      ...{ state: 'ignored', notices: [] },
      results: [{ because: 'tested elsewhere' }],
    });
    expect(run(unknown, { ignores: ['a: /app'] })).toMatchObject({ state: 'unknown', notices: [] });
  });

  test.each([
    ['that the image passes', passes, 'a', 'checks-ignore: a has no effect: the image passes it'],
    [
      'of another path',
      found(inFile('/x')),
      'a: /y',
      'checks-ignore: a has no effect: nothing of what it found is about /y',
    ],
    ['of an unknown check', passes, 'zzz', 'checks-ignore: there is no check zzz'],
    [
      'of BuildKit’s without a warning',
      passes,
      'FromAsCasing',
      'checks-ignore: FromAsCasing has no effect: BuildKit does not warn of it',
    ],
  ])('without effect, %s, is told', (_, answer, ignore, notice) => {
    expect(run(judged('a', answer), { ignores: [ignore] }).notices).toEqual([notice]);
  });

  test('with a typing error is told with what was meant', () => {
    expect(run(judged('runs-as-root', passes), { ignores: ['run-as-root'] }).notices).toEqual([
      'checks-ignore: there is no check run-as-root: did you mean runs-as-root?',
    ]);
  });

  test('says nothing where the question was not answered', () => {
    expect(run(judged('a', { kind: 'not-applicable', because: 'no probes ran' }), { ignores: ['a'] }).notices).toEqual(
      [],
    );
    const nothingBuilt = assess([], { facts, ignores: [parseIgnore('FromAsCasing')], warnings: undefined });
    expect(nothingBuilt.notices).toEqual([]);
  });
});

describe('BuildKit’s warnings', () => {
  const warn = (text: string, line: number) => ({
    text,
    url: 'https://docs.docker.com/x/',
    place: { file: 'Dockerfile', line },
  });
  const warnings = [
    warn('FromAsCasing: casing', 1),
    warn('JSONArgsRecommended: one', 3),
    warn('JSONArgsRecommended: two', 4),
    warn('no name', 5),
  ];

  test('are findings among the others, one for each check', () => {
    const { results } = assess([judged('a', passes)], { facts: imageFacts(), ignores: [], warnings });
    expect(results.map(({ check, spots }) => [check.id, check.severity, spots.map(({ detail }) => detail)])).toEqual([
      ['a', 'medium', []],
      ['FromAsCasing', 'info', ['casing']],
      ['JSONArgsRecommended', 'medium', ['one', 'two']],
      ['BuildKit', 'low', ['no name']],
    ]);
  });

  test('are ignored like them', () => {
    const text = 'FROM x\n# slipway ignore=JSONArgsRecommended: a shell is meant\nCMD a\n';
    const { results, notices } = assess([], {
      ...{ facts: imageFacts({ dockerfile: dockerfile(text) }), warnings },
      ignores: [parseIgnore('FromAsCasing')],
    });
    expect(results.map(({ check, state, ignored }) => [check.id, state, ignored])).toEqual([
      ['FromAsCasing', 'ignored', 1],
      ['JSONArgsRecommended', 'open', 1],
      ['BuildKit', 'open', 0],
    ]);
    expect(notices).toEqual([]);
  });
});
