import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/audit/assess.ts';
import { planAnnotations } from '../../src/report/annotations.ts';
import { renderCheckLog } from '../../src/report/check-log.ts';
import { renderSarif } from '../../src/report/sarif.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { assessment, dockerfile, found, imageFacts, inFile, judged, layer, result, spot } from '../support/checks.ts';
import { facts, image } from '../support/facts.ts';
import { sarifProblems } from '../support/sarif-schema.ts';

const about = {
  home: 'https://github.com/acme/slipway/blob/v1',
  image: 'ghcr.io/acme/app',
  dockerfile: 'docker/Dockerfile',
};

interface Log {
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri?: string }[] };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly locations: readonly [
          {
            readonly physicalLocation: {
              readonly artifactLocation: { readonly uri: string };
              readonly region: { readonly startLine: number };
            };
          },
        ];
      }[];
    },
  ];
}

const sarif = (results: Parameters<typeof assessment>[0]): Log =>
  JSON.parse(renderSarif(assessment(results), about)) as Log;

describe('the SARIF file', () => {
  const buildkit = {
    id: 'FromAsCasing',
    by: 'buildkit',
    severity: 'low',
    why: '',
    remedy: '',
    page: 'https://docs.docker.com/x/',
  } as const;
  const all = sarif([
    result('passed'),
    result('low', { state: 'open', check: buildkit }),
    result('high', {
      state: 'open',
      check: { severity: 'high' },
      spots: [spot({ place: undefined }), spot({ key: 'b' })],
    }),
    result('left', { state: 'ignored', because: 'x' }),
    result('unknown', { state: 'unknown', because: 'x' }),
  ]);
  const [{ results, tool }] = all.runs;

  test('is SARIF 2.1.0', () => {
    expect(sarifProblems(all)).toEqual([]);
    expect(sarifProblems({ ...all, version: '2.0.0' })).not.toEqual([]);
    expect(sarifProblems(sarif([]))).toEqual([]);
    expect(sarifProblems(JSON.parse(renderSarif(assessment([]), { ...about, home: '' })))).toEqual([]);
  });

  test('has what is open, the worst first, with the levels of SARIF', () => {
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['high', 'error'],
      ['high', 'error'],
      ['FromAsCasing', 'note'],
    ]);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('leads to the page about a check', () => {
    expect(tool.driver.rules.map(({ helpUri }) => helpUri)).toEqual([
      'https://github.com/acme/slipway/blob/v1/docs/checks/passed.md',
      'https://docs.docker.com/x/',
      ...['high', 'left', 'unknown'].map((id) => `https://github.com/acme/slipway/blob/v1/docs/checks/${id}.md`),
    ]);
  });

  test('places what has no line at the Dockerfile’s first', () => {
    expect(
      results.map(({ locations: [{ physicalLocation: at }] }) => [at.artifactLocation.uri, at.region.startLine]),
    ).toEqual([
      ['docker/Dockerfile', 1],
      ['Dockerfile', 3],
      ['Dockerfile', 3],
    ]);
  });

  test('is SARIF whatever stands in a finding', () => {
    for (const text of [
      'a b',
      '../x',
      'C:\\x',
      '%zz',
      '\u0000\u202e',
      'ä/#?',
      '`',
      '<x>',
      '\ud800',
      '',
      'https://x/[\ud800 y',
      'https://[',
    ])
      expect(
        sarifProblems(
          sarif([
            result('x', {
              ...{ state: 'open', check: { page: text, by: 'buildkit', title: text, why: text, remedy: text } },
              spots: [
                {
                  subject: { kind: 'file', path: text, layer: 0 },
                  detail: text,
                  place: { file: text, line: 0 },
                  key: text,
                },
              ],
            }),
          ]),
        ),
      ).toEqual([]);
  });

  describe('knows a finding again', () => {
    const prints = (text: string, layers: readonly number[], files: readonly string[]): readonly string[] => {
      const about = imageFacts({ dockerfile: dockerfile(text), layers: layers.map(layer) });
      const line = 1 + text.split('\n').findIndex((one) => one.startsWith('RUN'));
      const seen = found(
        { subject: { kind: 'line', line }, detail: `line ${line}` },
        { subject: { kind: 'config', field: 'User' }, detail: 'root' },
        ...files.map((path) => inFile(path, layers.length - 1)),
      );
      const warning = { text: 'JSONArgsRecommended: x', url: '', place: { file: 'Dockerfile', line } };
      const { results } = assess([judged('a', seen)], { facts: about, ignores: [], warnings: [warning] });
      return sarif(results).runs[0].results.map((one) => one.partialFingerprints['primaryLocationLineHash'] ?? '');
    };
    const before = prints('FROM x\nRUN a \\\n  && b\nCOPY . /app\n', [2, 4], ['/app/a', '/app/b']);

    test('after other lines and layers came above it', () => {
      const after = prints(
        '# more\nFROM x\nENV A=b\nRUN a \\\n    && b\n\nRUN c\nCOPY . /app\n',
        [4, 7, 8],
        ['/app/a', '/app/b'],
      );
      expect(after).toEqual(before);
    });

    test('and not another one', () => {
      expect(new Set(before).size).toBe(before.length);
      const after = prints('FROM x\nRUN a && c\nCOPY . /app\n', [2, 3], ['/app/a', '/app/c']);
      expect(after.map((one) => before.includes(one))).toEqual([false, true, true, false, false]);
    });
  });
});

