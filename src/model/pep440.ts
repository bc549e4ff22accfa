import type { VersionPart } from './semver.ts';

/** A version of PEP 440 without epoch and local part, in its normal form and padded to three release numbers. */
export interface Pep440 {
  readonly scheme: 'pep440';
  /** At least three numbers. */
  readonly release: readonly string[];
  /** What follows the release in the tag's text: `rc1.post2.dev3`, or nothing. */
  readonly suffix: string;
  readonly prerelease: boolean;
  /** What orders versions of one release, compared part by part. */
  readonly order: readonly VersionPart[];
}

// PEP 440, appendix B, without epoch, local part and surrounding space: a ref is never trimmed.
const shape = new RegExp(
  [
    '^v?(?<release>\\d+(?:\\.\\d+)*)',
    '(?:[-_.]?(?<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<preNumber>\\d*))?',
    '(?:-(?<bare>\\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\\d*)))?',
    '(?<dev>[-_.]?dev[-_.]?(?<devNumber>\\d*))?$',
  ].join(''),
  'i',
);

const spellings = new Map([
  ['alpha', 'a'],
  ['beta', 'b'],
  ['c', 'rc'],
  ['pre', 'rc'],
  ['preview', 'rc'],
]);

/** Reads a version by PEP 440 ("Version scheme", "Normalization"); undefined where it is none. */
export function parsePep440(text: string): Pep440 | undefined {
  const found = shape.exec(text)?.groups;
  if (found?.['release'] === undefined) return undefined;
  const release = found['release'].split('.').map(canonical);
  while (release.length < 3) release.push('0');
  const kind = found['pre']?.toLowerCase();
  const pre = kind === undefined ? undefined : (spellings.get(kind) ?? kind);
  const preNumber = canonical(found['preNumber']);
  const post =
    found['bare'] === undefined && found['post'] === undefined
      ? undefined
      : canonical(found['bare'] ?? found['postNumber']);
  const dev = found['dev'] === undefined ? undefined : canonical(found['devNumber']);
  return {
    scheme: 'pep440',
    release,
    suffix: [
      pre === undefined ? '' : pre + preNumber,
      post === undefined ? '' : `.post${post}`,
      dev === undefined ? '' : `.dev${dev}`,
    ].join(''),
    prerelease: pre !== undefined || dev !== undefined,
    order: rank([pre, preNumber], post, dev),
  };
}

const stages = ['a', 'b', 'rc'];

/** A development release of a plain release is below its pre-releases; a post-release is above the release. */
function rank(pre: readonly [string | undefined, string], post: string | undefined, dev: string | undefined) {
  const [kind, preNumber] = pre;
  const plain = post === undefined && dev !== undefined ? 0 : stages.length + 1;
  return [
    kind === undefined ? plain : stages.indexOf(kind) + 1,
    preNumber,
    post === undefined ? 0 : 1,
    post ?? 0,
    dev === undefined ? 1 : 0,
    dev ?? 0,
  ].map((value): VersionPart => ({ kind: 'number', value: String(value) }));
}

/** A decimal number without leading zeros; PEP 440 reads a missing one as 0. */
function canonical(digits: string | undefined): string {
  return (digits ?? '').replace(/^0+(?=\d)/, '') || '0';
}
