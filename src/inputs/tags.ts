import { isTag } from '../model/tag.ts';
import type { InputReader } from './reader.ts';

/** The inputs that say which tags a run writes. */
export interface TagInputs {
  readonly productionBranch: string | undefined;
  readonly latest: 'auto' | 'production-branch' | 'release' | 'never';
  readonly versions: 'semver' | 'pep440' | 'none';
  /** What git tags begin with, e.g. `api-` or `api/`. */
  readonly versionPrefix: string | undefined;
  /** Legal tags; what other kinds of tags they collide with is `planTags`' to tell. */
  readonly extraTags: readonly string[];
  /** Globs of `*` and `?` over tags. */
  readonly protectedTags: readonly string[];
  /** What becomes of a run that a newer commit has overtaken. */
  readonly stale: 'skip' | 'fail' | 'ignore';
}

export function readTagInputs(read: InputReader): TagInputs {
  return {
    productionBranch: read.text('production-branch'),
    latest: read.choice('latest', ['auto', 'production-branch', 'release', 'never']),
    versions: read.choice('versions', ['semver', 'pep440', 'none']),
    versionPrefix: read.parsed('version-prefix', parsePrefix),
    extraTags: distinct(read.parsedAll('extra-tags', read.lines('extra-tags'), parseTagName)),
    protectedTags: distinct(read.parsedAll('protected-tags', read.lines('protected-tags'), parseGlob)),
    stale: read.choice('stale', ['skip', 'fail', 'ignore']),
  };
}

function parsePrefix(text: string): string {
  if (!/[\s~^:?*[\\]|\.\.|@\{|[^\u0021-\u007e]/.test(text)) return text;
  throw new Error('what git tags begin with is needed, e.g. api- or api/');
}

function parseTagName(text: string): string {
  if (isTag(text)) return text;
  throw new Error('a tag has 1 to 128 characters of A-Z a-z 0-9 _ . - and begins with none of . -');
}

function parseGlob(text: string): string {
  if (/^[A-Za-z0-9_.*?-]{1,128}$/.test(text)) return text;
  throw new Error('a tag, with * for any run of characters and ? for any one, is needed');
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
