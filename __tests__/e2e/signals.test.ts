import { expect, test } from '@jest/globals';
import { signals } from '../../scripts/faults/signals.mjs';

test('a run that is told to stop leaves nothing behind, reports what it wrote, and converges when it runs again', async () => {
  const rows = await signals({ count: 20, log: (line) => process.stderr.write(`${line}\n`) });
  expect(rows.flatMap(({ failed }) => failed)).toEqual([]);
  expect(rows.map(({ cases }) => cases)).toEqual([18, 2]);
}, 900_000);
