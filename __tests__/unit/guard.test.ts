import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/model/digest.ts';
import type { RemoteHead } from '../../src/model/git-context.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { headOf } from '../../src/plan/standing.ts';
import { tagOfCommit, want } from '../../src/plan/wanted-tag.ts';
import type { StalePolicy } from '../../src/plan/write-plan.ts';
import { Guard } from '../../src/tools/publish/guard.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';
import { labelledImage } from '../support/races/image.ts';

const repository = parseRepository('registry.test/acme/app');
const [ours, older, newer] = ['b', 'a', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const topic = want(parseTag('topic'), 'own', 'by-ref');
const unknown: RemoteHead = { kind: 'unknown', reason: 'no route' };

/** A branch's run that has no one to ask, and a tag that holds the image of some commit. */
function openWorld(commit: string, { head = unknown, stale = 'skip' as StalePolicy, mendable = false } = {}) {
  const registries = createMemoryRegistries();
  const registry = registries.open(repository);
  const point = async (to: string): Promise<Digest> => {
    const image = labelledImage(registries, repository, { name: to, head: to, revision: to });
    await registry.put(topic.name, image, undefined);
    return image.digest;
  };
  const asked: string[] = [];
  const told: (string | undefined)[] = [];
  let onHistory = async (): Promise<void> => undefined;
  const follows = { ref: 'refs/heads/topic', commit: ours, merged: false, mendable };
  const guard = new Guard(
    { follows, stale },
    {
      head: async () => head,
      seen: (held) => void told.push(headOf(held)),
      history: async (from) => {
        asked.push(from);
        await onHistory();
        if (from === older) return { kind: 'ancestor', since: [ours] };
        return from === ours ? { kind: 'ancestor', since: [newer] } : { kind: 'other' };
      },
    },
  );
  const during = (work: () => Promise<unknown>): void => {
    onHistory = async () => {
      onHistory = async () => undefined;
      await work();
    };
  };
  return { registry, guard, point, asked, told, during, first: () => point(commit) };
}

describe('a guard', () => {
  test('looks at the tag once more after its questions, and judges what came there meanwhile', async () => {
    const { registry, guard, point, during, first, asked, told } = openWorld(older);
    const before = await first();
    let theirs: Digest | undefined;
    during(async () => {
      theirs = await point(newer);
    });
    const refusal = await guard.refuse(registry, topic, before);
    expect(refusal).toEqual({ held: theirs, because: expect.stringContaining(newer) });
    expect(asked).toEqual([older, newer]);
    expect(told).toEqual([older, newer]);
    expect(guard.overtaken.map(({ tag }) => tag.name)).toEqual(['topic']);
  });

  test('looks where the ref points once for a look that was begun ahead, and anew for the next write', async () => {
    const { registry, first } = openWorld(older);
    const before = await first();
    let looks = 0;
    const head = async (): Promise<RemoteHead> => {
      looks++;
      return { kind: 'known', commit: ours };
    };
    const follows = { ref: 'refs/heads/topic', commit: ours, merged: false, mendable: false };
    const ask = { head, seen: () => undefined, history: async () => ({ kind: 'other' }) as const };
    const guard = new Guard({ follows, stale: 'skip' }, ask);
    guard.lookAhead();
    await guard.lookAndRefuse(registry, topic, before);
    expect(looks).toBe(1);
    await guard.lookAndRefuse(registry, topic, before);
    expect(looks).toBe(2);
  });

  test('lets an older image be written over', async () => {
    const { registry, guard, first } = openWorld(older);
    const before = await first();
    expect(await guard.refuse(registry, topic, before)).toEqual({ held: before, because: undefined });
    expect(guard.overtaken).toEqual([]);
  });

  test('leaves an image whose labels name an older commit to the newer one whose fixed tag names it too', async () => {
    const head: RemoteHead = { kind: 'known', commit: newer };
    const { registry, guard, first } = openWorld(older, { head, mendable: true });
    const before = await first();
    expect(await guard.refuse(registry, topic, before)).toEqual({ held: before, because: undefined });
    const shared = await registry.manifest(before);
    if (shared === undefined) throw new Error('it is there');
    await registry.put(tagOfCommit(newer), shared, undefined);
    const refusal = await guard.refuse(registry, topic, before);
    expect(refusal).toEqual({ held: before, because: expect.stringContaining(`the image of ${newer}`) });
    expect(guard.overtaken.map(({ tag }) => tag.name)).toEqual(['topic']);
  });

  test('asks nothing of a registry where the run is the head’s', async () => {
    const { guard, registry } = openWorld(newer, { head: { kind: 'known', commit: ours } });
    const deaf = {
      ...registry,
      head: () => Promise.reject(new Error('asked')),
      manifest: (() => Promise.reject(new Error('asked'))) as never,
    };
    expect(await guard.refuse(deaf, topic, undefined)).toEqual({ held: undefined, because: undefined });
  });

  test('lets everything be written with `stale: ignore`, and still gives way to who writes at the same time', async () => {
    const { registry, guard, first } = openWorld(newer, { stale: 'ignore' });
    const before = await first();
    expect((await guard.refuse(registry, topic, before)).because).toBeUndefined();
    expect(await guard.giveWay(registry, topic, before)).toContain(newer);
  });

  test('is not asked about tags that follow versions', async () => {
    const { registry, guard, first, asked } = openWorld(newer);
    const before = await first();
    const line = want(parseTag('1.4'), 'line', 'by-version');
    expect(await guard.refuse(registry, line, before)).toEqual({ held: before, because: undefined });
    expect(asked).toEqual([]);
  });
});
