import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renderComment } from '../../src/report/comment.ts';
import { diff } from '../support/facts.ts';
import { summaryCases } from '../support/summary-cases.ts';

const folder = '__tests__/fixtures/comments';
/** `WRITE_SUMMARIES=1` writes them anew, as for the summaries. */
const writes = process.env['WRITE_SUMMARIES'] === '1';
const owner = {
  workflow: 'acme/app/.github/workflows/image.yml',
  runUrl: 'https://github.com/acme/app/actions/runs/1',
};
const { published, adopted } = summaryCases;
const cases = {
  published: { ...published, diff },
  'published-without-a-difference': published,
  adopted,
  'failed-build': summaryCases['failed-build'],
  'failed-test': summaryCases['failed-test'],
  'push-false': summaryCases['push-false'],
};

describe('the comment on a pull request, as people read it', () => {
  test.each(Object.entries(cases))('%s', (name, run) => {
    const path = `${folder}/${name}.md`;
    const { body } = renderComment(run as NonNullable<typeof published>, owner);
    mkdirSync(folder, { recursive: true });
    if (writes) writeFileSync(path, body);
    expect(body).toBe(readFileSync(path, 'utf8'));
  });

  test('has a file for each kind of run and no other', () => {
    expect(readdirSync(folder).toSorted()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.md`)
        .toSorted(),
    );
  });
});
