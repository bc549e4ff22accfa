import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../src/model/digest.ts';
import type { GitContext } from '../../src/model/git-context.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseVersion, type Version } from '../../src/model/version.ts';
import { adoptionTags, type Holdings, planAdoption } from '../../src/plan/adoption.ts';
import { ourLabels } from '../../src/plan/labels.ts';
import type { TagPlan, TagPolicy } from '../../src/plan/tag-plan.ts';
import { hostileRefs } from '../fixtures/hostile-refs.ts';
import { nameFrom, randomFrom } from '../support/oracle-names.ts';
import { names, planOf, published, pull, push, runOf } from '../support/oracle-runs.ts';

const seed = Number(process.env['SLIPWAY_SEED'] ?? 20_261_105);
const name = fc.nat().map((from) => nameFrom(randomFrom(from)).replaceAll('\ufffd', '') || 'x');
const hostile = fc.constantFrom(...hostileRefs.map(({ ref }) => ref)).filter((ref) => ref !== '');
const versionText = fc
  .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.constantFrom('', '', '-rc.1', '-0'))
  .map(([x, y, z, pre]) => `${x}.${y}.${z}${pre}`);
const ref = fc.oneof(
  fc.constant('main'),
  fc.constantFrom('v1.4.2', '2.0.0-rc.1', 'stable'),
  name,
  hostile,
  versionText,
);

const policyParts: fc.Arbitrary<Partial<TagPolicy>> = fc.record({
  latest: fc.constantFrom('auto', 'production-branch', 'release', 'never'),
  versions: fc.constantFrom('semver', 'pep440', 'none'),
  versionPrefix: fc.constantFrom(undefined, 'v', 'api-'),
  extraTags: fc.constantFrom([], ['stable'], ['stable', 'edge', 'stable']),
  protectedTags: fc.constantFrom([], ['prod*'], ['pr-*', '?']),
});
const known = fc.array(versionText, { maxLength: 4 });

const run: fc.Arbitrary<GitContext> = fc
  .tuple(ref, fc.constantFrom('push', 'dispatch', 'tag', 'release', 'prerelease', 'pull', 'fork'))
  .map(([name, kind]) => {
    const branch = push(`refs/heads/${name}`);
    switch (kind) {
      case 'push':
        return runOf(branch);
      case 'dispatch':
        return runOf({ kind: 'workflow-dispatch', ref: branch.ref });
      case 'tag':
        return runOf(push(`refs/tags/${name}`));
      case 'release':
      case 'prerelease':
        return runOf(published(name, kind));
      default:
        return runOf(pull(name, { sameRepository: kind === 'pull' }));
    }
  });

/** A plan, or undefined where the run is red for its version or its bytes. */
function attempt(git: GitContext, parts: Partial<TagPolicy>, releases: readonly string[]): TagPlan | undefined {
  const scheme = parts.versions === 'pep440' ? 'pep440' : 'semver';
  const versions = releases
    .map((text) => parseVersion(text, scheme))
    .filter((one): one is Version => one !== undefined);
  try {
    return planOf(git, parts, { kind: 'known', versions });
  } catch (error) {
    expect(String(error)).toMatch(/cannot be a version tag|no UTF-8/);
    return undefined;
  }
}

function forAll(
  check: (git: GitContext, plan: TagPlan, parts: Partial<TagPolicy>, releases: readonly string[]) => void,
) {
  fc.assert(
    fc.property(run, policyParts, known, (git, parts, releases) => {
      const plan = attempt(git, parts, releases);
      if (plan !== undefined) check(git, plan, parts, releases);
    }),
    { seed, numRuns: 6_000 },
  );
}

test('a plan never holds two equal tags, and begins with one that is written once where there is one', () => {
  forAll((_, plan) => {
    expect(new Set(names(plan)).size).toBe(plan.tags.length);
    const fixed = plan.tags.findLastIndex(({ moves }) => moves === 'never');
    expect(plan.tags.slice(0, fixed + 1).every(({ moves }) => moves === 'never')).toBe(true);
    expect(plan.first).toBe(plan.tags[0]?.name);
    expect(names(plan)).not.toContain('');
    for (const { tag } of [...plan.refused, ...plan.superseded]) expect(names(plan)).not.toContain(tag);
  });
});

test('only main and release reach a protected tag', () => {
  forAll((git, plan, parts) => {
    const trusted = plan.commitTag !== undefined;
    expect(trusted).toBe(
      plan.tags.length > 0 && (git.event.ref.kind === 'tag' || git.event.ref.ref === 'refs/heads/main'),
    );
    if (trusted) return;
    const globs = (parts.protectedTags ?? []).map(
      (glob) => new RegExp(`^${glob.replace('*', '.*').replace('?', '.')}$`),
    );
    for (const { name, kind } of plan.tags) {
      expect(['main', 'master', 'latest', ...(parts.extraTags ?? [])]).not.toContain(name.toLowerCase());
      expect(name).not.toMatch(/^(sha|cache|tag|latest)(-|$)/i);
      expect([name, globs.some((glob) => glob.test(name))]).toEqual([name, false]);
      if (kind !== 'own' || git.event.kind !== 'pull-request') expect(name).not.toMatch(/^pr(-|$)/i);
    }
  });
});

