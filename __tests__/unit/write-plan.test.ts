import { describe, expect, test } from '@jest/globals';
import type { RemoteHead } from '../../src/model/git-context.ts';
import { parseTag } from '../../src/model/tag.ts';
import type { Adoption } from '../../src/plan/adoption.ts';
import type { Rights } from '../../src/plan/rights.ts';
import type { TagPlan } from '../../src/plan/tag-plan.ts';
import { planPush } from '../../src/plan/verdict.ts';
import type { WantedTag } from '../../src/plan/wanted-tag.ts';
import { planWrites } from '../../src/plan/write-plan.ts';

const commit = 'a'.repeat(40);
const tag = (name: string, moves: WantedTag['moves']): WantedTag => ({
  name: parseTag(name),
  kind: moves === 'never' ? 'fixed' : 'own',
  moves,
});
const fixed = tag('sha-aaaaaaaaaaaa', 'never');
const main = tag('main', 'by-ref');
const latest = tag('latest', 'by-ref');

function wanted(tags: readonly WantedTag[]): TagPlan {
  return {
    own: main.name,
    tags,
    commitTag: tags.includes(fixed) ? fixed.name : undefined,
    first: tags[0]?.name,
    follows: { ref: 'refs/heads/main', commit },
  } as TagPlan;
}

function build(firstTag: string | undefined, keep: readonly string[] = []): Adoption {
  return {
    kind: 'build',
    firstTag: firstTag === undefined ? undefined : parseTag(firstTag),
    keep: keep.map(parseTag),
    because: '',
    notices: [],
  };
}

const here: RemoteHead = { kind: 'known', commit };
const moved: RemoteHead = { kind: 'known', commit: 'b'.repeat(40) };
const names = (tags: readonly WantedTag[]): string[] => tags.map(({ name }) => name);

describe('planWrites', () => {
  test.each<[string, TagPlan, Adoption, RemoteHead, string | undefined, string[], string[]]>([
    [
      'main at the head: all',
      wanted([fixed, main, latest]),
      build('sha-aaaaaaaaaaaa'),
      here,
      'sha-aaaaaaaaaaaa',
      ['main', 'latest'],
      [],
    ],
    [
      'main behind the head: the fixed tag alone',
      wanted([fixed, main, latest]),
      build('sha-aaaaaaaaaaaa'),
      moved,
      'sha-aaaaaaaaaaaa',
      [],
      ['main', 'latest'],
    ],
    [
      'the ref is gone: as behind',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa'),
      { kind: 'gone' },
      'sha-aaaaaaaaaaaa',
      [],
      ['main'],
    ],
    [
      'nobody can be asked: all',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa'),
      { kind: 'unknown', reason: 'r' },
      'sha-aaaaaaaaaaaa',
      ['main'],
      [],
    ],
    ['a branch behind its head: nothing', wanted([main]), build('main'), moved, undefined, [], ['main']],
    [
      'the fixed tag is taken: the run’s own spelling',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa-1-1'),
      here,
      'sha-aaaaaaaaaaaa-1-1',
      ['main'],
      [],
    ],
    [
      'the fixed tag is kept',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa-1-1', ['sha-aaaaaaaaaaaa']),
      here,
      'sha-aaaaaaaaaaaa-1-1',
      ['main'],
      [],
    ],
    ['a run that writes nothing', wanted([]), build(undefined), here, undefined, [], []],
  ])('%s', (_, plan, adoption, head, first, further, superseded) => {
    const writes = planWrites(plan, adoption, head);
    expect(writes.first?.name).toBe(first);
    expect(names(writes.further)).toEqual(further);
    expect(names(writes.superseded)).toEqual(superseded);
  });

  test('says why', () => {
    expect(planWrites(wanted([main]), build('main'), moved).because).toContain('b'.repeat(40));
    expect(planWrites(wanted([main]), build('main'), { kind: 'unknown', reason: 'no route' }).notices[0]).toContain(
      'no route',
    );
  });
});

describe('planPush', () => {
  const rights = (role: Rights['role'], mayWrite: boolean): Rights =>
    ({ role, mayWrite, nothingToDo: false, because: 'b' }) as Rights;
  test.each<['auto' | 'protected' | 'true' | 'false', Rights, string]>([
    ['auto', rights('main', true), 'ship'],
    ['auto', rights('untrusted', false), 'test-only'],
    ['true', rights('untrusted', false), 'test-only'],
    ['false', rights('main', true), 'test-only'],
    ['protected', rights('main', true), 'ship'],
    ['protected', rights('release', true), 'ship'],
    ['protected', rights('branch', true), 'test-only'],
    ['protected', rights('pull-request', true), 'test-only'],
  ])('push: %s, %o: %s', (push, given, kind) => {
    expect(planPush(push, given).kind).toBe(kind);
  });
});
