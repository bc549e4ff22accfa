import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTag } from '../../src/model/tag.ts';
import { matchesGlob, type Protection } from '../../src/plan/protected.ts';
import { planGitTagTag, planOwnTag, planProductionTag } from '../../src/plan/slug.ts';
import { hostileRefs } from '../fixtures/hostile-refs.ts';
import { nameFrom, neighbourOf, randomFrom } from '../support/oracle-names.ts';

const seed = Number(process.env['SLIPWAY_SEED'] ?? 20_261_105);
const policies: readonly Protection[] = [
  { productionBranch: 'main', productionTag: parseTag('main'), extraTags: ['stable'], protectedTags: ['prod*', 'x?'] },
  { productionBranch: 'release/1', productionTag: planProductionTag('release/1'), extraTags: [], protectedTags: [] },
  { productionBranch: 'v1.4.2', productionTag: parseTag('v1.4.2'), extraTags: ['edge'], protectedTags: ['*stable'] },
];

const part = '(?!0\\d+(?:\\.|$))[0-9a-z-]+';
const semver = `(?:0|[1-9]\\d*)(?:\\.(?:0|[1-9]\\d*)){2}-${part}(?:\\.${part})*`;
const versionLike = new RegExp(`^v?(?:\\d+(?:\\.\\d+)*|${semver})$`);

/** What is wrong with a branch's own tag, told without the action's code; undefined where nothing is. */
function faultOf(name: string, tag: string, policy: Protection): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/.test(tag)) return 'illegal or longer than 96';
  if (name === policy.productionBranch) return tag === policy.productionTag ? undefined : 'production has another';
  const folded = tag.toLowerCase();
  if (['main', 'master', policy.productionTag, ...policy.extraTags].some((one) => one.toLowerCase() === folded))
    return 'protected';
  const globs = policy.protectedTags.map((one) => new RegExp(`^${one.replaceAll('*', '.*').replaceAll('?', '.')}$`));
  if (globs.some((glob) => glob.test(folded))) return 'protected by a glob';
  if (/^(sha|tag|cache|pr|latest)(-.*)?$/.test(folded)) return 'another kind';
  if (versionLike.test(folded)) return 'a version';
  return undefined;
}

function faultsOf(names: Iterable<string>, under: readonly Protection[] = policies): object[] {
  const faults: object[] = [];
  for (const policy of under)
    for (const name of names) {
      const tag = planOwnTag(name, policy);
      const fault = faultOf(name, tag, policy);
      if (fault !== undefined) faults.push({ name, tag, fault });
      const gitTag = planGitTagTag(name);
      if (!/^tag-[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/.test(gitTag)) faults.push({ name, gitTag });
    }
  return faults.slice(0, 5);
}

/** Names that share a tag. */
function clashesOf(names: Iterable<string>, tagOf: (name: string) => string): object[] {
  const owners = new Map<string, string>();
  const clashes: object[] = [];
  for (const name of names) {
    const tag = tagOf(name);
    const owner = owners.get(tag);
    if (owner !== undefined && owner !== name) clashes.push({ tag, owner, name });
    owners.set(tag, name);
  }
  return clashes.slice(0, 5);
}

describe('hostile names', () => {
  test('there are at least 1,000', () => expect(hostileRefs.length).toBeGreaterThanOrEqual(1_000));
  const refs = hostileRefs.map(({ ref }) => ref);
  test('each has a legal tag that is nobody else’s', () => {
    expect(faultsOf(refs)).toEqual([]);
    for (const policy of policies) expect(clashesOf(refs, (name) => planOwnTag(name, policy))).toEqual([]);
    expect(clashesOf(refs, planGitTagTag)).toEqual([]);
  });
  test('so have 100,000 generated ones', () => {
    const random = randomFrom(seed);
    const names = new Set<string>();
    while (names.size < 100_000) names.add(nameFrom(random));
    const [policy] = policies;
    if (policy === undefined) throw new Error('no policy');
    expect(faultsOf(names, [policy])).toEqual([]);
    expect(clashesOf(names, (name) => planOwnTag(name, policy))).toEqual([]);
    expect(clashesOf(names, planGitTagTag)).toEqual([]);
  });
});

describe('two refs never share a tag', () => {
  test('all names of up to six letters of a small alphabet', () => {
    const names = [''];
    for (let at = 0; names.length < 5 ** 6; at++) for (const letter of 'a-/.,') names.push(names[at] + letter);
    for (const policy of policies) expect(clashesOf(names, (name) => planOwnTag(name, policy))).toEqual([]);
    expect(clashesOf(names, planGitTagTag)).toEqual([]);
  });

  test(`1,000,000 pairs of near names (SLIPWAY_SEED=${seed})`, () => {
    const random = randomFrom(seed);
    const [policy] = policies;
    if (policy === undefined) throw new Error('no policy');
    const clashes: object[] = [];
    let pairs = 0;
    while (pairs < 1_000_000) {
      const name = nameFrom(random);
      const tags = [planOwnTag(name, policy), planGitTagTag(name)] as const;
      for (let round = 0; round < 8; round++) {
        const other = neighbourOf(name, tags, random);
        if (other === name) continue;
        pairs += 1;
        if (planOwnTag(other, policy) === tags[0]) clashes.push({ name, other, tag: tags[0] });
        if (round === 0 && planGitTagTag(other) === tags[1]) clashes.push({ name, other, tag: tags[1] });
      }
    }
    expect(clashes.slice(0, 5)).toEqual([]);
  }, 60_000);
});

test('any text at all has a legal tag', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      expect(faultsOf([name])).toEqual([]);
    }),
    { seed, numRuns: 2_000 },
  );
});

test('a glob means what its regular expression means', () => {
  const letters = (from: string) => fc.string({ unit: fc.constantFrom(...from), maxLength: 8 });
  fc.assert(
    fc.property(letters('ab.'), letters('ab.*?'), (text, glob) => {
      const quoted = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(text, glob)).toBe(new RegExp(`^${quoted}$`).test(text));
    }),
    { seed, numRuns: 5_000 },
  );
});
