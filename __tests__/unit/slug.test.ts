import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isTag, parseTag } from '../../src/model/tag.ts';
import type { Protection } from '../../src/plan/protected.ts';
import { isFaithful, planGitTagTag, planOwnTag, planProductionTag } from '../../src/plan/slug.ts';

const policy: Protection = {
  productionBranch: 'main',
  productionTag: parseTag('main'),
  extraTags: ['stable'],
  protectedTags: ['prod*', 'v?'],
};

function hash(ref: string): string {
  return createHash('sha256').update(ref).digest('hex').slice(0, 16);
}

describe('a branch’s own tag', () => {
  test.each<[name: string, branch: string, tag: string]>([
    ['the production branch', 'main', 'main'],
    ['a plain name', 'fix-42', 'fix-42'],
    ['capitals stay', 'Feature_X', 'Feature_X'],
    ['a slash', 'feature/x', 'feature--x'],
    ['a full ref as a name', 'refs/heads/main', 'refs--heads--main'],
    ['three slashes', 'a/b/c/d', 'a--b--c--d'],
    ['a digit first', '123-more-cowbell', '123-more-cowbell'],
    ['an underscore first', '__proto__', '__proto__'],
    ['a hyphen last is legal', 'main-', 'main-'],
    ['a name of 96 characters', 'x'.repeat(96), 'x'.repeat(96)],
    ['`latest` inside a name', 'the-latest', 'the-latest'],
    ['`sha` before other letters', 'shark', 'shark'],
    ['15 hex at the end', 'x-0123456789abcde', 'x-0123456789abcde'],
    ['17 hex at the end', 'x-0123456789abcdef0', 'x-0123456789abcdef0'],
    ['16 hex after a dot', 'x.0123456789abcdef', 'x.0123456789abcdef'],
  ])('%s: %j', (_, branch, tag) => expect(planOwnTag(branch, policy)).toBe(tag));

  test.each<[name: string, branch: string, readable: string]>([
    ['a double hyphen', 'feature--x', 'feature--x'],
    ['a hyphen before a slash', 'a-/b', 'a--b'],
    ['a hyphen behind a slash', 'a/-b', 'a--b'],
    ['a comma', 'feature,x', 'feature-x'],
    ['a run of illegal characters', 'a, ;b', 'a-b'],
    ['one more than 96 characters', 'x'.repeat(97), 'x'.repeat(40)],
    ['96 characters that a slash makes 97', `${'x'.repeat(47)}/${'y'.repeat(48)}`, `${'x'.repeat(40)}`],
    ['nothing legal', '日本語', 'branch'],
    ['nothing', '', 'branch'],
    ['a hyphen first', '--help', 'help'],
    ['a dot first', '.x', 'x'],
    ['the shape of a hash', 'x-0123456789abcdef', 'x-0123456789abcdef'],
    ['the shape of a hash in capitals', 'x-0123456789ABCDEF', 'x-0123456789ABCDEF'],
    ['main in capitals', 'Main', 'branch-Main'],
    ['main with a byte order mark', '\ufeffmain', 'branch-main'],
    ['main with a zero width space', 'ma\u200bin', 'ma-in'],
    ['main of full width', 'ｍain', 'ain'],
    ['main behind a dollar', '$main', 'branch-main'],
    ['master, which is not production', 'master', 'branch-master'],
    ['latest', 'latest', 'branch-latest'],
    ['latest and more', 'latest-fix', 'branch-latest-fix'],
    ['LATEST', 'LATEST', 'branch-LATEST'],
    ['sha', 'sha', 'branch-sha'],
    ['a fixed tag', 'sha-0123456789ab', 'branch-sha-0123456789ab'],
    ['a fixed tag in capitals', 'SHA-0123456789AB', 'branch-SHA-0123456789AB'],
    ['a git tag’s', 'tag-v1', 'branch-tag-v1'],
    ['a slash that makes a kind', 'tag/v1', 'branch-tag-v1'],
    ['a cache', 'cache-main', 'branch-cache-main'],
    ['a slash that makes a cache', 'cache/main', 'branch-cache-main'],
    ['a pull request’s', 'pr-7', 'branch-pr-7'],
    ['a version', '1.4.2', 'branch-1.4.2'],
    ['a version with v', 'v1.4.2', 'branch-v1.4.2'],
    ['a pre-release', 'v1.4.2-rc.1', 'branch-v1.4.2-rc.1'],
    ['a line', '1.4', 'branch-1.4'],
    ['a short line', 'v1', 'branch-v1'],
    ['a Python version', '1.4rc1', 'branch-1.4rc1'],
    ['an extra tag', 'stable', 'branch-stable'],
    ['an extra tag in capitals', 'Stable', 'branch-Stable'],
    ['a glob’s', 'production', 'branch-production'],
    ['a glob’s in capitals', 'PROD', 'branch-PROD'],
    ['a slash that a glob covers', 'prod/eu', 'branch-prod-eu'],
  ])('%s is hashed: %j', (_, branch, readable) => {
    expect(planOwnTag(branch, policy)).toBe(`${readable}-${hash(`refs/heads/${branch}`)}`);
  });

  test('a glob that leaves nothing is an error that names the branch and the glob', () => {
    expect(() => planOwnTag('x', { ...policy, protectedTags: ['*'] })).toThrow(/"x".*"\*"/);
  });
  test('a glob over `branch-…` falls back to the hash alone', () => {
    const narrow = { ...policy, protectedTags: ['branch-*'] };
    expect(planOwnTag('v1', narrow)).toBe(`v1-${hash('refs/heads/v1')}`);
  });
  test('lone surrogates that UTF-8 would merge stay apart', () => {
    expect(planOwnTag('\ud800', policy)).not.toBe(planOwnTag('\ud801', policy));
  });
});

