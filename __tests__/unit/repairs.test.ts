import { describe, expect, test } from '@jest/globals';
import type { RemoteHead } from '../../src/model/git-context.ts';
import { formatVersion, type Version } from '../../src/model/version.ts';
import { planRepairs } from '../../src/plan/repairs.ts';
import type { History } from '../../src/plan/standing.ts';
import type { KnownVersions, TagPolicy } from '../../src/plan/tag-plan.ts';
import { groupCandidates, sortVersions } from '../../src/plan/version-question.ts';
import { commitA, noVersions, planOf, push, runOf } from '../support/oracle-runs.ts';
import { known, semver } from '../support/versions.ts';

function repairs(ref: string, later: KnownVersions, policy: Partial<TagPolicy> = {}): readonly string[] {
  const run = runOf(push(ref));
  const [written, now] = [planOf(run, policy, noVersions), planOf(run, policy, later)];
  return planRepairs(written, now, { known: later, standing: undefined }).map(({ tag, by }) => `${tag.name}: ${by}`);
}

describe('tags that a version published meanwhile has overtaken', () => {
  test.each<[string, string, KnownVersions, readonly string[]]>([
    ['nothing new', 'refs/tags/v1.4.0', noVersions, []],
    ['a higher patch', 'refs/tags/v1.4.0', known('1.4.1'), ['1.4: 1.4.1', '1: 1.4.1', 'latest: 1.4.1']],
    ['a higher minor', 'refs/tags/v1.4.0', known('1.5.0'), ['1: 1.5.0', 'latest: 1.5.0']],
    [
      'one in each line: each tag goes to the highest of its own',
      'refs/tags/v1.4.0',
      known('2.0.0', '1.5.0', '1.4.1'),
      ['1.4: 1.4.1', '1: 1.5.0', 'latest: 2.0.0'],
    ],
    ['a lower one', 'refs/tags/v1.4.0', known('1.3.9'), []],
    ['the first release of all, while main wrote latest', 'refs/heads/main', known('1.0.0'), ['latest: 1.0.0']],
    ['a pre-release, while main wrote latest', 'refs/heads/main', known('1.0.0-rc.1'), []],
    ['any, for a branch', 'refs/heads/topic', known('1.0.0'), []],
    ['nobody answers', 'refs/tags/v1.4.0', { kind: 'unknown', reason: 'down' }, []],
  ])('%s', (_, ref, later, expected) => {
    expect(repairs(ref, later)).toEqual(expected);
  });

  test('extra tags of a release are ordered by version, those of main follow the branch', () => {
    const policy = { extraTags: ['stable'], latest: 'never' } as const;
    expect(repairs('refs/tags/v1.4.0', known('2.0.0'), policy)).toEqual(['stable: 2.0.0']);
    expect(repairs('refs/heads/main', known('2.0.0'), policy)).toEqual([]);
  });
});

describe('tags that a commit published meanwhile has overtaken', () => {
  const [newer, newest] = ['b'.repeat(40), 'c'.repeat(40)];
  const head: RemoteHead = { kind: 'known', commit: newest };
  const way: History = { kind: 'ancestor', since: [newest, newer] };
  const shas = 'sha-cccccccccccc,sha-bbbbbbbbbbbb';

  test.each<[string, string, RemoteHead, History, readonly string[]]>([
    ['main: the newest that is published', 'refs/heads/main', head, way, [`main: ${shas}`, `latest: ${shas}`]],
    ['main, still at the head', 'refs/heads/main', { kind: 'known', commit: commitA }, way, []],
    [
      'main after a reset',
      'refs/heads/main',
      head,
      { kind: 'other' },
      ['main: sha-cccccccccccc', 'latest: sha-cccccccccccc'],
    ],
    ['main, deleted', 'refs/heads/main', { kind: 'gone' }, way, []],
    ['main, and nobody answers', 'refs/heads/main', { kind: 'unknown', reason: 'down' }, way, []],
    ['a branch has no fixed tags', 'refs/heads/topic', head, way, []],
    ['a git tag that was moved', 'refs/tags/nightly', head, way, [`tag-nightly: ${shas}`]],
  ])('%s', (_, ref, at, ahead, expected) => {
    const plan = planOf(runOf(push(ref)), {}, noVersions);
    const standing = { ...plan.follows, head: at, ahead };
    const repairs = planRepairs(plan, plan, { known: noVersions, standing });
    expect(repairs.map(({ tag, by }) => `${tag.name}: ${by}`)).toEqual(expected);
  });

  test('a release that came meanwhile has latest, whatever main did', () => {
    const plan = planOf(runOf(push('refs/heads/main')), {}, noVersions);
    const now = planOf(runOf(push('refs/heads/main')), {}, known('1.0.0'));
    const repairs = planRepairs(plan, now, { known: known('1.0.0'), standing: { ...plan.follows, head, ahead: way } });
    expect(repairs.map(({ tag, by }) => `${tag.name}: ${by}`)).toEqual([`main: ${shas}`, 'latest: 1.0.0']);
  });
});

describe('the candidates that need a look', () => {
  const texts = (groups: readonly (readonly Version[])[]) => groups.map((group) => group.map(formatVersion));

  test('a release asks for the highest of its narrow line, its wide line and of all', () => {
    const [than] = semver('1.3.9');
    if (than === undefined) throw new Error('no version');
    const higher = sortVersions(semver('1.3.10', '1.4.0', '2.0.0', '1.4.0', '1.10.0'));
    expect(texts(groupCandidates({ kind: 'higher', than }, higher))).toEqual([
      ['1.3.10'],
      ['1.10.0', '1.4.0', '1.3.10'],
      ['2.0.0', '1.10.0', '1.4.0', '1.3.10'],
    ]);
  });

  test('main asks for any, and who needs none asks for none', () => {
    expect(texts(groupCandidates({ kind: 'any-release' }, semver('2.0.0', '1.0.0')))).toEqual([['2.0.0', '1.0.0']]);
    expect(groupCandidates({ kind: 'none' }, semver('2.0.0'))).toEqual([]);
  });
});
