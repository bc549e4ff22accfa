import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { keepRun, renderReliability } from '../../scripts/faults/report.mjs';
import type { Digest } from '../../src/model/digest.ts';
import type { RepositoryName } from '../../src/model/image-ref.ts';
import type { Registry } from '../../src/model/registry.ts';
import { parseTag } from '../../src/model/tag.ts';
import { accepted, unanswered, underWay } from '../../src/plan/settle.ts';
import type { TagOutcome, TagRecord } from '../../src/report/facts.ts';
import { settleTag } from '../../src/report/unfinished.ts';
import { renderWritten } from '../../src/report/written.ts';
import { explainWritten } from '../../src/tools/publish/account.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const parse = (path: string): Parameters<typeof renderReliability>[0] => JSON.parse(read(path));

describe('docs/reliability.md', () => {
  test('says what a sweep says', () => {
    const folder = '__tests__/fixtures/reliability';
    expect(renderReliability(parse(`${folder}/sweep.json`))).toBe(read(`${folder}/page.md`));
  });

  test('is what the renderer makes of the last sweep: there is no page without figures', () => {
    const [page, sweep] = ['docs/reliability.md', 'docs/reliability.json'];
    expect(existsSync(page)).toBe(existsSync(sweep));
    if (existsSync(page)) expect(read(page)).toBe(renderReliability(parse(sweep)));
  });

  test('a part that is run again takes the place of its last run, and the others stay', () => {
    const [client, releases, signals] = parse('__tests__/fixtures/reliability/sweep.json');
    if (client === undefined || releases === undefined || signals === undefined)
      throw new Error('the fixture has three');
    const order = ['client', 'releases-classic', 'signals'];
    const again = { ...client, minutes: 99 };
    expect(keepRun([client, signals], releases, order)).toEqual([client, releases, signals]);
    expect(keepRun([client, releases, signals], again, order)).toEqual([again, releases, signals]);
    expect(keepRun([{ ...client, part: 'what was once a part' }], releases, order)).toEqual([releases]);
  });
});

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;
const [image, old, other] = [digest('a'), digest('b'), digest('c')];

function recordOf(tag: string, outcome: TagOutcome, over: Partial<TagRecord> = {}): TagRecord {
  const repository = 'ghcr.io/acme/app' as RepositoryName;
  return { repository, tag: parseTag(tag), kind: 'own', before: old, after: undefined, outcome, reason: '', ...over };
}

describe('a tag in doubt that was read once more', () => {
  const foreign = /somebody else wrote it$/;
  test.each<[string, string, Digest | undefined, Digest | undefined, TagOutcome, RegExp]>([
    ['was under way and is done', underWay, old, image, 'moved', /found done$/],
    ['was under way and is done, and there was none before', underWay, undefined, image, 'new', /found done$/],
    ['was under way and writes what was there', underWay, image, image, 'kept', /found done$/],
    ['was under way and left no trace', underWay, old, old, 'not-written', /no trace$/],
    [
      'was under way and left none, and there was none before',
      underWay,
      undefined,
      undefined,
      'not-written',
      /no trace$/,
    ],
    ['was under way and holds a third image', underWay, old, other, 'unknown', foreign],
    ['was under way and is gone', underWay, old, undefined, 'unknown', foreign],
    ['was never answered and may still arrive', unanswered, old, old, 'unknown', /may still arrive$/],
    ['was never answered and is done', unanswered, old, image, 'moved', /found done$/],
    ['was taken by the registry, which does not show it', accepted, old, old, 'unknown', /does not show it$/],
    ['was taken by the registry, which shows it late', accepted, old, image, 'moved', /found done$/],
    ['was taken by the registry and holds a third image', accepted, old, other, 'unknown', foreign],
  ])('%s: main and post say the same', async (_, reason, before, held, outcome, why) => {
    const doubtful = recordOf('main', 'unknown', { reason, before });
    const records = [doubtful];
    const look = { held, isImage: held === image };
    const registry = { manifest: async () => (held === undefined ? undefined : { digest: held }) };
    await explainWritten(
      {
        records: () => records,
        record: (settled) => void records.splice(0, 1, settled),
        open: async () => registry as unknown as Registry,
        image,
      },
      new Error('why'),
    );
    expect(records).toEqual([{ ...doubtful, after: held, outcome, reason: expect.stringMatching(why) }]);
    const told = { ...doubtful, before: before ?? null, after: null };
    const { after, ...settled } = settleTag(told, { kind: 'read', ...look });
    expect({ ...settled, before, after: after ?? undefined }).toEqual(records[0]);
    // a second look, by post, at what main left in doubt says nothing else
    const again = settleTag({ ...told, reason: records[0]?.reason ?? '' }, { kind: 'read', ...look });
    if (outcome === 'unknown') expect(again).toEqual({ ...settled, before: told.before, after });
  });
});

describe('the sentence of a run that failed', () => {
  test('names every tag', () => {
    const records = [
      ...[recordOf('sha-aaaaaaaaaaaa', 'new'), recordOf('main', 'moved'), recordOf('1', 'kept')],
      ...[recordOf('latest', 'not-written'), recordOf('1.4', 'unknown'), recordOf('edge', 'superseded')],
    ];
    expect(renderWritten(records)).toBe(
      'Tags written: ghcr.io/acme/app:sha-aaaaaaaaaaaa, ghcr.io/acme/app:main, ghcr.io/acme/app:1; not written: ghcr.io/acme/app:latest; unknown: ghcr.io/acme/app:1.4.',
    );
  });

  test('says nothing where the run had not come to any tag', () => {
    expect(renderWritten([])).toBe('');
  });
});
