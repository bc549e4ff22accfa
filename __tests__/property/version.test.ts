import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareVersions,
  formatVersion,
  isVersionLike,
  linesOf,
  parseVersion,
  type Version,
} from '../../src/model/version.ts';

const seed = Number(process.env['SLIPWAY_SEED'] ?? 20_261_105);
const number = fc.oneof(fc.nat(12), fc.bigInt(0n, 10n ** 30n)).map(String);
const padded = fc.tuple(fc.constantFrom('', '0', '00'), number).map((parts) => parts.join(''));
const identifier = fc.oneof(number, fc.stringMatching(/^[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,4}$/));
const semver = fc
  .tuple(fc.constantFrom('', 'v'), number, number, number, fc.array(identifier, { maxLength: 3 }))
  .map(([v, x, y, z, pre]) => `${v}${x}.${y}.${z}${pre.length > 0 ? `-${pre.join('.')}` : ''}`);
const separator = fc.constantFrom('', '-', '_', '.');
const part = (...words: string[]) =>
  fc.option(fc.tuple(separator, fc.constantFrom(...words), separator, fc.oneof(padded, fc.constant(''))), { nil: [] });
const pep440 = fc
  .tuple(
    fc.constantFrom('', 'v', 'V'),
    fc.array(padded, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
    part('a', 'b', 'c', 'rc', 'alpha', 'BETA', 'pre', 'preview'),
    part('post', 'Rev', 'r'),
    part('dev', 'DEV'),
  )
  .map((parts) => parts.flat().join(''));

const spellings = [
  ['semver', semver],
  ['pep440', pep440],
] as const;

test.each(spellings)('%s: parse∘format is the identity, and every version is version-like', (scheme, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      const version = parseVersion(text, scheme);
      expect(version).toBeDefined();
      if (version === undefined) return;
      expect(parseVersion(formatVersion(version), scheme)).toEqual(version);
      for (const tag of [text, formatVersion(version), ...linesOf(version)])
        expect([tag, isVersionLike(tag)]).toEqual([tag, true]);
    }),
    { seed, numRuns: 3_000 },
  );
});

test.each(spellings)('%s: versions have one order', (scheme, texts) => {
  const version = texts.map((text) => parseVersion(text, scheme)).filter((one): one is Version => one !== undefined);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      const sign = (x: Version, y: Version) => Math.sign(compareVersions(x, y));
      expect(sign(a, b)).toBe(-sign(b, a) + 0);
      expect(sign(a, a)).toBe(0);
      if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      if (scheme === 'semver' && sign(a, b) === 0) expect(formatVersion(a)).toBe(formatVersion(b));
    }),
    { seed, numRuns: 3_000 },
  );
});
