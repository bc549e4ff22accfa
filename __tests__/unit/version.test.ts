import { describe, expect, test } from '@jest/globals';
import {
  compareVersions,
  formatVersion,
  isVersionLike,
  linesOf,
  parseVersion,
  readGitTag,
  type Version,
  type VersionScheme,
} from '../../src/model/version.ts';

function versionOf(text: string, scheme: VersionScheme): Version {
  const version = parseVersion(text, scheme);
  if (version === undefined) throw new Error(`no version: ${text}`);
  return version;
}

describe('a version is read', () => {
  test.each<[name: string, scheme: VersionScheme, text: string, tag: string | undefined]>([
    ['plain', 'semver', '1.4.2', '1.4.2'],
    ['with v', 'semver', 'v1.4.2', '1.4.2'],
    ['pre-release', 'semver', 'v1.4.2-rc.1', '1.4.2-rc.1'],
    ['hyphens in the pre-release', 'semver', '1.0.0-a-b.c--d', '1.0.0-a-b.c--d'],
    ['larger than a double', 'semver', '1.99999999999999999999.0', '1.99999999999999999999.0'],
    ['two parts', 'semver', 'v1.4', undefined],
    ['four parts', 'semver', '1.2.3.4', undefined],
    ['leading zero', 'semver', '1.02.3', undefined],
    ['leading zero in a numeric identifier', 'semver', '1.2.3-01', undefined],
    ['leading zero in a text identifier', 'semver', '1.2.3-0a', '1.2.3-0a'],
    ['empty identifier', 'semver', '1.2.3-a..b', undefined],
    ['empty pre-release', 'semver', '1.2.3-', undefined],
    ['build', 'semver', '1.2.3+b', undefined],
    ['two v', 'semver', 'vv1.2.3', undefined],
    ['capital V', 'semver', 'V1.2.3', undefined],
    ['trailing newline', 'semver', '1.2.3\n', undefined],
    ['leading space', 'semver', ' 1.2.3', undefined],
    ['digits of another script', 'semver', '١.٢.٣', undefined],
    ['Python’s own style is not semver’s', 'semver', '1.2.3rc1', undefined],
    ['padded', 'pep440', '1.4', '1.4.0'],
    ['padded twice', 'pep440', '2', '2.0.0'],
    ['four parts stay', 'pep440', '1.4.2.1', '1.4.2.1'],
    ['calendar', 'pep440', 'v2026.11.05', '2026.11.5'],
    ['release candidate', 'pep440', '1.4-RC.1', '1.4.0rc1'],
    ['alpha without number', 'pep440', '1.4alpha', '1.4.0a0'],
    ['c, pre and preview', 'pep440', '1.4_preview_3', '1.4.0rc3'],
    ['post', 'pep440', '1.4.post2', '1.4.0.post2'],
    ['post by number alone', 'pep440', '1.4-2', '1.4.0.post2'],
    ['rev', 'pep440', '1.4-r4', '1.4.0.post4'],
    ['development', 'pep440', '1.4.dev3', '1.4.0.dev3'],
    ['all together', 'pep440', 'v1.4b2.post3.dev4', '1.4.0b2.post3.dev4'],
    ['epoch', 'pep440', '1!1.4', undefined],
    ['local', 'pep440', '1.4+ubuntu', undefined],
    ['semver’s hyphenated words', 'pep440', '1.4.0-foo', undefined],
    ['space around', 'pep440', ' 1.4 ', undefined],
    ['nothing', 'pep440', '', undefined],
    ['long s folds to s elsewhere', 'pep440', '1.4.po\u017ft1', undefined],
  ])('%s: %s %j', (_, scheme, text, tag) => {
    const version = parseVersion(text, scheme);
    expect(version && formatVersion(version)).toBe(tag);
  });
});

