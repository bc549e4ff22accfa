import { describe, expect, test } from '@jest/globals';
import type { GitContext } from '../../src/model/git-context.ts';
import { parseGitRef } from '../../src/model/git-ref.ts';
import type { Version } from '../../src/model/version.ts';
import { authorize } from '../../src/plan/authorize.ts';
import type { KnownVersions, TagPolicy } from '../../src/plan/tag-plan.ts';
import { planVersionQuestion, versionsOfGitTags, versionsOfRegistryTags } from '../../src/plan/version-question.ts';
import {
  clean,
  commitA,
  commitB,
  names,
  noVersions,
  planOf,
  policy,
  published,
  pull,
  push,
  rules,
  runOf,
} from '../support/oracle-runs.ts';
import { known } from '../support/versions.ts';

const sha = `sha-${'a'.repeat(12)}`;
const unknown: KnownVersions = { kind: 'unknown', reason: 'timeout' };
const main = runOf(push('refs/heads/main'));
const tagged = (tag: string) => runOf(push(`refs/tags/${tag}`));

type Row = [
  name: string,
  git: GitContext,
  parts: Partial<TagPolicy>,
  known: KnownVersions,
  own: string,
  tags: string[],
];

describe('tags of a run', () => {
  test.each<Row>([
    ['main', main, {}, noVersions, 'main', [sha, 'main', 'latest']],
    ['main with a release', main, {}, known('1.0.0'), 'main', [sha, 'main']],
    ['main with a pre-release', main, {}, known('1.0.0-rc.1'), 'main', [sha, 'main', 'latest']],
    ['main, versions off', main, { versions: 'none' }, known('1.0.0'), 'main', [sha, 'main', 'latest']],
    [
      'main, latest: production-branch',
      main,
      { latest: 'production-branch' },
      unknown,
      'main',
      [sha, 'main', 'latest'],
    ],
    ['main, latest: release', main, { latest: 'release' }, noVersions, 'main', [sha, 'main']],
    ['main, latest: never', main, { latest: 'never' }, noVersions, 'main', [sha, 'main']],
    ['main, nobody knows', main, {}, unknown, 'main', [sha, 'main']],
    [
      'main with extra tags',
      main,
      { extraTags: ['stable', 'stable', 'x'], latest: 'never' },
      noVersions,
      'main',
      [sha, 'main', 'stable', 'x'],
    ],
    [
      'dispatch on main',
      runOf({ kind: 'workflow-dispatch', ref: main.event.ref }),
      {},
      noVersions,
      'main',
      [sha, 'main', 'latest'],
    ],
    ['version', tagged('v1.4.2'), {}, noVersions, '1.4.2', [sha, '1.4.2', '1.4', '1', 'latest']],
    [
      'version with extra tags',
      tagged('1.4.2'),
      { extraTags: ['stable'] },
      noVersions,
      '1.4.2',
      [sha, '1.4.2', '1.4', '1', 'stable', 'latest'],
    ],
    ['version that is there', tagged('v1.4.2'), {}, known('1.4.2'), '1.4.2', [sha, '1.4.2', '1.4', '1', 'latest']],
    ['higher patch', tagged('v1.4.2'), { extraTags: ['stable'] }, known('1.4.3'), '1.4.2', [sha, '1.4.2']],
    ['higher minor', tagged('v1.4.2'), {}, known('1.5.0'), '1.4.2', [sha, '1.4.2', '1.4']],
    ['higher major', tagged('v1.4.2'), {}, known('2.0.0'), '1.4.2', [sha, '1.4.2', '1.4', '1']],
    ['10 is higher than 9', tagged('v1.9.0'), {}, known('1.10.0'), '1.9.0', [sha, '1.9.0', '1.9']],
    ['lower ones', tagged('v1.4.2'), {}, known('1.4.1', '0.9.0'), '1.4.2', [sha, '1.4.2', '1.4', '1', 'latest']],
    ['a higher pre-release', tagged('v1.4.2'), {}, known('1.5.0-rc.1'), '1.4.2', [sha, '1.4.2', '1.4', '1', 'latest']],
    [
      'version, latest: production-branch',
      tagged('v1.4.2'),
      { latest: 'production-branch' },
      noVersions,
      '1.4.2',
      [sha, '1.4.2', '1.4', '1'],
    ],
    ['version, latest: never', tagged('v1.4.2'), { latest: 'never' }, noVersions, '1.4.2', [sha, '1.4.2', '1.4', '1']],
    ['version, nobody knows', tagged('v1.4.2'), { extraTags: ['stable'] }, unknown, '1.4.2', [sha, '1.4.2']],
    ['pre-release', tagged('v2.0.0-rc.1'), { extraTags: ['stable'] }, noVersions, '2.0.0-rc.1', [sha, '2.0.0-rc.1']],
    [
      'release event',
      runOf(published('v1.4.2', 'release')),
      {},
      noVersions,
      '1.4.2',
      [sha, '1.4.2', '1.4', '1', 'latest'],
    ],
    [
      'release event that is called a pre-release',
      runOf(published('v1.4.2', 'prerelease')),
      {},
      noVersions,
      '1.4.2',
      [sha, '1.4.2'],
    ],
    ['Python', tagged('v1.4'), { versions: 'pep440' }, noVersions, '1.4.0', [sha, '1.4.0', '1.4', '1', 'latest']],
    ['Python’s pre-release', tagged('1.4rc1'), { versions: 'pep440' }, noVersions, '1.4.0rc1', [sha, '1.4.0rc1']],
    [
      'Python, too long for semver',
      tagged('1.4.2.1'),
      { versions: 'pep440' },
      noVersions,
      '1.4.2.1',
      [sha, '1.4.2.1', '1.4', '1', 'latest'],
    ],
    [
      'prefix',
      tagged('api-v1.2.3'),
      { versionPrefix: 'api-' },
      noVersions,
      '1.2.3',
      [sha, '1.2.3', '1.2', '1', 'latest'],
    ],
    ['another line’s git tag', tagged('web-v1.2.3'), { versionPrefix: 'api-' }, noVersions, 'tag-web-v1.2.3', []],
    ['a word', tagged('nightly'), { extraTags: ['stable'] }, noVersions, 'tag-nightly', [sha, 'tag-nightly']],
    ['versions off', tagged('v1.4.2'), { versions: 'none' }, noVersions, 'tag-v1.4.2', [sha, 'tag-v1.4.2']],
    ['a git tag called latest', tagged('latest'), {}, noVersions, 'tag-latest', [sha, 'tag-latest']],
    ['a git tag called main', tagged('main'), {}, noVersions, 'tag-main', [sha, 'tag-main']],
    ['a git tag with a slash', tagged('api/v1'), {}, noVersions, 'tag-api--v1', [sha, 'tag-api--v1']],
    ['branch', runOf(push('refs/heads/feature/x')), { extraTags: ['stable'] }, unknown, 'feature--x', ['feature--x']],
    ['pull request', runOf(pull('feature/x')), {}, unknown, 'pr-7', ['pr-7', 'feature--x']],
    ['pull request from main', runOf(pull('main')), {}, noVersions, 'pr-7', ['pr-7']],
    ['pull request from bytes that are no UTF-8', runOf(pull('x\ufffd')), {}, noVersions, 'pr-7', ['pr-7']],
    ['pull request where pr-* is protected', runOf(pull('x')), { protectedTags: ['pr-*'] }, noVersions, 'pr-7', ['x']],
    ['fork', runOf(pull('x', { sameRepository: false })), {}, noVersions, 'pr-7', []],
    ['fork’s own main', runOf(pull('main', { sameRepository: false })), {}, noVersions, 'pr-7', []],
    ['closed', runOf(pull('x', { action: 'closed' })), {}, noVersions, 'pr-7', []],
    [
      'Dependabot’s push',
      runOf(push('refs/heads/dependabot/x'), { actor: 'dependabot[bot]' }),
      {},
      noVersions,
      'dependabot--x',
      [],
    ],
    [
      'Dependabot’s push of a bad version',
      runOf(push('refs/tags/v1.0.0+b'), { actor: 'dependabot[bot]' }),
      {},
      noVersions,
      expect.stringMatching(/^tag-v1\.0\.0-b-/) as unknown as string,
      [],
    ],
    [
      'merge queue',
      runOf(push('refs/heads/gh-readonly-queue/main/pr-1')),
      {},
      noVersions,
      'gh-readonly-queue--main--pr-1',
      [],
    ],
    [
      'an unlisted event on a pull ref of no number',
      runOf({ kind: 'other', name: 'x', ref: parseGitRef('refs/pull/x') }),
      {},
      noVersions,
      expect.stringMatching(/^ref-refs-pull-x-[0-9a-f]{16}$/) as unknown as string,
      [],
    ],
    [
      'an unlisted event on no full ref',
      runOf({ kind: 'other', name: 'x', ref: parseGitRef('main') }),
      {},
      noVersions,
      expect.stringMatching(/^ref-main-[0-9a-f]{16}$/) as unknown as string,
      [],
    ],
    [
      'an unlisted event',
      runOf({ kind: 'other', name: 'pull_request_review', ref: runOf(pull('x')).event.ref }),
      {},
      noVersions,
      'pr-7',
      [],
    ],
  ])('%s', (_, git, parts, versions, own, tags) => {
    const plan = planOf(git, parts, versions);
    expect([plan.own, names(plan)]).toEqual([own, tags]);
    expect(plan.first).toBe(tags[0]);
  });
});

