import type { RunEvent } from '../model/git-context.ts';
import { isTag } from '../model/tag.ts';
import { compareVersions, formatVersion, linesOf, parseVersion, readGitTag, type Version } from '../model/version.ts';
import type { TagPolicy, TagRun } from './wanted-tag.ts';

/** What a plan of tags needs to know of the remote. */
export type VersionQuestion =
  | { readonly kind: 'none' }
  /** Is there a published version that is no pre-release. */
  | { readonly kind: 'any-release' }
  /** Which published versions are higher. */
  | { readonly kind: 'higher'; readonly than: Version };

/** Asks for as little as the plan needs: `none` for all but releases and main with `latest: auto`. */
export function planVersionQuestion(policy: TagPolicy, { git, rights }: TagRun): VersionQuestion {
  if (policy.versions === 'none') return { kind: 'none' };
  if (rights.role === 'main') return { kind: policy.latest === 'auto' ? 'any-release' : 'none' };
  if (rights.role !== 'release') return { kind: 'none' };
  const reading = readGitTag(git.event.ref.name, policy);
  return reading.kind === 'version' && !isPrerelease(reading.version, git.event)
    ? { kind: 'higher', than: reading.version }
    : { kind: 'none' };
}

/** The versions that answer a question, highest first, out of the remote's git tags (names after `refs/tags/`); each is still
 * to be confirmed by a look at its full tag in the registry. */
export function versionsOfGitTags(
  question: VersionQuestion,
  names: readonly string[],
  policy: TagPolicy,
): readonly Version[] {
  const read = names.map((name) => readGitTag(name, policy));
  return answer(
    question,
    policy,
    read.flatMap((one) => (one.kind === 'version' ? [one.version] : [])),
  );
}

/** The versions that answer a question, highest first, out of a registry's list of tags: full tags alone, since there the
 * line `1.4` is no version 1.4.0. */
export function versionsOfRegistryTags(
  question: VersionQuestion,
  tags: readonly string[],
  policy: TagPolicy,
): readonly Version[] {
  const { versions: scheme } = policy;
  if (scheme === 'none') return [];
  const read = tags.map((tag) => [tag, parseVersion(tag, scheme)] as const);
  return answer(
    question,
    policy,
    read.flatMap(([tag, version]) => (version !== undefined && formatVersion(version) === tag ? [version] : [])),
  );
}

/** The candidates, highest first, in groups of which only the highest published one decides: for a release its narrow line, its wide
 * line, and all. So few need a look at the registry however many there are. */
export function groupCandidates(
  question: VersionQuestion,
  candidates: readonly Version[],
): readonly (readonly Version[])[] {
  switch (question.kind) {
    case 'none':
      return [];
    case 'any-release':
      return [candidates];
    case 'higher': {
      const lines = linesOf(question.than);
      return [...lines.map((line) => candidates.filter((one) => linesOf(one).includes(line))), candidates];
    }
  }
}

/** Versions highest first, each once. */
export function sortVersions(versions: readonly Version[]): readonly Version[] {
  const sorted = versions.toSorted((a, b) => compareVersions(b, a));
  return sorted.filter((one, at) => at === 0 || formatVersion(one) !== formatVersion(sorted[at - 1] ?? one));
}

/** The versions that count: of the policy's scheme and no pre-releases. */
export function releasesAmong(versions: readonly Version[], policy: TagPolicy): readonly Version[] {
  return versions.filter(({ scheme, prerelease }) => scheme === policy.versions && !prerelease);
}

/** Tells whether a version is strictly higher than another one of its scheme. */
export function isHigher(version: Version, than: Version): boolean {
  return compareVersions(version, than) > 0;
}

/** A pre-release by its version, or by what the release's page says. */
export function isPrerelease(version: Version, event: RunEvent): boolean {
  return version.prerelease || (event.kind === 'release' && event.prerelease);
}

function answer(question: VersionQuestion, policy: TagPolicy, versions: readonly Version[]): readonly Version[] {
  const distinct = sortVersions(releasesAmong(versions, policy).filter((version) => isTag(formatVersion(version))));
  switch (question.kind) {
    case 'none':
      return [];
    case 'any-release':
      return distinct;
    case 'higher':
      return distinct.filter((version) => isHigher(version, question.than));
  }
}
