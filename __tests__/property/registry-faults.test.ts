import { describe, expect, test } from '@jest/globals';
import { planFaults, sweepStage } from '../support/faults/in-process.ts';
import type { Verdict } from '../support/faults/oracle.ts';
import { stages } from '../support/faults/stages.ts';

/** Of the whole table, which `npm run test:faults` goes through, every fifth scenario: all requests, kinds and persistences occur. */
const step = 5;

describe.each(stages.map((stage) => [stage.name, stage] as const))('a registry that fails while %s', (_, stage) => {
  const verdicts: Verdict[] = [];

  test('a fault is absorbed, or the run is red and its receipt is what the registry holds; a second run converges', async () => {
    await sweepStage(stage, { step, onVerdict: (verdict) => verdicts.push(verdict) });
    expect(verdicts.filter(({ kind }) => kind === 'wrong')).toEqual([]);
  }, 300_000);

  test('the sample is as large as it is said to be', async () => {
    const planned = await planFaults(stage);
    expect(verdicts).toHaveLength(Math.ceil(planned.length / step));
    expect(verdicts.filter(({ kind }) => kind === 'not met')).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(200);
  });
});

test('there are more than two thousand scenarios in the sample, of more than twelve kinds', async () => {
  const planned = (await Promise.all(stages.map(planFaults))).flat();
  expect(Math.floor(planned.length / step)).toBeGreaterThan(2_000);
  expect(new Set(planned.map(({ kind }) => kind.name)).size).toBeGreaterThan(12);
});
