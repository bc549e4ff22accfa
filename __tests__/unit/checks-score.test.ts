import { describe, expect, test } from '@jest/globals';
import { explainHold, planHold } from '../../src/audit/hold.ts';
import { planScore } from '../../src/audit/score.ts';
import { assessment, result, spot } from '../support/checks.ts';

const open = (
  id: string,
  severity: 'high' | 'medium' | 'low' | 'info',
  stride: 'working' | 'secure' | 'small' = 'secure',
) => result(id, { state: 'open', check: { severity, stride } });

describe('what holds an image', () => {
  const all = assessment([open('i', 'info'), open('l', 'low'), open('m', 'medium'), open('h', 'high')]);

  test.each([
    ['high', ['h']],
    ['medium', ['h', 'm']],
    ['low', ['h', 'm', 'l']],
  ] as const)('at %s', (at, expected) => {
    const hold = planHold(all, at);
    expect(hold.kind === 'hold' ? hold.results.map(({ check }) => check.id) : []).toEqual(expected);
  });

  test('is nothing where nothing may', () => {
    expect(planHold(all, undefined)).toEqual({ kind: 'ship' });
  });

  test.each(['passed', 'ignored', 'unknown', 'not-applicable'] as const)('is nothing that is %s', (state) => {
    expect(planHold(assessment([result('a', { state, check: { severity: 'high' } })]), 'low')).toEqual({
      kind: 'ship',
    });
  });

  test('is told with what, where and the ways out', () => {
    const many = Array.from({ length: 12 }, (_, at) => open(`a${at}`, 'high'));
    const hold = planHold(
      assessment([result('x', { state: 'open', spots: [spot(), spot({ place: undefined })] }), ...many]),
      'medium',
    );
    if (hold.kind !== 'hold') throw new Error('it ships');
    const { code, message, hint } = explainHold(hold);
    expect(code).toBe('checks-failed');
    expect(message.split('\n').slice(0, 2)).toEqual([
      '`checks: medium` holds the image for 13 findings:',
      '  - high: a0: The image has a0: it is so (Dockerfile:3)',
    ]);
    expect(message).toMatch(/\n {2}- … 3 more$/);
    expect(hint).toContain('checks-ignore');
  });
});

describe('the score', () => {
  const { strides, reached, next } = planScore([
    open('s-low', 'low', 'working'),
    ...[result('p1'), result('p2'), open('m1', 'medium'), open('h1', 'high'), open('hint', 'info')],
    result('u', { state: 'unknown', because: 'no probes' }),
    result('g', { state: 'ignored' }),
    result('n', { state: 'not-applicable' }),
    open('h2', 'high', 'small'),
  ]);
  const secure = strides.find(({ stride }) => stride === 'secure');

  test('has the eight steps in order', () => {
    expect(strides.map(({ stride }) => stride).join(' ')).toBe(
      'working secure automated debuggable operable reproducible fast small',
    );
  });

  test('counts what is unknown as asked and not as passed, and neither hints nor what is ignored', () => {
    expect(secure).toMatchObject({ passed: 2, asked: 5, unknown: 1, ignored: 1 });
  });

  test('has the worst first', () => {
    expect(secure?.open.map(({ check }) => check.id)).toEqual(['h1', 'm1', 'hint']);
  });

  test('names the worst finding of the earliest step as next', () => {
    expect(next?.check.id).toBe('h1');
  });

  test('says how far a team has come: low findings do not keep it', () => {
    expect(reached).toBe(1);
    expect(planScore([open('a', 'low', 'working')]).reached).toBe(8);
  });
});
