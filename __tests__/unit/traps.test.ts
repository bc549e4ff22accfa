import { describe, expect, test } from '@jest/globals';
import { parseInputs } from '../../src/inputs.ts';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import type { RunEvent } from '../../src/model/git-context.ts';
import { parseGitRef } from '../../src/model/git-ref.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { takeManifest } from '../../src/model/manifest.ts';
import { RegistryError } from '../../src/model/registry.ts';
import { isTag, parseTag } from '../../src/model/tag.ts';
import { authorize } from '../../src/plan/authorize.ts';
import { planAllowances } from '../../src/plan/bake-allow.ts';
import { cacheTag, planCache } from '../../src/plan/cache-plan.ts';
import type { Role } from '../../src/plan/rights.ts';
import type { KnownVersions, TagPlan } from '../../src/plan/tag-plan.ts';
import type { WantedTag } from '../../src/plan/wanted-tag.ts';
import { settleAll } from '../../src/tools/publish/failures.ts';
import { land, move } from '../../src/tools/publish/publish.ts';
import { exchangeOnce } from '../../src/tools/registry/exchange.ts';
import { PassingFault, persist, publishingPace, systemClock } from '../../src/tools/registry/retry.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';
import {
  clean,
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

/** Tags of other kinds, that no branch may reach. */
const kept = /^(?:main|master|latest|stable|v?\d+(?:\.\d+)*(?:-[\w.]+)?|(?:pr|sha|tag|cache)(?:-.*)?)$/i;

const branch = (name: string): TagPlan => planOf(runOf(push(`refs/heads/${name}`)), { extraTags: ['stable'] });
const gitTag = (name: string, known: KnownVersions = noVersions): TagPlan =>
  planOf(runOf(push(`refs/tags/${name}`)), {}, known);

/** Each has one legal tag of its own, and none is another kind's. */
function expectOwnTags(branches: readonly string[]): void {
  const plans = branches.map(branch);
  for (const plan of plans) {
    expect(names(plan)).toEqual([plan.own]);
    expect(isTag(plan.own)).toBe(true);
    expect(plan.own).not.toMatch(kept);
  }
  expect(new Set(plans.map(({ own }) => own.toLowerCase())).size).toBe(new Set(branches).size);
}

function askCache(role: Role, own: string) {
  const repository = parseRepository('ghcr.io/acme/app');
  const tags = { productionTag: parseTag('main'), ownTag: parseTag(own) };
  return planCache({
    mode: 'auto',
    role,
    protectedRepository: repository,
    repository,
    ...tags,
    exports: true,
    apart: [],
  });
}

const other = (name: string, ref = 'refs/heads/main'): RunEvent => ({ kind: 'other', name, ref: parseGitRef(ref) });
const foreign = { checkout: { ...clean, head: commitB } };
const long = 'x'.repeat(140);

describe('slugs', () => {
  test('trap 1: a slug is injective, total and never too long', () =>
    expectOwnTags([
      'feature/a',
      'feature-a',
      'feature#a',
      'feature@a',
      'feature//a',
      '#123-fix',
      '日本語',
      long,
      `${long}y`,
    ]));

  test('trap 2: a branch never reaches a release’s, a pull request’s or another reserved tag', () => {
    expectOwnTags(['latest', '1.2.3', 'v1.2.3', 'pr-2', 'stable', 'sha-0123456789ab', 'cache-main', 'tag-v1']);
    expect(branch('nightly').own).toBe('nightly');
    expect(planOf(runOf(push('refs/heads/nightly')), { protectedTags: ['nightly*'] }).own).not.toBe('nightly');
  });

  test('trap 6: names are not escaped as HTML, and what is lossy carries a hash', () => {
    for (const name of ['a=b', 'a&b', "it's"]) expect(branch(name).own).toMatch(/^(?:a|it)-[bs]-[0-9a-f]{16}$/);
    expectOwnTags(['a=b', 'a&b', 'a-b', "it's", 'it-s']);
  });

  test('trap 16: upper case stays, and every tag that is put out is one that is written', () => {
    expect(branch('Feature-A').own).toBe('Feature-A');
    expect(branch('feature-a').own).toBe('feature-a');
    expect(names(branch('Feature-A'))).toEqual(['Feature-A']);
  });

  test('trap 22: no empty slug, no suffix that makes a tag too long', () => {
    expectOwnTags(['日本語', '@@', '-', long, 'feature/a', 'feature-a']);
    for (const name of ['日本語', long, '日'.repeat(200)]) expect(branch(name).own.length).toBeLessThanOrEqual(96);
  });

  test('trap 26: only `/` replaced is not enough; a branch never overrides a version', () => {
    expectOwnTags(['feature#a', 'release-1.0', '1.0', 'v1.0.0']);
    const prefixed = planOf(runOf(push('refs/tags/api-v1.2.3')), { versionPrefix: 'api-' });
    expect(names(prefixed)).toEqual(expect.arrayContaining(['1.2.3', '1.2', '1', 'latest']));
  });

  test('trap 27: `#`, `@` and `_` do not merge, nor do two long names; a detached HEAD has a tag', () => {
    expectOwnTags(['feature#a', 'feature@a', 'feature_a', `${long}a`, `${long}b`]);
    expect(names(planOf(runOf(pull('topic'))))).toEqual(['pr-7', 'topic']);
  });

  test('trap 28: nothing falls back to latest, and no pull request is called HEAD', () => {
    expectOwnTags(['HEAD', '日', `${'日'.repeat(64)}a`]);
    expect(planOf(runOf(pull('HEAD', { sameRepository: false }))).own).toBe('pr-7');
  });
});

describe('events', () => {
  test('trap 3: `create` of a branch writes neither a branch’s tag nor latest', () => {
    const run = runOf(other('create', 'refs/heads/feature/x'), { eventName: 'create' });
    expect([authorize(run, rules).role, names(planOf(run))]).toEqual(['test-only', []]);
  });

  test.each(['workflow_run', 'issue_comment', 'pull_request_target'])(
    'trap 4: %s on main writes nothing, and with a foreign commit it is red',
    (name) => {
      expect(names(planOf(runOf(other(name), { eventName: name })))).toEqual([]);
      expect(() => authorize(runOf(other(name), { eventName: name, ...foreign }), rules)).toThrow(
        /on somebody's behalf/,
      );
    },
  );

  test('trap 4: a merge group writes nothing', () => {
    const ref = parseGitRef('refs/heads/gh-readonly-queue/main/pr-2-abc');
    expect(names(planOf(runOf({ kind: 'merge-group', ref })))).toEqual([]);
    expect(names(planOf(runOf(push(ref.ref))))).toEqual([]);
  });

  test('trap 5: a branch’s name sets no attribute, and a fork’s branch called main is a fork’s', () => {
    expectOwnTags(['x,value=latest', 'x,value=main', 'x,prefix=,value=1.2.3', 'x,enable=false', 'a"b', 'y{{sha}}']);
    const fork = runOf(pull('main', { sameRepository: false }));
    expect([authorize(fork, rules).role, planOf(fork).own, names(planOf(fork))]).toEqual(['untrusted', 'pr-7', []]);
  });

  test('trap 7: the work tree does not say who asks: a foreign commit checked out as main is refused', () => {
    expect(() => authorize(runOf(other('pull_request_target'), foreign), rules)).toThrow(
      /HEAD is b{40}, GITHUB_SHA is a{40}/,
    );
    expect(() => authorize(runOf(push('refs/heads/main'), foreign), rules)).toThrow(
      /writes tags only for its own commit/,
    );
  });

  test('trap 33: the guard is an allow-list over event and ref, before anything runs, and for each tag', () => {
    for (const name of ['pull_request_target', 'workflow_run', 'issue_comment', 'repository_dispatch', 'brand_new']) {
      const run = runOf(other(name), { eventName: name });
      expect(authorize(run, rules)).toMatchObject({ role: 'test-only', mayWrite: false, mayWriteCache: false });
    }
    expect(planOf(runOf(pull('main'))).refused).toContainEqual(expect.objectContaining({ tag: 'main' }));
    expect(names(planOf(runOf(pull('main'))))).toEqual(['pr-7']);
  });
});

describe('releases', () => {
  test('trap 8: latest=auto looks at all versions, and no git tag but a version moves it', () => {
    expect(names(gitTag('v1.1.9', known('2.0.0')))).not.toContain('latest');
    expect(names(gitTag('v2.0.8-beta.67'))).not.toContain('latest');
    expect(names(gitTag('feature-a'))).toEqual([`sha-${'a'.repeat(12)}`, 'tag-feature-a']);
  });

  test('trap 15: a git tag that no tag can carry is red and not pushed as it is', () => {
    expect(() => gitTag('v1+build')).not.toThrow();
    expect(gitTag('v1+build').own).toMatch(/^tag-v1-build-[0-9a-f]{16}$/);
    expect(() => gitTag('v1.0.0+build')).toThrow(/cannot be a version tag/);
  });

  test('trap 25: a branch called refs/tags/v1 is a branch, and a beta is no latest', () => {
    expectOwnTags(['refs/tags/v1']);
    expect(authorize(runOf(push('refs/heads/refs/tags/v1')), rules).role).toBe('branch');
    expect(names(gitTag('v2.0.0-beta.1'))).not.toContain('latest');
    expect(names(planOf(runOf(published('v2.0.0', 'prerelease'))))).not.toContain('latest');
  });
});

describe('branches and the production branch', () => {
  test('trap 14: neither latest nor the cache is a feature branch’s to write', () => {
    expect(names(branch('feature/x'))).toEqual(['feature--x']);
    expect(askCache('branch', 'feature--x').write).toBeUndefined();
  });

  test('trap 17: there is no default tag: a branch’s plan never has latest', () =>
    expect(names(branch('topic'))).toEqual(['topic']));

  test('trap 23: latest is never a branch’s or a pull request’s, and `refs/tags/` inside a name means nothing', () => {
    expectOwnTags(['refs/tags/x', 'x/refs/tags/y']);
    expect(names(planOf(runOf(pull('topic'))))).not.toContain('latest');
    expect(authorize(runOf(push('refs/heads/x/refs/tags/y')), rules).role).toBe('branch');
  });

  test('trap 24: the prefix goes once, at the start; main and master are not both the default', () => {
    expectOwnTags(['refs/heads/main', 'refs/heads/refs/heads/main', 'marefs/heads/in', 'master']);
    expect(authorize(runOf(push('refs/heads/master')), rules).role).toBe('branch');
  });
});

describe('caches', () => {
  test('trap 19: every branch has a legal cache plan and no two share a place they write', () => {
    const branches = ['feature#1', 'dependabot/npm_and_yarn/@types/node-20', 'Üml', long, 'feature/a', 'feature-a'];
    expectOwnTags(branches);
    for (const name of branches) {
      const { probe, write } = askCache('branch', branch(name).own);
      expect([probe.every(({ tag }) => isTag(tag)), write]).toEqual([true, undefined]);
    }
    expect(isTag(cacheTag(parseTag('x'.repeat(128))))).toBe(true);
  });

  test('trap 20: every role reads main’s cache; pr-N is no branch’s; the image’s name is lower case', () => {
    for (const role of ['main', 'release', 'branch', 'pull-request', 'untrusted', 'test-only'] as const)
      expect(askCache(role, 'pr-7').probe[0]?.tag).toBe('cache-main');
    expect(branch('pr-7').own).not.toBe('pr-7');
    expect(parseRepository('ghcr.io/ACME/App').name).toBe('ghcr.io/acme/app');
  });
});

describe('inputs and commands', () => {
  test('trap 9: a comma in a branch’s name makes no second tag', () => {
    expectOwnTags(['x,ghcr.io/o/app', 'x,registry/prod', '1,2,3']);
    expect(branch('x,registry/prod').tags).toHaveLength(1);
  });

  test('trap 10: a malformed secret is an error, not a warning', () =>
    expect(() =>
      parseInputs(
        new Map([
          ['IMAGE', 'ghcr.io/acme/app'],
          ['SECRETS', 'no-equals-sign'],
        ]),
      ),
    ).toThrow(/secrets/));

  test('trap 12: bake is never allowed to read or write everything', () => {
    const request = {
      context: '/work',
      dockerfile: '/work/Dockerfile',
      contexts: new Map(),
      secrets: [],
      ssh: [],
      allow: [],
      layout: '/run/image',
      delivery: 'by-engine' as const,
      bytecode: undefined,
    };
    expect(planAllowances(request)).toEqual(['fs.read=/work', 'fs.read=/work/Dockerfile']);
  });

  test('trap 18: a port is no tag', () => {
    expect(parseRepository('registry:5000/app')).toMatchObject({ registry: 'registry:5000', path: 'app' });
    expect(() => parseRepository('registry:5000/app:latest')).toThrow(/tag/);
  });

  test('trap 21: nothing of a branch’s name but letters, digits and . _ - reaches a command', () => {
    for (const name of ['x;echo${IFS}PWNED>;#', '$(id)', '`id`', '--help', '-o'])
      expect(branch(name).own).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
    expectOwnTags(['x;echo${IFS}PWNED>;#', '$(id)', '`id`', '--help', '-o']);
  });
});

describe('publishing', () => {
  const repository = parseRepository('registry.test/acme/app');
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const first: WantedTag = { name: parseTag('sha-aaaaaaaaaaaa'), kind: 'fixed', moves: 'never' };
  const latest: WantedTag = { name: parseTag('latest'), kind: 'latest', moves: 'by-ref' };

  function openWorld() {
    const registries = createMemoryRegistries();
    const registry = registries.open(repository);
    const config = registries.addBlob(repository, Buffer.from('{}'));
    // odd spaces: whoever writes it anew changes its digest
    const write = (note: string) =>
      takeManifest(
        Buffer.from(
          `{ "schemaVersion":2,"mediaType":"${type}",\n "config":{"mediaType":"x","digest":"${config}","size":2},"layers":[ ],"annotations":{"n":"${note}"}}`,
        ),
        type,
      );
    const image = write('ours');
    const publisher = {
      registry,
      record: () => undefined,
      copy: async () => undefined,
      refuse: async (_: WantedTag, held: Digest | undefined) => ({ held, because: undefined }),
      upload: async (tag: WantedTag) => {
        await registry.put(tag.name, image, undefined);
        return image.digest;
      },
    };
    return { registry, image, publisher, theirs: write('theirs') };
  }

  test('trap 29: the digest is that of what landed, never read again from a tag that may have moved', async () => {
    const { registry, image, publisher, theirs } = openWorld();
    const landed = await land(publisher, { kind: 'found', digest: image.digest }, () => first);
    if (landed === undefined) throw new Error('nothing landed');
    await registry.put(first.name, theirs, image.digest);
    await move(publisher, landed, latest);
    expect(await registry.head(latest.name)).toBe(image.digest);
  });

  test('trap 30: a tag gets the very bytes of the manifest, and so its digest', async () => {
    const { registry, image, publisher } = openWorld();
    const landed = await land(publisher, { kind: 'found', digest: image.digest }, () => first);
    if (landed === undefined) throw new Error('nothing landed');
    await move(publisher, landed, latest);
    const held = await registry.manifest(latest.name);
    expect(Buffer.from(held?.bytes ?? []).equals(Buffer.from(image.bytes))).toBe(true);
    expect(digestOf(held?.bytes ?? Buffer.alloc(0))).toBe(image.digest);
  });

  test('trap 31: the end of every write is awaited, and each failure is told', async () => {
    const ended: string[] = [];
    const slow = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => void ended.push('slow'));
    await expect(settleAll([Promise.reject(new Error('one')), slow, Promise.reject(new Error('two'))])).rejects.toThrow(
      /one[\s\S]*two/,
    );
    expect(ended).toEqual(['slow']);
  });

  test.each([
    [429, 'slow down', 'rate-limited'],
    [504, '<html>no JSON at all</html>', 'unavailable'],
    [503, '', 'unavailable'],
  ])('trap 32: %i is tried again, whatever its body says, for longer than 7 s', async (status, body, kind) => {
    const reply = { status, headers: new Map(), bytes: Buffer.from(body) };
    const http = {
      request: async () => reply,
      stream: () => Promise.reject(new Error('not used')),
      close: () => undefined,
    };
    const request = {
      method: 'GET' as const,
      url: new URL('https://registry.test/v2/'),
      limit: 1_000,
      deadline: 1_000,
    };
    const rest = {
      socketPath: undefined,
      trust: { kind: 'verified', ca: undefined } as const,
      headers: {},
      body: undefined,
    };
    const cancel = new AbortController().signal;
    let [now, tries] = [0, 0];
    const tick = (ms: number): void => {
      now += ms;
    };
    const clock = { ...systemClock, now: () => now, random: () => 1, sleep: async (ms: number) => tick(ms) };
    const attempt = (): Promise<unknown> => {
      tries++;
      const name = { registry: 'registry.test', request: 'GET v2/' };
      return exchangeOnce({ http, clock }, { ...request, ...rest, cancel }, name).catch((error: unknown) => {
        expect(error).toBeInstanceOf(PassingFault);
        throw error;
      });
    };
    const ended = persist({ pace: publishingPace, clock, cancel }, attempt);
    await expect(ended).rejects.toBeInstanceOf(RegistryError);
    await expect(ended).rejects.toMatchObject({ kind });
    expect(tries).toBeGreaterThan(4);
    expect(now).toBeGreaterThan(30_000);
  });
});

describe('the policy that these rows stand on', () => {
  test('is the default one', () =>
    expect(policy).toMatchObject({ latest: 'auto', versions: 'semver', extraTags: [], protectedTags: [] }));
});
