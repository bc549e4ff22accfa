import { type Pep440, parsePep440 } from './pep440.ts';
import { parseSemver, type Semver, type VersionPart } from './semver.ts';

/** How git tags are read as versions: SemVer 2.0.0 or PEP 440. */
export type VersionScheme = 'semver' | 'pep440';

/** A version; all numbers are canonical decimal strings, so that none is too large. */
export type Version = Semver | Pep440;

/** What a git tag's name says (INTERFACE, "Version."). */
export type VersionReading =
  | { readonly kind: 'version'; readonly version: Version }
  | { readonly kind: 'no-version' }
  /** It lacks the version prefix: another line's tag. */
  | { readonly kind: 'foreign' }
  /** A version with a part that no tag can carry. */
  | { readonly kind: 'refused'; readonly rule: string };

/** Reads a version with an optional leading `v`; undefined where the text is none, or has `+build` or an epoch. */
export function parseVersion(text: string, scheme: VersionScheme): Version | undefined {
  switch (scheme) {
    case 'semver':
      return parseSemver(text);
    case 'pep440':
      return parsePep440(text);
  }
}

/** The full tag's text: `1.4.2`, `1.4.2-rc.1`, `1.4.0rc1`. */
export function formatVersion(version: Version): string {
  return version.release.join('.') + version.suffix;
}

/** Reads a git tag's name, prefix included. */
export function readGitTag(
  name: string,
  rules: { readonly versions: VersionScheme | 'none'; readonly versionPrefix: string | undefined },
): VersionReading {
  const prefix = rules.versionPrefix ?? '';
  if (!name.startsWith(prefix)) return { kind: 'foreign' };
  if (rules.versions === 'none') return { kind: 'no-version' };
  const text = name.slice(prefix.length);
  const version = parseVersion(text, rules.versions);
  if (version !== undefined) return { kind: 'version', version };
  const plain = withoutEpoch(withoutBuild(text));
  if (plain === text || parseVersion(plain, rules.versions) === undefined) return { kind: 'no-version' };
  return {
    kind: 'refused',
    rule: withoutBuild(text) === text ? 'a version has no epoch here' : 'a version has no +build here',
  };
}

/** Negative, zero or positive as `a` is lower, equal or higher. Schemes are not mixed: that would be our bug.
 * @throws Error where they are. */
export function compareVersions(a: Version, b: Version): number {
  if (a.scheme !== b.scheme) throw new Error(`versions of two schemes: ${formatVersion(a)}, ${formatVersion(b)}`);
  const length = Math.max(a.release.length, b.release.length, a.order.length, b.order.length);
  for (let at = 0; at < length; at++) {
    const order = compareNumbers(a.release[at] ?? '0', b.release[at] ?? '0');
    if (order !== 0) return order;
  }
  for (let at = 0; at < length; at++) {
    const order = compareParts(a.order[at], b.order[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** The tags of the lines that a version belongs to, narrow one first: `1.4`, `1`. */
export function linesOf(version: Version): readonly [minor: string, major: string] {
  const [major = '0', minor = '0'] = version.release;
  return [`${major}.${minor}`, major];
}

/** Tells whether a registry's tag, case folded, could be read as a version or as a version line (`1`, `v1.4`: PEP 440 reads
 * these too): then it is no branch's. */
export function isVersionLike(text: string): boolean {
  const folded = text.toLowerCase();
  return parseSemver(folded) !== undefined || parsePep440(folded) !== undefined;
}

function compareParts(a: VersionPart | undefined, b: VersionPart | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.kind !== b.kind) return a.kind === 'number' ? -1 : 1;
  if (a.kind === 'number') return compareNumbers(a.value, b.value);
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1;
}

function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}

function withoutBuild(text: string): string {
  return text.replace(/\+.*$/s, '');
}

function withoutEpoch(text: string): string {
  return text.replace(/^(v?)\d+!/i, '$1');
}
