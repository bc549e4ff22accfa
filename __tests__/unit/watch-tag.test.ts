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

  test('a look that is under way at the end counts', async () => {
    let answer: (held: Digest) => void = () => undefined;
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const head = (): Promise<Digest> => {
      asked();
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const end = watchTag({ head }, parseTag('topic'), { before, every: 1 });
    await isAsked;
    const seen = end(ours);
    answer(theirs);
    expect(await seen).toBe(theirs);
  });

  test('an error that is not the registry’s is told at the end, and ends nothing before', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const head = async (): Promise<never> => {
      asked();
      throw new Error('ours');
    };
    const end = watchTag({ head }, parseTag('topic'), { before, every: 1 });
    await isAsked;
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    await expect(end(ours)).rejects.toThrow('ours');
    expect(unhandled).toEqual([]);
  });

  test('an upload that is over at once costs no request', async () => {
    const head = () => Promise.reject(new Error('nobody asks'));
    expect(await watchTag({ head }, parseTag('topic'), { before, every: 10_000 })(ours)).toBeUndefined();
  });
});
