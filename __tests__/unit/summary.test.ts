import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseRepository } from '../../src/model/image-ref.ts';
import { renderAfterwards } from '../../src/report/summary/afterwards.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { digest, facts, image, tagRecord } from '../support/facts.ts';
import { summaryCases } from '../support/summary-cases.ts';

const folder = '__tests__/fixtures/summaries';
/** `WRITE_SUMMARIES=1 npm test -- __tests__/unit/summary.test.ts` writes them anew: read the difference before it is committed. */
const writes = process.env['WRITE_SUMMARIES'] === '1';
const told = tagRecord('main', {
  before: digest('b'),
  outcome: 'moved',
  reason: 'the write was under way; it was found done',
});
const cases: readonly (readonly [string, string])[] = [
  ...Object.entries(summaryCases).map(([name, run]) => [name, renderSummary(run)] as const),
  [
    'afterwards-in-doubt',
    renderAfterwards({ unfinished: false }, [{ ...told, before: digest('b'), after: digest('a') }]),
  ],
  [
    'afterwards-killed',
    renderAfterwards({ unfinished: true }, [
      { ...told, before: digest('b'), after: digest('a') },
      {
        ...told,
        tag: 'latest',
        before: null,
        after: null,
        outcome: 'not-written',
        reason: 'the run did not come this far',
      },
    ]),
  ],
  ['afterwards-killed-early', renderAfterwards(undefined, [])],
];

describe('the summary of a run, as people read it', () => {
  test.each(cases)('%s', (name, text) => {
    const path = `${folder}/${name}.md`;
    mkdirSync(folder, { recursive: true });
    if (writes) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  test('has a file for each kind of run and no other', () => {
    expect(readdirSync(folder).toSorted()).toEqual(cases.map(([name]) => `${name}.md`).toSorted());
  });

  test.each(cases)('%s closes all that it opens', (_, text) => {
    const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
    expect(count(/<details>/g)).toBe(count(/<\/details>/g));
    expect(count(/^```/gm) % 2).toBe(0);
  });
});

describe('a summary that would be longer than GitHub shows', () => {
  const long = 'x'.repeat(60_000);
  const notices = Array.from({ length: 30 }, (_, at) => `${at} ${long}`);
  const rows = Array.from({ length: 300 }, (_, at) => tagRecord(`tag-${at}`));
  const tags = ['a', 'b', 'c'].flatMap((name) => {
    const repository = parseRepository(`ghcr.io/acme/${name}`).name;
    return rows.map((one) => ({ ...one, repository, reason: '|'.repeat(60_000) }));
  });

  test.each<[string, Parameters<typeof facts>[0], string]>([
    ['notices', { notices }, 'the notices'],
    ['the reasons of tags', { tags }, 'the tags'],
    ['both', { tags, notices }, 'the tags, the notices'],
    [
      'warnings',
      { image: { ...image, warnings: notices.map((text) => ({ text, url: '', place: undefined })) } },
      'the Dockerfile’s warnings',
    ],
  ])('for %s leaves them out as a whole, says so and keeps the rest', (_, more, cut) => {
    const text = renderSummary(facts({ image, verdict: { kind: 'ship' }, tags: [tagRecord('main')], steps, ...more }));
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
    expect(text.split('\n').at(-2)).toBe(
      `> ✂️ Left out, because GitHub shows no summary beyond 1 MiB: ${cut}. The receipt has it all.`,
    );
    expect(text).toMatch(/^## ✅ .*### Image.*### Time/s);
    expect(text).not.toMatch(/xxx|124;&/);
  });

  test('keeps an error of any length, shortened', () => {
    const text = renderSummary(facts({ error: new Error(`${'x'.repeat(2_000)}\n`.repeat(5_000)) }));
    expect(Buffer.byteLength(text)).toBeLessThan(200_000);
    expect(text).toContain('… 4960 more lines, in the log');
    expect(text.match(/<\/?pre>/g)).toEqual(['<pre>', '</pre>']);
  });

  test('counts the rows that nobody would read', () => {
    const text = renderSummary(facts({ tags: rows }));
    expect(text).toContain('<details><summary>300 tags: 300 new</summary>');
    expect(text.match(/<code>tag-/g)).toHaveLength(200);
    expect(text).toContain('| … 100 more, in the receipt | | | |');
  });
});

const steps = [{ name: 'Tags', ms: 1, outcome: 'done' as const }];