describe('annotations', () => {
  const open = (id: string, severity: 'high' | 'medium' | 'low' | 'info') =>
    result(id, { state: 'open', check: { severity, remedy: '' } });

  test('are the worst ten, and count the rest', () => {
    const results = [
      ...Array.from({ length: 12 }, (_, at) => open(`m${at}`, 'medium')),
      open('hint', 'info'),
      open('h', 'high'),
    ];
    const planned = planAnnotations({ ...facts(), audit: assessment(results) });
    expect(planned).toHaveLength(10);
    expect(planned[0]).toEqual({
      ...{ level: 'warning', title: 'high: The image has h', message: 'it is so' },
      ...{ file: 'Dockerfile', line: 3 },
    });
    expect(planned.at(-1)?.message).toBe('it is so\n(3 more findings; the job’s summary has them)');
  });

  test('have a line, and BuildKit’s warnings once', () => {
    const warnings = [{ text: 'FromAsCasing: x', url: '', place: { file: 'Dockerfile', line: 1 } }];
    const run = { ...facts(), image: { ...image, warnings } };
    const results = [
      result('a', { state: 'open', spots: [spot({ place: undefined })] }),
      result('b', { state: 'ignored' }),
    ];
    expect(planAnnotations({ ...run, audit: assessment(results) })).toEqual([]);
    expect(planAnnotations(run)).toHaveLength(1);
    expect(renderSummary({ ...run, audit: assessment(results) })).not.toContain('FromAsCasing');
    expect(renderSummary(run)).toContain('FromAsCasing');
  });
});

describe('the log', () => {
  const lines = renderCheckLog(
    assessment(
      [
        result('p', { check: { stride: 'working' } }),
        result('a', { state: 'open', check: { severity: 'high', remedy: 'USER x\nRUN y' }, ignored: 1 }),
        result('u', { state: 'unknown', because: 'nothing\u001b[31m\nran' }),
        result('g', { state: 'ignored', because: 'it is meant' }),
        result('n', { state: 'not-applicable', because: 'there is no Python' }),
      ],
      ['checks-ignore: there is no check x'],
    ),
  );

  test('has score, findings with a way out, and what was not looked at', () => {
    expect(lines).toEqual([
      'Working        1 of 1',
      'Secure         0 of 2    1 high, 1 unknown',
      ...['Automated', 'Debuggable', 'Operable', 'Reproducible', 'Fast to build', 'Small'].map(
        (one) => `${one.padEnd(13)}  -`,
      ),
      'good as far as working; the next step is secure',
      'next: a: The image has a',
      '',
      'high    a: The image has a',
      '        it is so (Dockerfile:3)',
      '        … 1 more, 1 of them ignored',
      '        -> USER x',
      '           RUN y',
      ...['', 'ignored:', '        it is meant: g'],
      ...['', 'could not be found out:', '        nothing ran: u'],
      ...['', 'not applicable:', '        there is no Python: n'],
      ...['', 'checks-ignore: there is no check x'],
    ]);
  });
});
