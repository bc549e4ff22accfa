import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import { planPhaseLimits } from '../../src/model/limits.ts';
import { withinDeadline } from '../../src/tools/deadline.ts';

const minute = 60_000;

describe('a phase', () => {
  test('that is done in time gives its result, and one that fails its error', async () => {
    let isExpired = false;
    const deadline = {
      limit: 5_000,
      grace: 5_000,
      expire: () => {
        isExpired = true;
      },
    };
    expect(await withinDeadline('Tags', deadline, async () => 7)).toBe(7);
    await expect(withinDeadline('Tags', deadline, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(isExpired).toBe(false);
  });

  test('that is late is ended, and says which it was and what it waited for', async () => {
    const ended = new AbortController();
    const work = (): Promise<never> =>
      new Promise((_, reject) => {
        const told = new ActionError('cancelled', 'the request to 127.0.0.1:5000 was given up', { hint: '-' });
        ended.signal.addEventListener('abort', () => reject(told));
      });
    const deadline = { limit: 50, grace: 5_000, expire: () => ended.abort() };
    await expect(withinDeadline('Upload', deadline, work)).rejects.toMatchObject({
      code: 'timeout',
      message: '“Upload” was not done within 50 ms and was ended: the request to 127.0.0.1:5000 was given up',
      hint: expect.stringContaining('run it again'),
    });
  });

  test('that does not listen is left behind', async () => {
    const deadline = { limit: 30, grace: 30, expire: () => undefined };
    const began = performance.now();
    await expect(withinDeadline('Cache', deadline, () => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'timeout',
      message: '“Cache” was not done within 30 ms and was ended',
    });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('the limits of the phases', () => {
  const limits = (build: number, test: number, image = 1) =>
    planPhaseLimits({
      build: { limit: build },
      tests: { limit: test, image: Array.from({ length: image }, () => []) },
    });

  test('leave room for all that is granted', () => {
    const planned = limits(60 * minute, 20 * minute, 3);
    expect(planned['Build and test']).toBeGreaterThan(2 * 60 * minute + 20 * minute);
    expect(planned['Prove']).toBeGreaterThan(4 * 20 * minute);
  });

  test('are times that a timer can keep, whatever is granted', () => {
    for (const limit of Object.values(limits(9e12, 9e12))) expect(limit).toBeLessThanOrEqual(2 ** 31 - 1);
    for (const limit of Object.values(limits(1, 1))) expect(limit).toBeGreaterThan(minute);
  });

  test('are all in the documentation', () => {
    const page = readFileSync(new URL('../../docs/reliability-limits.md', import.meta.url), 'utf8');
    for (const phase of Object.keys(limits(1, 1))) expect(page).toMatch(new RegExp(`^\\| ${phase} +\\|`, 'm'));
  });
});
