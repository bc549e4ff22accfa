import { parseVersion, type Version } from '../../src/model/version.ts';
import type { KnownVersions } from '../../src/plan/wanted-tag.ts';

/** Versions by what people call them; one that is none is an error. */
export function semver(...texts: readonly string[]): readonly Version[] {
  return texts.map((text) => {
    const version = parseVersion(text, 'semver');
    if (version === undefined) throw new Error(`no version: ${JSON.stringify(text)}`);
    return version;
  });
}

/** What a repository has, where all of it was read. */
export function known(...texts: readonly string[]): KnownVersions {
  return { kind: 'known', versions: semver(...texts) };
}