describe('versions in ascending order', () => {
  test.each<[scheme: VersionScheme, ascending: string[]]>([
    // semver.org, clause 11
    [
      'semver',
      [
        '1.0.0-alpha',
        '1.0.0-alpha.1',
        '1.0.0-alpha.beta',
        '1.0.0-beta',
        '1.0.0-beta.2',
        '1.0.0-beta.11',
        '1.0.0-rc.1',
        '1.0.0',
        '1.0.1-a',
        '1.0.1',
        '1.2.0',
        '1.10.0',
        '2.0.0',
        '10.0.0',
        '99999999999999999998.0.0',
        '99999999999999999999.0.0',
      ],
    ],
    // PEP 440, "Summary of permitted suffixes and relative ordering"
    [
      'pep440',
      [
        '1.dev0',
        '1.0.dev456',
        '1.0a1',
        '1.0a2.dev456',
        '1.0a12.dev456',
        '1.0a12',
        '1.0b1.dev456',
        '1.0b2',
        '1.0b2.post345.dev456',
        '1.0b2.post345',
        '1.0rc1.dev456',
        '1.0rc1',
        '1.0',
        '1.0.post456.dev34',
        '1.0.post456',
        '1.0.15',
        '1.1.dev1',
        '1.1',
        '1.1.0.1',
      ],
    ],
  ])('%s', (scheme, ascending) => {
    for (const [i, a] of ascending.entries())
      for (const [j, b] of ascending.entries())
        expect([a, b, Math.sign(compareVersions(versionOf(a, scheme), versionOf(b, scheme)))]).toEqual([
          a,
          b,
          Math.sign(i - j),
        ]);
  });

  test('trailing zeros make no difference to pep440', () => {
    expect(compareVersions(versionOf('1.4', 'pep440'), versionOf('1.4.0.0', 'pep440'))).toBe(0);
  });
  test('two schemes are never compared', () => {
    expect(() => compareVersions(versionOf('1.4', 'pep440'), versionOf('1.4.0', 'semver'))).toThrow('two schemes');
  });
});

describe('pre-releases and lines', () => {
  test.each<[scheme: VersionScheme, text: string, prerelease: boolean, lines: string[]]>([
    ['semver', '1.4.2', false, ['1.4', '1']],
    ['semver', '0.0.1-0', true, ['0.0', '0']],
    ['pep440', '1', false, ['1.0', '1']],
    ['pep440', '1.4.post1', false, ['1.4', '1']],
    ['pep440', '1.4rc1', true, ['1.4', '1']],
    ['pep440', '1.4.dev1', true, ['1.4', '1']],
    ['pep440', '1.4.post1.dev1', true, ['1.4', '1']],
  ])('%s %s', (scheme, text, prerelease, lines) => {
    const version = versionOf(text, scheme);
    expect([version.prerelease, linesOf(version)]).toEqual([prerelease, lines]);
  });
});

describe('version-like', () => {
  const yes =
    '1 v1 1.4 v1.4 1.4.2 v1.4.2 V1.4.2 1.4.2-rc.1 V1.4.2-RC.1 1.4rc1 1.4.post1 2026.11 1.2.3.4 01.02 2-beta 2024-01';
  const no = '123-more-cowbell 1.x v1.x release-1.4 1.4.2_1 v latest x1.4.2 1.4.2.x vv1 1..4 v-1';
  test.each(yes.split(' '))('%s is', (text) => expect(isVersionLike(text)).toBe(true));
  test.each(no.split(' '))('%s is not', (text) => expect(isVersionLike(text)).toBe(false));
});

describe('a git tag', () => {
  test.each<[name: string, versions: VersionScheme | 'none', prefix: string | undefined, tag: string, reads: string]>([
    ['version', 'semver', undefined, 'v1.4.2', 'version 1.4.2'],
    ['prefix with a hyphen', 'semver', 'api-', 'api-v1.2.3', 'version 1.2.3'],
    ['prefix with a slash', 'semver', 'api/', 'api/1.2.3', 'version 1.2.3'],
    ['without the prefix', 'semver', 'api-', 'v1.2.3', 'foreign'],
    ['prefix in capitals', 'semver', 'api-', 'API-v1.2.3', 'foreign'],
    ['prefix alone', 'semver', 'api-', 'api-', 'no-version'],
    ['prefix where versions are off', 'none', 'api-', 'web-1', 'foreign'],
    ['versions are off', 'none', undefined, 'v1.4.2', 'no-version'],
    ['a word', 'semver', undefined, 'nightly', 'no-version'],
    ['build', 'semver', undefined, 'v1.2.3+linux', 'refused'],
    ['build behind a pre-release', 'semver', undefined, 'v1.2.3-rc.1+linux', 'refused'],
    ['build behind a word', 'semver', undefined, 'c++', 'no-version'],
    ['epoch', 'pep440', undefined, '1!2.0', 'refused'],
    ['epoch behind v', 'pep440', undefined, 'v1!2.0', 'refused'],
    ['epoch and local', 'pep440', undefined, '1!2.0+x', 'refused'],
    ['epoch on semver', 'semver', undefined, '1!2.0.0', 'refused'],
    ['__proto__', 'semver', undefined, '__proto__', 'no-version'],
  ])('%s', (_, versions, versionPrefix, tag, reads) => {
    const reading = readGitTag(tag, { versions, versionPrefix });
    expect(reading.kind === 'version' ? `version ${formatVersion(reading.version)}` : reading.kind).toBe(reads);
  });
});
