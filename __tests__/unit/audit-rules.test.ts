import { describe, expect, test } from '@jest/globals';
import { rules } from '../../src/audit/rules.ts';
import { dockerfileCases } from '../support/audit-cases/dockerfile.ts';
import { imageCases } from '../support/audit-cases/image.ts';
import { nearbyCases } from '../support/audit-cases/nearby.ts';
import { factsOf } from '../support/made-image.ts';

const cases = [...imageCases, ...dockerfileCases, ...nearbyCases];

describe('a rule answers', () => {
  // named by hand: jest takes a parameter that a short row leaves over for a callback, and waits for it
  test.each(cases.map((row) => ({ title: `${row[0]}: ${row[1]} for ${row[2]}`, row })))('$title', ({ row }) => {
    const [id, kind, , image, detail] = row;
    const answer = rules.find((rule) => rule.id === id)?.judge(factsOf(image));
    expect(answer).toMatchObject({ kind });
    if (answer?.kind === 'found' && detail !== undefined)
      expect(answer.sightings.map((one) => one.detail).join('\n')).toMatch(detail);
  });
});
