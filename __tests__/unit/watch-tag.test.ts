import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/model/digest.ts';
import { RegistryError } from '../../src/model/registry.ts';
import { parseTag } from '../../src/model/tag.ts';
import { watchTag } from '../../src/tools/publish/watch-tag.ts';
import { digest } from '../support/facts.ts';

const [before, theirs, ours] = [digest('a'), digest('b'), digest('c')];
const silent = new RegistryError('timeout', 'no answer', {
  registry: 'registry.test',
  request: 'HEAD',
  status: undefined,
  cause: undefined,
});

describe('a tag that is watched while an image is sent to it', () => {
  test.each<[string, readonly (Digest | undefined | Error)[], Digest | undefined]>([
    ['nobody writes it', [before, before], undefined],
    ['it is free all the time', [undefined, undefined], undefined],
    ['another run writes it', [before, theirs, ours], theirs],
    ['several do: the last counts', [theirs, digest('d'), ours], digest('d')],
    ['only our own write is seen', [before, ours], undefined],
    ['the registry does not answer for a while', [silent, theirs, silent], theirs],
  ])('%s', async (_, states, expected) => {
    let looks = 0;
    let seenAll = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      seenAll = resolve;
    });
    const head = async (): Promise<Digest | undefined> => {
      const state = states[Math.min(looks++, states.length - 1)];
      if (looks > states.length) seenAll();
      if (state instanceof Error) throw state;
      return state;
    };
    const end = watchTag({ head }, parseTag('topic'), { before, every: 1 });
    await all;
    expect(await end(ours)).toBe(expected);
    const after = looks;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(looks).toBe(after);
  });

  test('an upload that is over at once costs no request', async () => {
    const head = () => Promise.reject(new Error('nobody asks'));
    expect(await watchTag({ head }, parseTag('topic'), { before, every: 10_000 })(ours)).toBeUndefined();
  });
});
