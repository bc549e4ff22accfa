/** One comparable part behind the release numbers; a missing one is lower than any, and a number than a text. */
export type VersionPart = { readonly kind: 'number' | 'text'; readonly value: string };

/** A version of SemVer 2.0.0 without build metadata. */
export interface Semver {
  readonly scheme: 'semver';
  /** Major, minor, patch. */
  readonly release: readonly string[];
  /** What follows the release in the tag's text: `-rc.1`, or nothing. */
  readonly suffix: string;
  readonly prerelease: boolean;
  /** What orders versions of one release, compared part by part. */
  readonly order: readonly VersionPart[];
}

const number = '(?:0|[1-9]\\d*)';
const identifier = `(?:${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const shape = new RegExp(`^v?(${number})\\.(${number})\\.(${number})(?:-(${identifier}(?:\\.${identifier})*))?$`);

/** Reads `X.Y.Z[-pre]` with an optional leading `v` (semver.org, clauses 2, 9 and 11); undefined where it is none. */
export function parseSemver(text: string): Semver | undefined {
  const [, major, minor, patch, pre] = shape.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const parts = pre === undefined ? [] : pre.split('.').map(readPart);
  // A release is higher than its pre-releases, whose own parts follow.
  const order: VersionPart[] = [{ kind: 'number', value: pre === undefined ? '1' : '0' }, ...parts];
  return {
    scheme: 'semver',
    release: [major, minor, patch],
    suffix: pre === undefined ? '' : `-${pre}`,
    prerelease: pre !== undefined,
    order,
  };
}

function readPart(value: string): VersionPart {
  return { kind: /^\d+$/.test(value) ? 'number' : 'text', value };
}
