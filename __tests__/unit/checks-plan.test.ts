import { describe, expect, test } from '@jest/globals';
import { rules } from '../../src/audit/rules.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { Adoption } from '../../src/plan/adoption.ts';
import { checksAsked, planChecks, rulesDigest } from '../../src/plan/checks.ts';
import { digest } from '../support/facts.ts';
import { parse } from '../support/inputs.ts';

const build = { kind: 'build', firstTag: undefined, keep: [], because: '', notices: [] } as const;
const adopt = (testsKnown: boolean): Adoption => {
  const from = { repository: 'ghcr.io/acme/app', tag: 'main' } as never;
  const none = { copyTo: [], keep: [], because: '', notices: [] };
  return { kind: 'adopt', digest: digest('a'), from, builtFrom: '', testsKnown, ...none };
};

describe('planChecks', () => {
  test.each<[string, Adoption, string, unknown]>([
    ['off', build, 'off', undefined],
    ['report', build, 'beside', undefined],
    ['report', adopt(true), 'beside', undefined],
    ['full', build, 'before', undefined],
    ['high', build, 'before', 'high'],
    ['high', adopt(false), 'before', 'high'],
    ['high', adopt(true), 'done', undefined],
    ['full', adopt(true), 'done', undefined],
  ])('%s of an image that is %j is %s', (checks, adoption, kind, holdAt) => {
    const plan = planChecks(parse({ checks }).checks, adoption);
    expect([plan.kind, 'holdAt' in plan ? plan.holdAt : undefined]).toEqual([kind, holdAt]);
  });
});

describe('what checks ask of an image', () => {
  const asked = (given: Record<string, string>) => JSON.stringify(checksAsked(parse(given).checks));

  test.each<[string, Record<string, string>]>([
    ['level', { checks: 'low' }],
    ['ignores', { checks: 'high', 'checks-ignore': 'runs-as-root' }],
    ['command', { checks: 'high', 'checks-command': 'serve' }],
    ['variables', { checks: 'high', 'checks-env': 'A=1' }],
  ])('depends on its %s', (_, given) => {
    expect(asked(given)).not.toBe(asked({ checks: 'high' }));
  });

  test('is nothing for a report, and holds no value of a variable', () => {
    expect(checksAsked(parse({}).checks)).toBeUndefined();
    expect(asked({ checks: 'high', 'checks-env': 'A=hunter2' })).not.toContain('hunter2');
  });

  test('changes with the rules: write the digest of the new ones where this fails', () => {
    const lines = rules.map(({ id, severity }) => `${id} ${severity}`).sort();
    expect(rulesDigest).toBe(digestOf(Buffer.from(lines.join('\n'))).slice('sha256:'.length, 'sha256:'.length + 12));
  });
});
