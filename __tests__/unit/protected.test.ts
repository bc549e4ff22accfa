import { describe, expect, test } from '@jest/globals';
import { parseTag } from '../../src/model/tag.ts';
import { extraTagProblems, matchesGlob, protectionOf } from '../../src/plan/protected.ts';

describe('globs', () => {
  test.each<[text: string, glob: string, matches: boolean]>([
    ['prod', 'prod', true],
    ['prod', 'Prod', false],
    ['prod-eu', 'prod', false],
    ['prod-eu', 'prod*', true],
    ['prod', 'prod*', true],
    ['eu-prod', '*prod', true],
    ['v1', 'v?', true],
    ['v', 'v?', false],
    ['v12', 'v?', false],
    ['axbxc', 'a*b*c', true],
    ['abcb', '*b', true],
    ['abcbd', '*b', false],
    ['a.b', 'a.b', true],
    ['axb', 'a.b', false],
    ['[a]', '[a]', true],
    ['a', '[a]', false],
    ['', '*', true],
    ['', '', true],
    ['x', '', false],
    ['x', '**', true],
    ['aab', '*ab', true],
  ])('%j and %j', (text, glob, matches) => expect(matchesGlob(text, glob)).toBe(matches));

  test('many stars on a long text end at once', () => {
    const before = performance.now();
    expect(matchesGlob('a'.repeat(5_000), `${'a*'.repeat(500)}b`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('protected tags', () => {
  const policy = {
    productionBranch: 'develop',
    productionTag: parseTag('develop'),
    extraTags: ['stable'],
    protectedTags: ['Prod*'],
  };
  test.each<[tag: string, rule: string | undefined]>([
    ['develop', 'production branch'],
    ['DEVELOP', 'production branch'],
    ['stable', 'extra tag'],
    ['Stable', 'extra tag'],
    ['main', 'main'],
    ['Master', 'master'],
    ['production', 'Prod*'],
    ['feature', undefined],
    ['main-x', undefined],
    ['constructor', undefined],
  ])('%s', (tag, rule) => {
    const found = protectionOf(tag, policy);
    expect(found === undefined ? undefined : rule !== undefined && found.includes(rule)).toBe(
      rule === undefined ? undefined : true,
    );
  });
});

describe('extra tags', () => {
  test.each(['stable', 'edge', 'nightly-2', 'x_1', 'main-stable'])('%s may be one', (tag) =>
    expect(extraTagProblems([tag], parseTag('main'))).toEqual([]),
  );
  test.each([
    'latest',
    'Latest',
    'latest-x',
    'main',
    'MAIN',
    'sha-x',
    'tag-x',
    'cache-main',
    'pr-7',
    '1.4',
    'v1',
    '1.4.2',
    'x-0123456789abcdef',
    'a b',
    'a,b',
    '-x',
    '',
    'x'.repeat(129),
  ])('%j may not', (tag) => {
    const [problem, ...more] = extraTagProblems([tag], parseTag('main'));
    expect(problem).toContain(`extra-tags: ${JSON.stringify(tag)}`);
    expect(more).toEqual([]);
  });
});
