import { describe, expect, test } from '@jest/globals';
import { parseTag } from '../../src/model/tag.ts';
import type { Adoption } from '../../src/plan/adoption.ts';
import type { Rights } from '../../src/plan/rights.ts';
import type { Judgement } from '../../src/plan/standing.ts';
import type { TagPlan } from '../../src/plan/tag-plan.ts';
import { planPush } from '../../src/plan/verdict.ts';
import type { WantedTag } from '../../src/plan/wanted-tag.ts';
import { type Judged, planWrites, type StalePolicy } from '../../src/plan/write-plan.ts';

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

const overtaken: Judgement = { kind: 'superseded', stale: true, because: 'the ref is at b' };
const sameHead: Judgement = { kind: 'superseded', stale: false, because: 'a push built it' };
const free: Judgement = { kind: 'write', notice: '' };
const older: Judgement = { kind: 'write', notice: 'it counts as older' };
const names = (tags: readonly WantedTag[]): string[] => tags.map(({ name }) => name);
const judge = (judgements: Record<string, readonly Judgement[]>): Judged =>
  new Map(Object.entries(judgements).map(([name, all]) => [parseTag(name), all]));

describe('planWrites', () => {
  test.each<[string, TagPlan, Adoption, Judged, string | undefined, string[], string[]]>([
    [
      'main at the head: all',
      wanted([fixed, main, latest]),
      build('sha-aaaaaaaaaaaa'),
      judge({ main: [free], latest: [free] }),
      'sha-aaaaaaaaaaaa',
      ['main', 'latest'],
      [],
    ],
    [
      'main overtaken: the fixed tag alone',
      wanted([fixed, main, latest]),
      build('sha-aaaaaaaaaaaa'),
      judge({ main: [overtaken], latest: [overtaken] }),
      'sha-aaaaaaaaaaaa',
      [],
      ['main', 'latest'],
    ],
    [
      'one tag holds something newer and the other does not',
      wanted([fixed, main, latest]),
      build('sha-aaaaaaaaaaaa'),
      judge({ main: [older], latest: [overtaken] }),
      'sha-aaaaaaaaaaaa',
      ['main'],
      ['latest'],
    ],
    [
      'overtaken in one repository: written in none',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa'),
      judge({ main: [free, overtaken] }),
      'sha-aaaaaaaaaaaa',
      [],
      ['main'],
    ],
    [
      'a branch overtaken: nothing',
      wanted([main]),
      build('main'),
      judge({ main: [overtaken] }),
      undefined,
      [],
      ['main'],
    ],
    [
      'the fixed tag is taken: the run’s own spelling',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa-1-1'),
      judge({ main: [free] }),
      'sha-aaaaaaaaaaaa-1-1',
      ['main'],
      [],
    ],
    [
      'the fixed tag is kept',
      wanted([fixed, main]),
      build('sha-aaaaaaaaaaaa-1-1', ['sha-aaaaaaaaaaaa']),
      judge({ main: [free] }),
      'sha-aaaaaaaaaaaa-1-1',
      ['main'],
      [],
    ],
    ['a run that writes nothing', wanted([]), build(undefined), judge({}), undefined, [], []],
  ])('%s', (_, plan, adoption, judged, first, further, superseded) => {
    const writes = planWrites(plan, adoption, { judged, stale: 'skip' });
    expect(writes.first?.name).toBe(first);
    expect(names(writes.further)).toEqual(further);
    expect(names(writes.superseded.map(({ tag }) => tag))).toEqual(superseded);
  });

  test('says of each tag why it stays, and why it is written where that was in doubt', () => {
    const judged = judge({ main: [older], latest: [overtaken] });
    const { notices } = planWrites(wanted([fixed, main, latest]), build('sha-aaaaaaaaaaaa'), { judged, stale: 'skip' });
    expect(notices).toEqual(['main: it counts as older', 'latest stays where it is: the ref is at b']);
  });
});

describe('stale', () => {
  const plan = wanted([fixed, main]);
  const write = (judgement: Judgement, stale: StalePolicy) =>
    planWrites(plan, build('sha-aaaaaaaaaaaa'), { judged: judge({ main: [judgement] }), stale });

  test('fail: a run that was overtaken is red and writes nothing', () => {
    expect(() => write(overtaken, 'fail')).toThrow(
      expect.objectContaining({
        code: 'superseded',
        message: expect.stringMatching(/nothing was written\nmain: the ref/),
      }),
    );
  });

  test('fail: a run at the head is not', () => {
    expect(names(write(free, 'fail').further)).toEqual(['main']);
  });

  test('ignore: a run that was overtaken writes, and says so', () => {
    const { further, superseded, notices } = write(overtaken, 'ignore');
    expect([names(further), superseded]).toEqual([['main'], []]);
    expect(notices).toEqual([expect.stringMatching(/main: the ref is at b: written all the same.*`stale: ignore`/)]);
  });

  test.each<StalePolicy>(['skip', 'fail', 'ignore'])('%s: what a push built of the same head stays', (stale) => {
    expect(names(write(sameHead, stale).superseded.map(({ tag }) => tag))).toEqual(['main']);
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
