import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renderReliability } from '../../scripts/faults/report.mjs';
import type { Digest } from '../../src/model/digest.ts';
import type { RepositoryName } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { accepted, settleRecord, unanswered, underWay } from '../../src/plan/settle.ts';
import type { TagOutcome, TagRecord } from '../../src/report/facts.ts';
import { renderWritten } from '../../src/report/written.ts';

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

  test('says where it is no whole sweep', () => {
    const sweep = parse('__tests__/fixtures/reliability/sweep.json');
    expect(renderReliability({ ...sweep, quick: true })).toContain('not the whole sweep');
  });
});

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest;
const [image, old, other] = [digest('a'), digest('b'), digest('c')];

function recordOf(tag: string, outcome: TagOutcome, over: Partial<TagRecord> = {}): TagRecord {
  const repository = 'ghcr.io/acme/app' as RepositoryName;
  return { repository, tag: parseTag(tag), kind: 'own', before: old, after: undefined, outcome, reason: '', ...over };
}

describe('a tag in doubt that was read once more', () => {
  test.each<[string, string, Digest | undefined, Digest | undefined, TagOutcome]>([
    ['was under way and is done', underWay, old, image, 'moved'],
    ['was under way and is done, and there was none before', underWay, undefined, image, 'new'],
    ['was under way and left no trace', underWay, old, old, 'not-written'],
    ['was under way and left no trace, and there was none before', underWay, undefined, undefined, 'not-written'],
    ['was under way and holds a third image', underWay, old, other, 'unknown'],
    ['was never answered and may still arrive', unanswered, old, old, 'unknown'],
    ['was never answered and is done', unanswered, old, image, 'moved'],
    ['was taken by the registry, which does not show it', accepted, old, old, 'unknown'],
  ])('%s', (_, reason, before, held, outcome) => {
    const settled = settleRecord(recordOf('main', 'unknown', { reason, before }), held, image);
    expect(settled).toMatchObject({ outcome, after: held, before });
  });

  test('where nothing is in doubt nothing changes', () => {
    const written = recordOf('main', 'moved', { after: image });
    expect(settleRecord(written, other, image)).toBe(written);
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
