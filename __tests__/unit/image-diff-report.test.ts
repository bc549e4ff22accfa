import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRepository } from '../../src/model/image-ref.ts';
import { renderComment } from '../../src/report/comment.ts';
import type { Facts } from '../../src/report/facts.ts';
import { renderImageDiff, renderShortDiff } from '../../src/report/image-diff.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { diff, facts, image, tagRecord } from '../support/facts.ts';

type Diff = NonNullable<Facts['diff']>;
const plain = (text: string) => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
const change = (name: string) => ({ kind: 'python' as const, name, before: '1', after: '2' });
const withChanges = (count: number, more = 0): Diff => ({
  ...diff,
  packages: { changes: Array.from({ length: count }, (_, at) => change(`p${at}`)), more, unread: [] },
});

describe('the difference to main', () => {
  test('in the summary', () => {
    expect(plain(renderImageDiff({ diff }))).toBe(
      [
        '### Against <code>ghcr.io/acme/app:main</code>',
        '',
        '15.4 MB as registries keep it (compressed), 3.4 MB more than before.',
        '',
        '| layer | before | now | change |',
        '|---|--:|--:|--:|',
        '| <code>Dockerfile:7</code> <code>COPY . /app</code> | 1.0 kB | 3.0 MB | +3.0 MB |',
        '| <code>Dockerfile:5</code> <code>RUN pip install x</code> | — | 0.4 MB | +0.4 MB |',
        '| base image: <code># debian.sh</code> | 900 B | 905 B | +5 B |',
        '| an unknown instruction | 0.2 MB | — | −0.2 MB |',
        '',
        '| package | kind | before | now |',
        '|---|---|---|---|',
        '| <code>zlib1g</code> | debian | 1.2 | 1.3 |',
        '| <code>come</code> | python | — | 3.0 |',
        '| <code>gone</code> | python | 2.0 | — |',
        '',
        '- Not compared: packages of RPM: their database is not read',
      ].join('\n'),
    );
  });

  test('in the comment: what grew, packages, what was not compared', () => {
    expect(plain(renderShortDiff({ diff }))).toBe(
      [
        'Against <code>ghcr.io/acme/app:main</code>: 15.4 MB as registries keep it (compressed), 3.4 MB more than before.',
        '',
        '- +3.0 MB by <code>Dockerfile:7</code> <code>COPY . /app</code>',
        '- +0.4 MB by <code>Dockerfile:5</code> <code>RUN pip install x</code>',
        '- <code>zlib1g</code> 1.2 → 1.3',
        '- added <code>come</code> 3.0',
        '- removed <code>gone</code> 2.0',
        '',
        'Not compared: packages of RPM: their database is not read.',
      ].join('\n'),
    );
  });

  test('is nothing where there is none, and in the summary of a run', () => {
    expect([renderImageDiff(facts()), renderShortDiff(facts())]).toEqual(['', '']);
    expect(renderSummary(facts({ diff }))).toContain('### Against');
  });

  test.each<[string, Diff, string]>([
    [
      'the same layers',
      { ...diff, size: { before: 5, after: 5 }, layers: [], packages: { changes: [], more: 0, unread: [] } },
      '5 B as registries keep it (compressed), as large as before, with the same layers.',
    ],
    [
      'the same packages',
      { ...diff, size: { before: 9_000, after: 5 }, packages: { changes: [], more: 0, unread: [] } },
      '9.0 kB less than before. The same packages.',
    ],
  ])('says so of %s', (_, known, expected) => {
    expect(renderImageDiff({ diff: known })).toContain(expected);
  });

  test('is cut where it is long, and that is said', () => {
    const layers = Array.from({ length: 230 }, () => ({
      instruction: 'RUN x',
      from: 'unknown' as const,
      place: undefined,
      before: undefined,
      after: 20_000,
    }));
    const summary = renderImageDiff({ diff: { ...withChanges(1_000, 70), layers } });
    expect(summary).toContain('<summary>230 layers</summary>');
    expect(summary).toContain('| … 30 more, in the receipt |');
    expect(summary).toContain('<summary>1000 packages</summary>');
    expect(summary).toContain('… and 70 more packages.');
    expect(renderShortDiff({ diff: withChanges(20, 3) })).toContain('- … 8 more packages');
    expect(renderShortDiff({ diff: withChanges(15) })).not.toContain('more packages');
  });

  test('is news to who reads the comment, and is left out where there is no image', () => {
    const owner = { workflow: 'w', runUrl: 'https://github.com/acme/app/actions/runs/1' };
    const inputs = { repositories: [parseRepository('ghcr.io/acme/app')] } as unknown as Facts['inputs'];
    const known = facts({ inputs, image, verdict: { kind: 'ship' }, tags: [tagRecord('pr-7')], diff });
    const prints = [known, { ...known, diff: withChanges(1) }, { ...known, diff: undefined }].map(
      (one) => renderComment(one, owner).fingerprint,
    );
    expect(new Set(prints).size).toBe(3);
    expect(renderComment({ ...known, error: new Error('x') }, owner).body).not.toContain('Against');
  });

  test('keeps tables and lines whole, whatever an image says', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '|',
            '\n',
            '\r',
            '`',
            '<!-- -->',
            '</details>',
            '@octocat',
            '[x](http://x)',
            '::error::',
            '\\',
          ),
          fc.string({ unit: 'binary' }),
        ),
      )
      .map((all) => all.join(''));
    fc.assert(
      fc.property(hostile, hostile, (name, version) => {
        const layer = { instruction: name, from: 'base' as const, place: undefined, before: 1, after: 1_000_000 };
        const packages = {
          changes: [{ kind: 'debian' as const, name, before: version, after: `${version}2` }],
          more: 0,
          unread: [name],
        };
        const known = { ...diff, layers: [layer], packages };
        const summary = renderImageDiff({ diff: known });
        expect(summary.split('\n')).toHaveLength(13);
        for (const row of summary.split('\n').filter((line) => line.startsWith('|')))
          expect(row.split('|')).toHaveLength(6);
        expect(renderShortDiff({ diff: known }).split('\n')).toHaveLength(6);
        for (const text of [summary, renderShortDiff({ diff: known })])
          expect(text.replace(/<\/?(?:code|wbr|span)>/g, '')).not.toMatch(/[<>`@[\]]/);
      }),
    );
  });
});
