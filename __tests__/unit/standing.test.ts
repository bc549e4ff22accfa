import { describe, expect, test } from '@jest/globals';
import type { RemoteHead } from '../../src/model/git-context.ts';
import { parseTag } from '../../src/model/tag.ts';
import type { Held } from '../../src/plan/adoption.ts';
import { type History, judgeTag, needsHeld, type Standing, yieldsTo } from '../../src/plan/standing.ts';
import { type TagKind, want } from '../../src/plan/wanted-tag.ts';
import { digest } from '../support/facts.ts';

const [ours, newer, other, merge] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const ancestor: History = { kind: 'ancestor', since: [newer] };
const unrelated: History = { kind: 'other' };
const deep: History = { kind: 'unknown', reason: 'shallow' };
const at = (commit: string): RemoteHead => ({ kind: 'known', commit });
const gone: RemoteHead = { kind: 'gone' };
const unknown: RemoteHead = { kind: 'unknown', reason: 'no route' };
const absent: Held = { kind: 'absent' };
const of = (head: string, revision = head): Held => ({
  kind: 'held',
  digest: digest('e'),
  labels: { head, revision, key: '', bases: '', tests: '', dirty: 'false' },
});
const bare: Held = { kind: 'held', digest: digest('e'), labels: undefined };

function stand(parts: Partial<Standing>): Standing {
  const main = { ref: 'refs/heads/main', commit: ours, merged: false, mendable: true };
  return { ...main, head: at(ours), ahead: unrelated, ...parts };
}
const branch = (parts: Partial<Standing>) => stand({ ref: 'refs/heads/x', mendable: false, ...parts });
const pull = (parts: Partial<Standing> = {}) => branch({ merged: true, ...parts });
const behind = { head: at(newer), ahead: ancestor };

function judge(standing: Standing, held: Held, { history = unrelated, kind = 'own' as TagKind } = {}) {
  return judgeTag(standing, want(parseTag('main'), kind, 'by-ref'), { held, history });
}

describe('a tag that follows a ref', () => {
  test.each<[string, Standing, Held, History, 'write' | 'superseded', RegExp]>([
    ['the head, over a newer one: a reset or a force-push', stand({}), of(newer), unrelated, 'write', /^$/],
    ['the head, over nothing', stand({}), absent, unrelated, 'write', /^$/],
    ['the head, over what nobody labelled', stand({}), bare, unrelated, 'write', /^$/],
    ['main behind its head, over an older one', stand(behind), of(other), ancestor, 'write', /^$/],
    ['main behind its head, over its own', stand(behind), of(ours), ancestor, 'write', /^$/],
    ['main behind its head, over nothing', stand(behind), absent, unrelated, 'write', /^$/],
    ['main behind its head, over what nobody labelled', stand(behind), bare, unrelated, 'write', /no label.*older/],
    ['main behind its head, over a label that is no commit', stand(behind), of('--all'), unrelated, 'write', /older/],
    ['main behind its head, over the head’s', stand(behind), of(newer), ancestor, 'superseded', /is at b/],
    ['main behind its head, over one between', stand(behind), of(other), unrelated, 'superseded', /it holds c/],
    ['main behind its head, over who knows what', stand(behind), of(other), deep, 'superseded', /unknown \(shallow/],
    [
      'main, reset below this run',
      stand({ head: at(newer), ahead: unrelated }),
      of(other),
      ancestor,
      'superseded',
      /not on its way/,
    ],
    [
      'main, moved to who knows where',
      stand({ head: at(newer), ahead: deep }),
      of(other),
      ancestor,
      'superseded',
      /unknown \(shallow/,
    ],
    ['main, deleted', stand({ head: gone }), of(other), ancestor, 'superseded', /does not exist/],
    ['a branch behind its head, over an older one', branch(behind), of(other), ancestor, 'superseded', /is at b/],
    ['a branch, deleted', branch({ head: gone }), absent, unrelated, 'superseded', /does not exist/],
    ['nobody can be asked, over an older one', branch({ head: unknown }), of(other), ancestor, 'write', /no route/],
    ['nobody can be asked, over nothing', branch({ head: unknown }), absent, unrelated, 'write', /no route/],
    [
      'nobody can be asked, over what nobody labelled',
      branch({ head: unknown }),
      bare,
      unrelated,
      'write',
      /no route.*older/,
    ],
    [
      'nobody can be asked, over a newer one',
      branch({ head: unknown }),
      of(other),
      unrelated,
      'superseded',
      /no route.*it holds c/,
    ],
    ['nobody can be asked, shallow', branch({ head: unknown }), of(other), deep, 'superseded', /no route.*shallow/],
  ])('%s', (_, standing, held, history, kind, says) => {
    const judged = judge(standing, held, { history });
    expect(judged.kind).toBe(kind);
    expect(judged.kind === 'write' ? judged.notice : judged.because).toMatch(says);
    if (judged.kind === 'superseded') expect(judged.stale).toBe(true);
    if (!needsHeld(standing, want(parseTag('main'), 'own', 'by-ref'))) expect(judge(standing, absent)).toEqual(judged);
  });

  test.each<[string, Standing, Held, TagKind, 'write' | 'superseded']>([
    ['the merge, over the push of the same head', pull(), of(ours), 'head-branch', 'superseded'],
    ['the merge, over another merge of the same head', pull(), of(ours, merge), 'head-branch', 'write'],
    ['the merge, over the push of an older head', pull(), of(other), 'head-branch', 'write'],
    ['the merge, on its own pr-<n>', pull(), of(ours), 'own', 'write'],
    ['the push, over the merge of the same head', branch({}), of(ours, merge), 'own', 'write'],
    ['a checkout of the head itself in a pull request', pull({ merged: false }), of(ours), 'head-branch', 'write'],
  ])('push and pull request: %s', (_, standing, held, kind, expected) => {
    const judged = judge(standing, held, { kind });
    expect(judged.kind).toBe(expected);
    if (judged.kind === 'superseded') expect(judged.stale).toBe(false);
    const isAsked = needsHeld(standing, want(parseTag('x'), kind, 'by-ref'));
    if (expected === 'superseded') expect(isAsked).toBe(true);
  });
});

describe('two runs of one commit that cross', () => {
  const runs = { push: branch({}), merge: pull() };
  const images = { push: of(ours), merge: of(ours, merge), other: of(newer) };

  test.each<[keyof typeof runs, keyof typeof images, boolean]>([
    ['push', 'push', true],
    ['push', 'merge', false],
    ['merge', 'push', true],
    ['merge', 'merge', true],
    ['push', 'other', false],
    ['merge', 'other', false],
  ])('a %s run that finds the image of a %s gives way: %s', (run, image, expected) => {
    expect(yieldsTo(runs[run], images[image])).toBe(expected);
  });
});
