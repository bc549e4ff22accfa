import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import { errorPage } from '../../src/report/error-page.ts';
import { cell } from '../../src/report/markdown.ts';
import { outputNames, renderOutputs } from '../../src/report/outputs.ts';
import { renderReceipt } from '../../src/report/receipt.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { digest, facts, image, tagRecord } from '../support/facts.ts';

const wanted = {
  own: tagRecord('main').tag,
  refused: [{ tag: 'stable', rule: 'r' }],
  superseded: [],
  version: undefined,
} as never;

describe('outputs', () => {
  test('are all written, empty, for a run that got nowhere', () => {
    const outputs = renderOutputs(facts(), '/tmp/receipt.json');
    expect([...outputs.keys()]).toEqual([...outputNames]);
    expect(Object.fromEntries([...outputs].filter(([, value]) => value !== ''))).toEqual({
      current: 'false',
      pushed: 'false',
      reused: 'false',
      receipt: '/tmp/receipt.json',
    });
  });

  test('name what was written and nothing else', () => {
    const tags = [
      tagRecord('main', { outcome: 'moved' }),
      tagRecord('latest', { outcome: 'unknown', after: undefined }),
      tagRecord('x', { outcome: 'superseded', after: undefined }),
      tagRecord('sha-1', { outcome: 'kept' }),
    ];
    const outputs = renderOutputs(facts({ image, wanted, tags }), '');
    expect(outputs.get('tags')).toBe('ghcr.io/acme/app:main\nghcr.io/acme/app:sha-1');
    expect(outputs.get('superseded-tags')).toBe('ghcr.io/acme/app:x');
    expect(outputs.get('refused-tags')).toBe('stable');
    expect(outputs.get('current')).toBe('true');
    expect(outputs.get('ref')).toBe(`ghcr.io/acme/app@${digest('a')}`);
  });

  test.each([
    ['another digest', { outcome: 'kept' as const, after: digest('b') }],
    ['superseded', { outcome: 'superseded' as const, after: undefined }],
    ['a write of unknown end', { outcome: 'unknown' as const, after: digest('a') }],
  ])('current is false with %s at the own tag', (_, change) => {
    expect(renderOutputs(facts({ image, wanted, tags: [tagRecord('main', change)] }), '').get('current')).toBe('false');
  });

  test('current needs the own tag in every repository', () => {
    const elsewhere = tagRecord('main', {
      repository: 'ghcr.io/acme/other' as never,
      outcome: 'not-written',
      after: undefined,
    });
    expect(renderOutputs(facts({ image, wanted, tags: [tagRecord('main'), elsewhere] }), '').get('current')).toBe(
      'false',
    );
  });
});

describe('receipt', () => {
  test('tells of an error with code, message and way out', () => {
    const error = new ActionError('test-failed', 'it broke', { hint: 'mend it' });
    expect(JSON.parse(renderReceipt(facts({ error }), ''))).toMatchObject({
      result: 'failed',
      error: { code: 'test-failed', message: 'it broke', hint: 'mend it' },
    });
  });

  test('calls our own bug internal', () => {
    expect(JSON.parse(renderReceipt(facts({ error: new TypeError('x') }), ''))).toMatchObject({
      error: { code: 'internal', message: 'x' },
    });
  });

  test('says of a run that was cut off that it is unfinished', () => {
    expect(JSON.parse(renderReceipt(facts(), ''))).toMatchObject({ result: 'unfinished', image: null, tags: [] });
  });
});

describe('summary', () => {
  test('begins with the verdict', () => {
    expect(renderSummary(facts({ image, verdict: { kind: 'ship' }, tags: [tagRecord('main')] }))).toMatch(
      /^## ✅ Slipway: published\n/,
    );
    expect(renderSummary(facts({ error: new Error('x') }))).toMatch(/^## ❌ /);
    expect(renderSummary(facts({ verdict: { kind: 'test-only', because: 'a fork' } }))).toMatch(
      /^## ☑️ [^\n]+\n\na fork/,
    );
  });

  test('gives a pull command by digest', () => {
    const text = renderSummary(facts({ image, verdict: { kind: 'ship' }, tags: [tagRecord('main')] }));
    expect(plainText(text)).toContain(`docker pull ghcr.io/acme/app@${digest('a')}`);
    expect(text).toContain('12.3 MB');
    expect(text).toContain('3 of 5 steps cached');
  });

  test.each(['a|b', 'x\n| y |', '<script>', '`', '[link](http://x)', '::error::x', '@octocat', '\\|'])(
    '%j in a cell keeps the table whole',
    (text) => {
      const rows = renderSummary(facts({ tags: [tagRecord('main', { reason: text })] }))
        .split('\n')
        .filter((line) => line.startsWith('|'));
      expect(rows).toHaveLength(3);
      for (const row of rows) expect(row.split('|')).toHaveLength(6);
      expect(cell(text).replaceAll('<wbr>', '')).not.toMatch(/[<>`|[\]()@\n]/);
    },
  );
});

function plainText(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe('reports of tests in the summary', () => {
  const failure = {
    name: 'a|b',
    ms: 5,
    outcome: 'failed' as const,
    message: '<img> | `x`\nmore',
    place: { file: 'a b.py', line: 3 },
  };
  const reports = (failed: number) => ({
    files: ['r.xml'],
    counts: {
      passed: 1,
      failed,
      skipped: 2,
      failures: Array.from({ length: Math.min(failed, 100) }, () => failure),
      slowest: [{ ...failure, ms: 1_500 }],
    },
  });

  test('are counted, failures in a table that no text breaks, the slowest folded away', () => {
    const summary = renderSummary(facts({ reports: reports(1) }));
    expect(summary).toContain('Tests: **1 failed**, 1 passed, 2 skipped (from one report).');
    const row = summary.split('\n').find((line) => line.includes('a b'));
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(4);
    expect(row).not.toContain('<img>');
    expect(summary).toMatch(/<details><summary>Slowest tests<\/summary>\n\n\| test/);
  });

  test('of many failures are cut, and that is said', () => {
    expect(renderSummary(facts({ reports: reports(70) }))).toContain('… 45 more');
  });

  test('where no report was found say nothing', () => {
    const none = { files: [], counts: { ...reports(0).counts, slowest: [] } };
    expect(renderSummary(facts({ reports: none }))).not.toContain('Tests:');
  });
});

describe('the page about an error', () => {
  const error = new ActionError('tag-conflict', 'm', { hint: 'h' });
  const home = 'https://github.com/acme/slipway/blob/v1';

  test('is linked from summary and receipt, in the version that runs', () => {
    const page = `${home}/docs/errors/tag-conflict.md`;
    expect(renderSummary(facts({ error, home }))).toContain(`](${page})`);
    expect(JSON.parse(renderReceipt(facts({ error, home }), '')).error.page).toBe(page);
  });

  test('of a mistake of ours is internal.md; without a known home there is no link', () => {
    expect(errorPage(new Error('x'), home)).toBe(`${home}/docs/errors/internal.md`);
    expect(errorPage(error, '')).toBe('');
    expect(renderSummary(facts({ error, home: '' }))).not.toContain('](');
  });
});
