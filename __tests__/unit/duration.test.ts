import { expect, test } from '@jest/globals';
import { formatDuration, parseDuration } from '../../src/model/duration.ts';

test.each<[text: string, ms: number]>([
  ['90s', 90_000],
  ['20m', 1_200_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1m500ms', 60_500],
])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([
  '',
  '20',
  'm',
  '1.5h',
  '-1m',
  ' 1m',
  '1m ',
  '1 m',
  '1d',
  '0s',
  '0h0m',
  '1M',
  '٣m',
  '1e3s',
  '99999999999999h',
  '600h',
])('refused: %j', (text) => expect(() => parseDuration(text)).toThrow('such as 90s, 20m or 1h30m is needed'));

test.each<[ms: number, text: string]>([
  [0, '0 ms'],
  [340.4, '340 ms'],
  [2_400, '2.4 s'],
  [60_000, '1 m 0 s'],
  [185_000, '3 m 5 s'],
  [119_600, '2 m 0 s'],
  [59_970, '1 m 0 s'],
  [3_600_000, '60 m 0 s'],
])('%d ms', (ms, text) => expect(formatDuration(ms)).toBe(text));
