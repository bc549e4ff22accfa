import { describe, expect, test } from '@jest/globals';
import { pairs, triples } from '../support/races/cases.ts';
import { sweepCrashes, sweepPair, sweepTriple } from '../support/races/sweep.ts';

const named = (cases: typeof pairs) => cases.map((one) => [one.name, one] as const);
const limit = 300_000;

describe('two writers, in every order of their requests, leave the newest and say what is true', () => {
  test.each(named(pairs))(
    '%s',
    async (_, one) => {
      const { orders, broken, open } = await sweepPair(one, 'reduced');
      expect(broken).toEqual([]);
      expect(orders).toBeGreaterThan(1);
      expect(open > 0).toBe(one.open !== undefined);
    },
    limit,
  );
});

describe('an order stands for those that differ in requests which cannot notice each other', () => {
  test.each(named(pairs.filter(({ small }) => small)))(
    '%s: all of them end the same ways',
    async (_, one) => {
      const [reduced, plain] = [await sweepPair(one, 'reduced'), await sweepPair(one, 'plain')];
      expect(plain.orders).toBeGreaterThan(reduced.orders);
      expect(plain.endings).toEqual(reduced.endings);
      expect(plain.broken).toEqual([]);
    },
    limit,
  );
});

describe('one of two writers dies before any of its requests', () => {
  test.each(named(pairs.filter(({ small }) => small)))(
    '%s',
    async (_, one) => {
      const { broken, orders } = await sweepCrashes(one);
      expect(broken).toEqual([]);
      expect(orders).toBeGreaterThan(5);
    },
    limit,
  );
});

describe('three writers, in 300 orders drawn by lot', () => {
  test.each(named(triples))(
    '%s',
    async (_, one) => {
      expect((await sweepTriple(one, 300)).broken).toEqual([]);
    },
    limit,
  );
});
