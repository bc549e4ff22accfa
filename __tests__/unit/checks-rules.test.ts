import { describe, expect, test } from '@jest/globals';
import { severities } from '../../src/audit/hold.ts';
import { rules } from '../../src/audit/rules.ts';
import { strides } from '../../src/audit/score.ts';

describe('what a rule says of itself', () => {
  test('goes by an id that no other has', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))(
    '%s can be read in a summary and on its page',
    (id, rule) => {
      const { title, why, remedy, ignoreWhen } = rule;
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(strides).toContain(rule.stride);
      expect(severities).toContain(rule.severity);
      expect(title).toMatch(/^\S.*[^.]$/);
      expect(why).toMatch(/^\S.*\.$/s);
      expect(remedy).toMatch(/^\S.*\S$/s);
      expect(ignoreWhen).toMatch(/^(?!when |where )\S.*[^.]$/);
      for (const text of [title, why, ignoreWhen]) expect(text).not.toMatch(/[—\n|]/);
      expect(remedy).not.toMatch(/```|—/);
    },
  );
});