describe('the production branch’s own tag', () => {
  test.each([
    ['main', 'main'],
    ['release/1.0', 'release--1.0'],
    ['1.x', '1.x'],
    ['v1', 'v1'],
    ['pr-7', 'pr-7'],
    ['x-0123456789abcdef', 'x-0123456789abcdef'],
  ])('%s', (branch, tag) => expect(planProductionTag(branch)).toBe(tag));
  test.each(['latest', 'Latest', 'a--b', 'a/-b', '日本語', 'x'.repeat(97), '-x', '', 'a,b'])(
    '%j is an error',
    (branch) => expect(() => planProductionTag(branch)).toThrow(/production-branch/),
  );
  test('its tag is out of reach of a branch that differs in case', () => {
    const odd: Protection = { ...policy, productionBranch: 'Release/1', productionTag: planProductionTag('Release/1') };
    expect(planOwnTag('release/1', odd)).toMatch(/^release-1-[0-9a-f]{16}$/);
    expect(planOwnTag('main', odd)).toMatch(/^branch-main-[0-9a-f]{16}$/);
  });
});

describe('a git tag that is no version', () => {
  test.each<[gitTag: string, tag: string]>([
    ['nightly', 'tag-nightly'],
    ['v1.4.2', 'tag-v1.4.2'],
    ['latest', 'tag-latest'],
    ['main', 'tag-main'],
    ['pr-7', 'tag-pr-7'],
    ['api/v1', 'tag-api--v1'],
    ['x'.repeat(96), `tag-${'x'.repeat(96)}`],
    ['a,b', `tag-a-b-${hash('refs/tags/a,b')}`],
    ['日本語', `tag-tag-${hash('refs/tags/日本語')}`],
    ['-x', `tag-x-${hash('refs/tags/-x')}`],
    ['a--b', `tag-a--b-${hash('refs/tags/a--b')}`],
    ['x-0123456789abcdef', `tag-x-0123456789abcdef-${hash('refs/tags/x-0123456789abcdef')}`],
  ])('%j', (gitTag, tag) => {
    expect(planGitTagTag(gitTag)).toBe(tag);
    expect(isTag(tag)).toBe(true);
  });
});

test.each([
  ['main', true],
  ['🚀', true],
  ['bad\ufffd', false],
  ['\ud83d', false],
  ['\ude80x', false],
])('bytes that are no UTF-8 are seen: %j', (name, faithful) => expect(isFaithful(name)).toBe(faithful));
