import { describe, expect, test } from '@jest/globals';
import { planFaults, sweepStage } from '../support/faults/in-process.ts';
import type { Verdict } from '../support/faults/oracle.ts';
import { stages } from '../support/faults/stages.ts';

/** The whole table: every request, every kind of fault, each once, twice, always and from there on (`npm run test:faults`). */
describe.each(stages.map((stage) => [stage.name, stage] as const))('a registry that fails while %s', (_, stage) => {
  const verdicts: Verdict[] = [];

  test('every fault is absorbed, or the run is red and its receipt is the registry’s state; a second run converges', async () => {
    await sweepStage(stage, (verdict) => verdicts.push(verdict));
    expect(verdicts.filter(({ kind }) => kind === 'wrong')).toEqual([]);
  });

  test('the table is as long as it is said to be', async () => {
    const planned = await planFaults(stage);
    expect(verdicts).toHaveLength(planned.length);
    expect(verdicts.filter(({ kind }) => kind === 'not met').length).toBeLessThan(planned.length / 10);
    expect(planned.length).toBeGreaterThan(700);
  });
});
