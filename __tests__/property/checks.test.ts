import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/audit/assess.ts';
import type { Assessment } from '../../src/audit/assessment.ts';
import type { Severity } from '../../src/audit/finding.ts';
import { planHold, severities } from '../../src/audit/hold.ts';
import { readIgnores } from '../../src/audit/ignore.ts';
import { planScore, strides } from '../../src/audit/score.ts';
import { parseIgnore } from '../../src/model/ignore.ts';
import { atLine, dockerfile, found, imageFacts, inFile, inImage, judged, layer, passes } from '../support/checks.ts';

const sighting = fc.oneof(
  fc.integer({ min: -1, max: 9 }).map(atLine),
  fc
    .tuple(fc.constantFrom('/app/a', '/app/b.pem', '/etc/x'), fc.integer({ min: -1, max: 3 }))
    .map(([path, at]) => inFile(path, at)),
  fc.constantFrom(inImage, { subject: { kind: 'config' as const, field: 'User' }, detail: 'u' }),
);
const answer = fc.oneof(
  fc.constant(passes),
  fc.array(sighting, { minLength: 1, maxLength: 4 }).map((seen) => found(...seen)),
  fc.constantFrom({ kind: 'unknown' as const, because: 'x' }, { kind: 'not-applicable' as const, because: 'y' }),
);
const severity = fc.constantFrom<Severity>(...severities);
const judgement = fc
  .record({ id: fc.constantFrom('a', 'b', 'c', 'd'), answer, severity, stride: fc.constantFrom(...strides) })
  .map(({ id, answer: one, ...more }) => judged(id, one, more));
const warning = fc
  .record({
    id: fc.constantFrom('JSONArgsRecommended: x', 'FromAsCasing: y', 'New: z', 'none'),
    line: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ id, line }) => ({ text: id, url: '', place: { file: 'Dockerfile', line } }));
const ignore = fc.constantFrom('a', 'b: why', 'a: /app/**', 'c: /etc/x why', 'FromAsCasing', 'none').map(parseIgnore);
const comment = fc.constantFrom('', '', '# slipway ignore=a', '# slipway ignore=b,c: why', '# slipway ignore=');
const text = fc.tuple(comment, comment, comment).map(([a, b, c]) => `${a}\nFROM x\n${b}\nCOPY a /app\n${c}\nUSER x\n`);
const run = fc.record({
  list: fc.uniqueArray(judgement, { selector: ({ rule }) => rule.id, maxLength: 4 }),
  warnings: fc.array(warning, { maxLength: 3 }),
  ignores: fc.array(ignore, { maxLength: 3 }),
  text,
});
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function assessRun({ list, warnings, ignores, text: file }: Run): Assessment {
  const facts = imageFacts({ dockerfile: dockerfile(file), layers: [layer(undefined), layer(4), layer(6)] });
  return assess(list, { facts, ignores, warnings });
}

describe('a hold', () => {
  const at = fc.constantFrom('high' as const, 'medium' as const, 'low' as const);

  test('never turns into ship because there is one finding more', () => {
    fc.assert(
      fc.property(run, at, fc.integer({ min: 0, max: 3 }), sighting, (one, level, which, more) => {
        const before = planHold(assessRun(one), level);
        const list = one.list.map((each, index) => {
          if (index !== which) return each;
          const seen = each.answer.kind === 'found' ? each.answer.sightings : [];
          return { ...each, answer: found(...seen, more) };
        });
        const other = judged('e', found(more), { severity: 'low' });
        for (const after of [
          { ...one, list },
          { ...one, list: [...one.list, other] },
        ])
          if (before.kind === 'hold') expect(planHold(assessRun(after), level).kind).toBe('hold');
      }),
    );
  });

  test('never turns into ship because BuildKit warns of more, the level is lower or less is ignored', () => {
    fc.assert(
      fc.property(run, warning, (one, more) => {
        const kind = (changed: Run, level: 'high' | 'medium' | 'low') => planHold(assessRun(changed), level).kind;
        for (const [level, lower] of [
          ['high', 'medium'],
          ['medium', 'low'],
          ['low', 'low'],
        ] as const) {
          if (kind(one, level) !== 'hold') continue;
          expect(kind(one, lower)).toBe('hold');
          expect(kind({ ...one, warnings: [...one.warnings, more] }, level)).toBe('hold');
          expect(kind({ ...one, ignores: one.ignores.slice(1) }, level)).toBe('hold');
        }
      }),
    );
  });
});

test('the score counts every check that is asked, and as passed only what passed', () => {
  fc.assert(
    fc.property(run, (one) => {
      const { results } = assessRun(one);
      const score = planScore(results);
      const passed = results.filter(({ state, check }) => state === 'passed' && check.severity !== 'info');
      expect(score.strides.reduce((sum, each) => sum + each.passed, 0)).toBe(passed.length);
      for (const { passed: good, asked, unknown, open } of score.strides) {
        const counted = open.filter(({ check }) => check.severity !== 'info').length;
        expect(asked).toBe(good + unknown + counted);
      }
      expect(score.next === undefined).toBe(results.every(({ state }) => state !== 'open'));
    }),
  );
});

test('nothing that is found gets lost: it is open or counted as ignored', () => {
  fc.assert(
    fc.property(run, (one) => {
      const { results } = assessRun(one);
      for (const [index, { answer: said }] of one.list.entries()) {
        const { spots, ignored, state } = results[index] ?? { spots: [], ignored: 0, state: 'passed' };
        expect(spots.length + ignored).toBe(said.kind === 'found' ? said.sightings.length : 0);
        expect(state === 'open').toBe(spots.length > 0);
      }
    }),
  );
});

test('any text is read as a Dockerfile without an error', () => {
  const line = fc.constantFrom(
    '# slipway ignore=a',
    '# slipway ignore=',
    'FROM x',
    'RUN <<E',
    'E',
    'RUN a \\',
    '#',
    'ONBUILD',
    '\\',
    '',
    'from',
    '# escape=`',
    '\u0000',
  );
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(line).map((lines) => lines.join('\n')),
  );
  fc.assert(
    fc.property(any, fc.option(fc.string(), { nil: undefined }), (file, target) => {
      readIgnores(file);
      const facts = imageFacts({ dockerfile: dockerfile(file, target), layers: [layer(1)] });
      assess([judged('a', found(inImage, inFile('/x'), atLine(1)))], { facts, ignores: [], warnings: [] });
    }),
    { numRuns: 500 },
  );
});