test('every hostile ref, and 100,000 generated ones, as branch, head branch, git tag: no legal tag is missing or protected', () => {
  const random = randomFrom(seed);
  const generated = Array.from({ length: 100_000 }, () => nameFrom(random));
  const faults: object[] = [];
  const parts = { versions: 'none', extraTags: ['stable'] } as const;
  for (const [at, ref] of [...hostileRefs.flatMap(({ ref }) => [ref, ref, ref]), ...generated].entries()) {
    if (ref === '' || ref === 'main' || ref.includes('\ufffd') || /\p{Surrogate}/u.test(ref)) continue;
    const events = [push(`refs/heads/${ref}`), pull(ref), push(`refs/tags/${ref}`)] as const;
    const plan = planOf(runOf(events[at % 3] ?? events[0]), parts);
    const wild = [...names(plan)].filter((tag) => !/^(sha-a{12}|pr-7)$/.test(tag) || at % 3 === 0);
    const [tag = '', ...more] = wild;
    const legal =
      at % 3 === 2
        ? /^tag-[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/
        : /^(?!(?:sha|tag|cache|pr|latest)(?:-|$))[a-z0-9_][a-z0-9._-]{0,95}$/i;
    const taken = ['main', 'master', 'stable'].includes(tag.toLowerCase());
    // A gate of its own: a merge queue's branch writes nothing.
    if (
      ref.startsWith('gh-readonly-queue/') && at % 3 === 0
        ? wild.length > 0
        : !legal.test(tag) || taken || more.length > 0
    )
      faults.push({ ref, tags: names(plan) });
  }
  expect(faults.slice(0, 5)).toEqual([]);
});

test('a pre-release moves nothing', () => {
  forAll((git, plan) => {
    const called = git.event.kind === 'release' && git.event.prerelease;
    if (plan.version === undefined || !(plan.version.prerelease || called)) return;
    expect(plan.tags.filter(({ moves }) => moves !== 'never')).toEqual([]);
    expect(names(plan)).not.toContain('latest');
  });
});

test('a line, `latest` and extra tags are moved by the highest version alone, in whatever order versions come', () => {
  fc.assert(
    fc.property(fc.uniqueArray(versionText, { minLength: 1, maxLength: 6 }), (texts) => {
      const holds = new Map<string, string>();
      for (const [at, text] of texts.entries()) {
        const plan = attempt(runOf(push(`refs/tags/v${text}`)), { extraTags: ['stable'] }, texts.slice(0, at));
        for (const tag of plan?.tags ?? []) if (tag.moves === 'by-version') holds.set(tag.name, text);
      }
      const releases = texts.filter((text) => !text.includes('-')).sort((a, b) => (a < b ? 1 : -1));
      for (const [tag, text] of holds) {
        const line = releases.filter((one) => !/^\d/.test(tag) || one.startsWith(`${tag}.`));
        expect([tag, text]).toEqual([tag, line[0]]);
      }
      expect(holds.has('latest')).toBe(releases.length > 0);
    }),
    { seed, numRuns: 2_000 },
  );
});

test('planning again after publishing adopts what was published and changes nothing', () => {
  const repository = parseRepository('ghcr.io/acme/app').name;
  const digest = digestOf('image');
  forAll((git, plan, parts, releases) => {
    const labels = ourLabels({ git, key: 'k1', bases: '', tests: 't1' });
    const request = {
      wanted: plan,
      commit: git.checkout.head,
      key: 'k1',
      bases: { key: '', unknown: 'not asked' },
      tests: 't1',
      headKnown: false,
      dirty: false,
      reuse: 'auto',
      fresh: false,
      runId: '1',
      runAttempt: '1',
    } as const;
    const before: Holdings = { repository, tags: adoptionTags(plan).map((tag) => ({ tag, held: { kind: 'absent' } })) };
    const built = planAdoption(request, [before]);
    expect(built).toMatchObject({ kind: 'build', firstTag: plan.first, keep: [] });
    const after: Holdings = {
      repository,
      tags: adoptionTags(plan).map((tag) => ({ tag, held: { kind: 'held', digest, labels } })),
    };
    const again = attempt(git, parts, releases);
    expect(again).toEqual(plan);
    if (plan.tags.length === 0) return;
    const second = planAdoption({ ...request, runAttempt: '2' }, [after]);
    if (adoptionTags(plan).length === 0) expect(second.kind).toBe('build');
    else expect(second).toMatchObject({ kind: 'adopt', digest, keep: [], copyTo: [], testsKnown: true });
  });
});
