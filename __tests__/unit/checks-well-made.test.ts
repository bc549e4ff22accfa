import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/audit/assess.ts';
import { audit } from '../../src/audit/audit.ts';
import { factsOf } from '../support/made-image.ts';
import { describedImages } from '../support/well-made.ts';

describe('a well-made image', () => {
  test.each(Object.entries(describedImages))('%s has no finding that its maintainer would dispute', (_, image) => {
    const facts = factsOf(image);
    const { results } = assess(audit(facts), { facts, ignores: [], warnings: [] });
    const open = results.filter(({ state, check }) => state === 'open' && check.severity !== 'info');
    expect(open.map(({ check, spots }) => [check.id, spots.map(({ detail }) => detail)])).toEqual([]);
  });
});
