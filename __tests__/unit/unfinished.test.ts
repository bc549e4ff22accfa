import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/model/digest.ts';
import { accepted, underWay } from '../../src/plan/settle.ts';
import type { TagOutcome } from '../../src/report/facts.ts';
import {
  type Look,
  openTags,
  parseReceipt,
  renderFinished,
  settleTag,
  type ToldTag,
} from '../../src/report/unfinished.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;
const [ours, older, other] = [digest('a'), digest('b'), digest('c')];

const told = (outcome: TagOutcome, before: string | null, after: string | null = null): ToldTag => ({
  repository: 'registry.example/acme/app',
  tag: 'main',
  before,
  after,
  outcome,
  reason: outcome === 'unknown' ? underWay : '',
});

const holds = (held: Digest | undefined): Look => ({ kind: 'read', held, isImage: held === ours });

describe('settleTag', () => {
  test.each<[string, ToldTag, Look, TagOutcome, string | null]>([
    ['a write that arrived, on a new tag', told('unknown', null), holds(ours), 'new', ours],
    ['a write that arrived, over another image', told('unknown', older), holds(ours), 'moved', ours],
    ['a write of what was there', told('unknown', ours), holds(ours), 'kept', ours],
    ['a write that did not arrive', told('unknown', older), holds(older), 'not-written', older],
    ['a write that did not arrive, on a new tag', told('unknown', null), holds(undefined), 'not-written', null],
    ['a write that met somebody else’s', told('unknown', older), holds(other), 'unknown', other],
    [
      'a write that was taken and written over',
      { ...told('unknown', older), reason: accepted },
      holds(older),
      'unknown',
      older,
    ],
    ['a write nobody can look for', told('unknown', older), { kind: 'unread', reason: 'it is down' }, 'unknown', null],
    ['what was never sent', told('not-written', null), holds(older), 'not-written', older],
    ['what was never sent and is there', told('not-written', null), holds(ours), 'not-written', ours],
    ['what was read back', told('new', null, ours), holds(ours), 'new', ours],
    ['what was read back and is another’s since', told('moved', older, ours), holds(other), 'moved', ours],
    ['what belongs to a newer commit', told('superseded', null), holds(other), 'superseded', null],
  ])('%s', (_, tag, look, outcome, after) => {
    expect(settleTag(tag, look)).toMatchObject({ tag: 'main', outcome, after });
  });

  test('says why where that is not plain', () => {
    const unread = settleTag(told('unknown', null), { kind: 'unread', reason: 'it is down' });
    expect(unread.reason).toContain('it is down');
    expect(settleTag(told('new', null, ours), holds(undefined)).reason).toBe('it holds nothing since');
    expect(settleTag(told('new', null, ours), holds(ours)).reason).toBe('');
  });
});

describe('a receipt on disk', () => {
  const tags = [told('new', null, ours), told('unknown', older), told('not-written', null)];
  const text = (result: string): string =>
    JSON.stringify({ format: 1, result, error: null, image: { digest: ours, config: null }, tags, role: 'main' });

  test('of a run that was ended is looked at whole, of another where a write was under way', () => {
    expect(openTags(parseReceipt(text('unfinished')))).toEqual(tags);
    expect(openTags(parseReceipt(text('failed')))).toEqual([tags[1]]);
  });

  test('keeps what it says of all else', () => {
    const receipt = parseReceipt(text('unfinished'));
    expect(receipt).toMatchObject({ digest: ours, configDigest: undefined, unfinished: true });
    expect(JSON.parse(renderFinished(receipt, []))).toMatchObject({
      role: 'main',
      result: 'failed',
      error: { code: 'cancelled' },
      tags: [],
    });
    expect(JSON.parse(renderFinished(parseReceipt(text('ship')), tags))).toMatchObject({ result: 'ship', error: null });
  });

  test.each([
    ['half a file', '{"format": 1, "tags": [{'],
    ['another format', '{"format": 2, "tags": []}'],
    ['a tag that is none', '{"format": 1, "tags": [{"tag": 7}]}'],
    ['an outcome that is none', JSON.stringify({ format: 1, tags: [{ ...told('new', null), outcome: 'maybe' }] })],
    ['a list', '[]'],
  ])('%s is an error', (_, broken) => {
    expect(() => parseReceipt(broken)).toThrow(Error);
  });
});