describe('what a plan says beside its tags', () => {
  test('kinds and movement of a version', () => {
    const plan = planOf(tagged('v1.4.2'), { extraTags: ['stable'] }, known('1.5.0'));
    expect(plan.tags).toEqual([
      { name: sha, kind: 'fixed', moves: 'never' },
      { name: '1.4.2', kind: 'fixed', moves: 'never' },
      { name: '1.4', kind: 'line', moves: 'by-version' },
    ]);
    expect(plan.superseded).toEqual(['1', 'stable', 'latest'].map((tag) => ({ tag, by: '1.5.0' })));
    expect([plan.commitTag, plan.versionTag, plan.refused]).toEqual([sha, '1.4.2', []]);
  });
  test('kinds and movement on main', () => {
    const plan = planOf(main, { extraTags: ['stable'] });
    expect(plan.tags.map(({ kind, moves }) => `${kind} ${moves}`)).toEqual([
      'fixed never',
      'own by-ref',
      'extra by-ref',
      'latest by-ref',
    ]);
    expect([plan.commitTag, plan.versionTag, plan.version]).toEqual([sha, undefined, undefined]);
  });
  test('tags of a pull request follow its head branch and head commit', () => {
    expect(planOf(runOf(pull('feature/x'))).follows).toEqual({
      ref: 'refs/heads/feature/x',
      commit: commitB,
      merged: true,
      mendable: false,
    });
    expect(planOf(main).follows).toEqual({
      ref: 'refs/heads/main',
      commit: commitA,
      merged: false,
      mendable: true,
    });
    expect(planOf(tagged('nightly')).follows).toEqual({
      ref: 'refs/tags/nightly',
      commit: commitA,
      merged: false,
      mendable: true,
    });
  });
  test('the fixed tag names the commit that is checked out', () => {
    const git = runOf(push('refs/heads/main'), {
      checkout: { ...clean, head: commitB },
      remoteHead: { kind: 'known', commit: commitB },
    });
    expect(planOf(git).commitTag).toBe(`sha-${'b'.repeat(12)}`);
  });
  test.each<[name: string, git: GitContext, parts: Partial<TagPolicy>, versions: KnownVersions, refused: string[]]>([
    ['extra tags on a branch', runOf(push('refs/heads/x')), { extraTags: ['stable'] }, noVersions, ['stable']],
    [
      'extra tags on a fork',
      runOf(pull('x', { sameRepository: false })),
      { extraTags: ['a', 'b'] },
      noVersions,
      ['a', 'b'],
    ],
    ['extra tags of a pre-release', tagged('v1.0.0-rc.1'), { extraTags: ['stable'] }, noVersions, ['stable']],
    ['extra tags of a word', tagged('nightly'), { extraTags: ['stable'] }, noVersions, ['stable']],
    ['production branch as a head', runOf(pull('main')), {}, noVersions, ['main']],
    ['protected pr-*', runOf(pull('x')), { protectedTags: ['PR-*'] }, noVersions, ['pr-7']],
    ['latest that nobody can decide', main, {}, unknown, ['latest']],
    ['lines that nobody can decide', tagged('v1.4.2'), {}, unknown, ['1.4', '1', 'latest']],
  ])('refused: %s', (_, git, parts, versions, refused) => {
    const plan = planOf(git, parts, versions);
    expect(plan.refused.map(({ tag }) => tag)).toEqual(refused);
    for (const { rule } of plan.refused) expect(rule).not.toBe('');
  });
  test('extra tags that are not written, a pre-release and another line are noticed', () => {
    expect(planOf(runOf(push('refs/heads/x')), { extraTags: ['stable'] }).notices.join()).toContain('stable');
    expect(planOf(tagged('v1.0.0-rc.1')).notices.join()).toContain('pre-release');
    expect(planOf(tagged('v1.0.0'), { versionPrefix: 'api-' }).notices.join()).toContain('"api-"');
  });
  test.each<[name: string, git: GitContext, parts: Partial<TagPolicy>, message: RegExp]>([
    ['build', tagged('v1.2.3+linux'), {}, /"v1\.2\.3\+linux".*\+build/],
    ['epoch', tagged('1!2.0'), { versions: 'pep440' }, /"1!2\.0".*epoch/],
    ['longer than a tag', tagged(`1.2.3-${'x'.repeat(123)}`), {}, /128/],
    [
      'extra tag of another kind, on a branch too',
      runOf(push('refs/heads/x')),
      { extraTags: ['pr-7'] },
      /extra-tags: "pr-7"/,
    ],
    ['two bad extra tags at once', main, { extraTags: ['v1', 'main'] }, /"v1".*\n.*"main"/],
    ['production branch', runOf(push('refs/heads/x'), { defaultBranch: 'latest' }), {}, /production-branch: "latest"/],
  ])('red: %s', (_, git, parts, message) => expect(() => planOf(git, parts)).toThrow(message));
  test('a version of 128 characters is a tag', () => {
    expect(planOf(tagged(`1.2.3-${'x'.repeat(122)}`)).own).toHaveLength(128);
  });
});

