import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { type PushRight, type Registry, RegistryError } from '../../src/model/registry.ts';
import { formatVersion, parseVersion } from '../../src/model/version.ts';
import type { VersionQuestion } from '../../src/plan/version-question.ts';
import { readVersions } from '../../src/tools/read-versions.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';
import { policy } from '../support/oracle-runs.ts';

interface Place {
  readonly held: readonly string[];
  readonly missing?: 'absent' | 'forbidden';
  readonly right?: PushRight;
}

/** A repository that holds some tags, and counts who asks. */
function open(name: string, { held, missing = 'absent', right = 'yes' }: Place) {
  const repository = parseRepository(name);
  const asked: string[] = [];
  const forbidden = new RegistryError('forbidden', 'denied', {
    registry: repository.registry,
    request: 'HEAD',
    status: 403,
    cause: undefined,
  });
  const registry: Registry = {
    ...createMemoryRegistries().open(repository),
    head: async (at) => {
      asked.push(at);
      if (held.includes(at)) return digestOf(at);
      if (missing === 'forbidden') throw forbidden;
      return undefined;
    },
    tags: async () => held,
    mayPush: async () => right,
  };
  return { registry, asked };
}

function higherThan(text: string): VersionQuestion {
  const than = parseVersion(text, 'semver');
  if (than === undefined) throw new Error(text);
  return { kind: 'higher', than };
}

async function ask(places: readonly Registry[], question: VersionQuestion, remoteTags: readonly string[] | undefined) {
  const known = await readVersions(places, question, { policy, remoteTags });
  return known.kind === 'known' ? known.versions.map(formatVersion) : known.reason;
}

describe('readVersions', () => {
  test('git tags count where any of the repositories has them', async () => {
    const places = [open('a.test/x', { held: ['1.1.0'] }), open('b.test/x', { held: ['2.0.0'] })];
    const registries = places.map(({ registry }) => registry);
    expect(await ask(registries, higherThan('1.0.0'), ['v1.1.0', 'v2.0.0', 'v3.0.0'])).toEqual(['2.0.0', '1.1.0']);
  });

  test('2,000 higher versions cost a look at a few', async () => {
    const tags = Array.from({ length: 2_000 }, (_, at) => `2.${at}.0`);
    const { registry, asked } = open('a.test/x', { held: [...tags, '1.4.0'] });
    expect(await ask([registry], higherThan('1.3.9'), [...tags, '1.4.0'])).toEqual(['2.1999.0', '1.4.0']);
    expect(asked.length).toBeLessThan(40);
  });

  test('no version is looked for twice', async () => {
    const { registry, asked } = open('a.test/x', { held: [] });
    expect(await ask([registry], higherThan('1.0.0'), ['v1.0.1', 'v1.0.1', '1.0.1', 'v1.1.0'])).toEqual([]);
    expect(asked.toSorted()).toEqual(['1.0.1', '1.1.0']);
  });

  test('without the remote the lists of all repositories count', async () => {
    const places = [
      open('a.test/x', { held: ['1.1.0', '1.1', 'main'] }),
      open('b.test/x', { held: ['2.0.0', 'v3.0.0'] }),
    ];
    expect(
      await ask(
        places.map(({ registry }) => registry),
        higherThan('1.0.0'),
        undefined,
      ),
    ).toEqual(['2.0.0', '1.1.0']);
  });

  test('a registry that answers 403 for what is not there has none, where the login may push', async () => {
    const { registry } = open('a.test/x', { held: [], missing: 'forbidden' });
    expect(await ask([registry], higherThan('1.0.0'), ['v1.1.0'])).toEqual([]);
    const closed = open('a.test/x', { held: [], missing: 'forbidden', right: 'forbidden' });
    await expect(ask([closed.registry], higherThan('1.0.0'), ['v1.1.0'])).rejects.toMatchObject({
      code: 'login-missing',
    });
  });
});
