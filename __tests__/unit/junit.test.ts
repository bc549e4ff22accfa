import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createJUnitReader } from '../../src/model/junit.ts';
import { mergeCounts, type TestCounts } from '../../src/model/test-counts.ts';

function read(text: string, piece = text.length): ReturnType<ReturnType<typeof createJUnitReader>['end']> {
  const reader = createJUnitReader((text) => text);
  for (let at = 0; at < text.length; at += Math.max(1, piece)) reader.write(text.slice(at, at + Math.max(1, piece)));
  return reader.end();
}

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/junit/${name}.xml`, import.meta.url), 'utf8');
}

const totals = ({ passed, failed, skipped }: TestCounts): number[] => [passed, failed, skipped];

describe('a report as it was written by', () => {
  test.each<[string, number[], [string, string, string | undefined][]]>([
    [
      'pytest',
      [5, 3, 2],
      [
        ['tests.test_app::test_fails', 'AssertionError: the <answer> & more', 'tests/test_app.py:5'],
        ['tests.test_app::test_raises', 'json.decoder.JSONDecodeError: Expecting', 'tests/test_app.py:6'],
        ['tests.test_app::test_needs', 'failed on setup with "RuntimeError: no database"', 'tests/test_app.py:10'],
      ],
    ],
    [
      'pytest-xunit1',
      [5, 3, 2],
      [
        ['tests.test_app::test_fails', 'AssertionError: the <answer> & more', 'tests/test_app.py:5'],
        ['tests.test_app::test_raises', 'json.decoder.JSONDecodeError: Expecting', 'tests/test_app.py:6'],
        ['tests.test_app::test_needs', 'failed on setup with "RuntimeError: no database"', 'tests/test_app.py:10'],
      ],
    ],
    [
      'unittest',
      [1, 2, 1],
      [
        ['test_unit.App::test_bad', '1 != 2', '/home/runner/work/app/app/test_unit.py:4'],
        ['test_unit.App::test_error', "'x'", '/home/runner/work/app/app/test_unit.py:7'],
      ],
    ],
    [
      'jest',
      [1, 1, 1],
      [['app fails', 'Error: expect(received).toEqual(expected)', '/home/runner/work/app/app/app.test.js:1']],
    ],
    [
      'gotestsum',
      [1, 3, 1],
      [
        ['example.com/app::TestFails/sub_case', 'app_test.go:4: got 1', 'app_test.go:4'],
        ['example.com/app::TestFails', 'Failed', undefined],
        [
          'example.com/app::TestPanics',
          'panic: assignment to entry in nil map',
          '/home/runner/work/app/app/app_test.go:6',
        ],
      ],
    ],
    ['surefire', [2, 1, 1], [['com.acme.AppTest::fails', 'expected: <2> but was: <1>', 'com/acme/AppTest.java:12']]],
  ])('%s', (name, counts, failures) => {
    const { counts: found, problem } = read(fixture(name));
    expect(problem).toBeUndefined();
    expect(totals(found)).toEqual(counts);
    expect(found.failures.map((one) => [one.name, one.place && `${one.place.file}:${one.place.line}`])).toEqual(
      failures.map(([title, , place]) => [title, place]),
    );
    for (const [at, [, message]] of failures.entries()) expect(found.failures[at]?.message).toContain(message);
    for (const size of [1, 7]) expect(read(fixture(name), size).counts).toEqual(found);
  });
});

test('the slowest come first, ten at most, and a time with thousands is read', () => {
  const cases = Array.from({ length: 40 }, (_, at) => `<testcase name="t${at}" time="${(at * 7) % 40}"/>`).join('');
  const { counts } = read(`<testsuite>${cases}</testsuite>`);
  expect(counts.slowest.map(({ ms }) => ms)).toEqual([39, 38, 37, 36, 35, 34, 33, 32, 31, 30].map((s) => s * 1_000));
  expect(read(fixture('surefire')).counts.slowest[0]).toMatchObject({ name: 'com.acme.AppTest::reads', ms: 1_200_250 });
});

describe('what is no whole report', () => {
  const whole = fixture('pytest');
  test.each<[string, string, number[], RegExp]>([
    [
      'cut off in the middle of a case',
      whole.slice(0, whole.indexOf('test_raises')),
      [1, 1, 0],
      /unclosed|unexpected end/i,
    ],
    [
      'cut off between cases',
      `${whole.slice(0, whole.indexOf('<testcase classname="tests.test_app" name="test_raises"'))}`,
      [1, 1, 0],
      /unclosed|unexpected end/i,
    ],
    [
      'an entity of its own DTD',
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>',
      [0, 0, 0],
      /invalid character entity/i,
    ],
    [
      'an entity that is a file',
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="b"/><testcase name="&a;"/></testsuite>',
      [1, 0, 0],
      /invalid character entity/i,
    ],
    [
      'entities that grow',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "${'&a;'.repeat(1_000)}">]><testsuite><testcase><failure>&b;</failure></testcase></testsuite>`,
      [0, 0, 0],
      /invalid character entity/i,
    ],
    ['not XML', 'FAILED (failures=1)\n', [0, 0, 0], /non-whitespace before first tag/i],
    ['empty', '', [0, 0, 0], /no <testsuites>|document must contain a root element/i],
    ['HTML', '<html><body>502</body></html>', [0, 0, 0], /no <testsuites>/],
    ['elements without end in each other', `<testsuite><testcase/>${'<a>'.repeat(2_000_000)}`, [1, 0, 0], /100 deep/],
    [
      'attributes without end',
      `<testsuite><testcase/><a ${Array.from({ length: 50_000 }, (_, at) => `x${at}=""`).join(' ')}/><testcase/></testsuite>`,
      [1, 0, 0],
      /more than 1000 attributes/,
    ],
    ['a file of zeros', '\0'.repeat(1_000), [0, 0, 0], /non-whitespace/i],
  ])('%s', (_, text, counts, problem) => {
    const found = read(text);
    expect(totals(found.counts)).toEqual(counts);
    expect(found.problem).toMatch(problem);
  });

  test('a file as large as it likes takes no more memory than what is kept', () => {
    const reader = createJUnitReader((text) => text);
    reader.write('<testsuite>');
    const long = 'x'.repeat(1_000_000);
    for (let at = 0; at < 20; at++)
      reader.write(`<testcase name="${at}"><failure message="m">${long}</failure></testcase>`);
    for (let at = 0; at < 200; at++)
      reader.write(`<testcase name="${at}"><error message="${'y'.repeat(50_000)}"/></testcase>`);
    reader.write('</testsuite>');
    const { counts } = reader.end();
    expect([counts.failed, counts.failures.length]).toEqual([220, 100]);
    expect(JSON.stringify(counts).length).toBeLessThan(400_000);
  });
});

test('several reports add up', () => {
  const all = ['pytest', 'jest', 'surefire'].map((name) => read(fixture(name)).counts);
  const sum = mergeCounts(all);
  expect(totals(sum)).toEqual([8, 5, 4]);
  expect(sum.failures).toHaveLength(5);
  expect(sum.slowest[0]?.name).toBe('com.acme.AppTest::reads');
  expect(totals(mergeCounts([]))).toEqual([0, 0, 0]);
});
