import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../src/model/digest.ts';
import { formatReference, parseRepository } from '../../src/model/image-ref.ts';
import { type Platform, parsePlatform } from '../../src/model/platform.ts';
import { isTag, parseTag } from '../../src/model/tag.ts';
import {
  type CacheMode,
  type CacheQuestion,
  cacheTag,
  cacheTagOf,
  planCache,
  settleCache,
} from '../../src/plan/cache-plan.ts';
import type { Role } from '../../src/plan/rights.ts';

/** Of the engine, whose own builder builds. */
type Store = 'containerd' | 'classic';

const protectedRepository = parseRepository('ghcr.io/acme/prod');
const repository = parseRepository('ghcr.io/acme/app');

function ask(role: Role, mode: CacheMode = 'auto', store: Store = 'containerd') {
  const ownTag = role === 'branch' ? parseTag('feature--x') : role === 'pull-request' ? parseTag('pr-7') : undefined;
  const exports = store === 'containerd';
  const apart: readonly Platform[] = [];
  const question = {
    mode,
    role,
    exports,
    apart,
    protectedRepository,
    repository,
    productionTag: parseTag('main'),
    ownTag,
  };
  const { probe, write, inline } = planCache(question);
  const format = (one: (typeof probe)[number]): string => formatReference(one.repository, one.tag);
  return { reads: probe.map(format), writes: write === undefined ? '' : format(write), inline };
}

const cache = 'ghcr.io/acme/prod:cache-main';
const production = 'ghcr.io/acme/prod:main';

describe('who reads and writes which cache', () => {
  test.each<[Role, CacheMode, Store, readonly string[], string, boolean]>([
    ['main', 'auto', 'containerd', [cache], cache, false],
    ['main', 'registry', 'containerd', [cache], cache, false],
    ['main', 'inline', 'containerd', [production], '', true],
    ['main', 'auto', 'classic', [cache, production], '', true],
    ['main', 'inline', 'classic', [production], '', true],
    ['release', 'auto', 'classic', [cache, production], '', false],
    ['branch', 'auto', 'classic', [cache, production, 'ghcr.io/acme/app:feature--x'], '', true],
    ['untrusted', 'auto', 'classic', [cache, production], '', false],
    ['main', 'none', 'containerd', [], '', false],
    ['release', 'auto', 'containerd', [cache], '', false],
    ['branch', 'auto', 'containerd', [cache, 'ghcr.io/acme/app:feature--x'], '', true],
    ['branch', 'inline', 'containerd', [production, 'ghcr.io/acme/app:feature--x'], '', true],
    ['pull-request', 'auto', 'containerd', [cache, 'ghcr.io/acme/app:pr-7'], '', true],
    ['pull-request', 'none', 'classic', [], '', false],
    ['untrusted', 'auto', 'containerd', [cache], '', false],
    ['test-only', 'auto', 'containerd', [cache], '', false],
  ])('%s with cache: %s on the %s store', (role, mode, store, reads, writes, inline) => {
    expect(ask(role, mode, store)).toEqual({ reads, writes, inline });
  });

  test('only main ever writes', () => {
    for (const role of ['release', 'branch', 'pull-request', 'untrusted', 'test-only'] as const)
      for (const mode of ['auto', 'registry', 'inline'] as const) expect(ask(role, mode).writes).toBe('');
  });

  test('what the builder cannot write is refused, whoever asks', () => {
    const question: CacheQuestion = {
      ...{ mode: 'registry', role: 'main', exports: false, apart: [], protectedRepository, repository },
      ...{ productionTag: parseTag('main'), ownTag: undefined },
    };
    for (const role of ['main', 'branch', 'untrusted'] as const)
      expect(() => planCache({ ...question, role })).toThrow('classic image store');
    expect(() => planCache({ ...question, exports: true })).not.toThrow();
  });
});

describe('machines that share the platforms', () => {
  const arm64 = parsePlatform('linux/arm64');
  const armv7 = parsePlatform('linux/arm/v7');
  const shared = 'ghcr.io/acme/prod:cache-main';
  const plan = (role: Role, mode: CacheMode, apart: readonly Platform[]) =>
    planCache({
      ...{ mode, role, exports: true, apart, protectedRepository, repository },
      ...{ productionTag: parseTag('main'), ownTag: undefined },
    });

  test('leave a cache each, and every run reads them all', () => {
    for (const role of ['main', 'release'] as const) {
      const { probe, write, inline } = plan(role, 'auto', [arm64, armv7]);
      const read = probe.map((one) => formatReference(one.repository, one.tag));
      expect(read).toEqual([shared, `${shared}-linux-arm64`, `${shared}-linux-arm-v7`]);
      expect(inline).toBe(false);
      expect(write?.tag).toBe(role === 'main' ? 'cache-main' : undefined);
    }
    expect(plan('main', 'inline', [arm64]).probe.map(({ tag }) => tag)).toEqual(['main']);
    expect(plan('main', 'none', [arm64]).probe).toEqual([]);
  });

  test('have a legal tag each, however long the branch’s', () => {
    const tags = ['a', 'b'].map((end) => cacheTag(parseTag(`${'a'.repeat(127)}${end}`)));
    const all = tags.flatMap((tag) => [tag, cacheTagOf(tag, arm64), cacheTagOf(tag, armv7)]);
    expect(all.every(isTag)).toBe(true);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('what was found', () => {
  const intent = planCache({
    ...{ mode: 'auto', role: 'branch', exports: true, apart: [], protectedRepository: repository, repository },
    ...{ productionTag: parseTag('main'), ownTag: parseTag('x') },
  });

  test('is named by digest, in the order of the probes, once each', () => {
    const [one, two] = [digestOf('one'), digestOf('two')];
    const [shared, own] = intent.probe.map(({ tag }) => tag);
    expect(settleCache(intent, [one, two]).from).toEqual([
      { repository, tag: shared, digest: one },
      { repository, tag: own, digest: two },
    ]);
    expect(settleCache(intent, [one, one]).from).toEqual([{ repository, tag: shared, digest: one }]);
    expect(settleCache(intent, [undefined, two]).from).toEqual([{ repository, tag: own, digest: two }]);
    expect(settleCache(intent, []).from).toEqual([]);
  });
});

describe('the tag of the cache', () => {
  test('is cache- and the production branch’s own tag', () => {
    expect(cacheTag(parseTag('main'))).toBe('cache-main');
  });

  test('is legal for every tag, and two tags have two', () => {
    const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
    fc.assert(
      fc.property(tags, tags, (a, b) => {
        expect(isTag(cacheTag(parseTag(a)))).toBe(true);
        if (a !== b) expect(cacheTag(parseTag(a))).not.toBe(cacheTag(parseTag(b)));
      }),
    );
    const long = 'a'.repeat(127);
    expect(cacheTag(parseTag(`${long}x`))).not.toBe(cacheTag(parseTag(`${long}y`)));
    expect(cacheTag(parseTag(`${long}x`))).toHaveLength(128);
  });
});