describe('what is asked of the remote', () => {
  const ask = (git: GitContext, parts: Partial<TagPolicy> = {}) =>
    planVersionQuestion({ ...policy, ...parts }, { git, rights: authorize(git, rules) });
  test.each<[name: string, git: GitContext, parts: Partial<TagPolicy>, kind: string]>([
    ['main', main, {}, 'any-release'],
    ['main, latest: release', main, { latest: 'release' }, 'none'],
    ['main, versions off', main, { versions: 'none' }, 'none'],
    ['version', tagged('v1.4.2'), {}, 'higher'],
    ['pre-release', tagged('v1.4.2-a'), {}, 'none'],
    ['release event that is called a pre-release', runOf(published('v1.4.2', 'prerelease')), {}, 'none'],
    ['word', tagged('x'), {}, 'none'],
    ['branch', runOf(push('refs/heads/v1.4.2')), {}, 'none'],
    ['pull request', runOf(pull('x')), {}, 'none'],
  ])('%s: %#', (_, git, parts, kind) => expect(ask(git, parts).kind).toBe(kind));

  const question = ask(tagged('v1.4.2'));
  const texts = (versions: readonly Version[]) => versions.map(({ release, suffix }) => release.join('.') + suffix);
  test('git tags answer, highest first', () => {
    const tags = ['v1.4.3', '1.4.3', 'v1.4.1', 'v1.10.0', 'v1.9.0', 'v2.0.0-rc.1', 'nightly', 'v1.4.2', 'v9.9.9+b'];
    expect(texts(versionsOfGitTags(question, tags, policy))).toEqual(['1.10.0', '1.9.0', '1.4.3']);
  });
  test('a number that no tag could hold was never published', () => {
    expect(versionsOfGitTags(question, [`v${'9'.repeat(130)}.0.0`], policy)).toEqual([]);
  });
  test('git tags of another line do not', () => {
    const prefixed = { ...policy, versionPrefix: 'api-' };
    expect(texts(versionsOfGitTags(question, ['v9.0.0', 'api-v2.0.0'], prefixed))).toEqual(['2.0.0']);
  });
  test('a registry answers with full versions alone', () => {
    const python: TagPolicy = { ...policy, versions: 'pep440' };
    const tags = ['1.5', '2', '1.5.0', 'v1.6.0', 'latest', '1.7.0rc1'];
    expect(texts(versionsOfRegistryTags({ kind: 'any-release' }, tags, python))).toEqual(['1.5.0']);
    expect(versionsOfRegistryTags({ kind: 'any-release' }, tags, { ...policy, versions: 'none' })).toEqual([]);
  });
  test('nothing is answered where nothing is asked', () => {
    expect(versionsOfGitTags({ kind: 'none' }, ['v1.0.0'], policy)).toEqual([]);
  });
});
