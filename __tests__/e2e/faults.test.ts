import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { caseOf, judgeAll, sample } from '../support/faults/release-cases.ts';
import { type Judged, openReleases, type Releases } from '../support/faults/release-run.ts';
import { bench } from '../support/project.ts';

/** A fixed part of `npm run test:faults`: a real engine, a real registry and the action as the runner starts it. */
const cases = sample[bench.engine.store].map(caseOf);
const verdicts: Judged[] = [];
let workers: Releases[] = [];

beforeAll(async () => {
  workers = await Promise.all([openReleases(), openReleases()]);
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
});

test('a release that meets a fault', async () => {
  await Promise.all(workers.map((worker) => worker.rehearse()));
  await judgeAll(workers, cases, (verdict) => verdicts.push(verdict));
  expect(verdicts).toHaveLength(cases.length);
}, 600_000);

test.each(cases.map(({ name }) => name))('%s: absorbed, or red with a true receipt; a second run is green', (name) => {
  const verdict = verdicts.find((one) => one.name.startsWith(name));
  expect(verdict).toMatchObject({ wrong: [], kind: expect.stringMatching(/^green$|^red but truthful$/) });
});
