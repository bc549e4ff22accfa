import { ActionError } from '../errors.ts';
import { isTag, parseTag, type Tag } from '../model/tag.ts';
import { formatVersion, readGitTag, type Version } from '../model/version.ts';
import type { Protection } from './protected.ts';
import type { Role } from './rights.ts';
import { planGitTagTag, planOtherTag, planOwnTag } from './slug.ts';
import type { TagPolicy, TagRun } from './wanted-tag.ts';

/** What a run is called: output `tag`, and what its git tag says. */
export interface RunName {
  readonly own: Tag;
  readonly version: Version | undefined;
  /** True for a git tag without the version prefix: it writes nothing. */
  readonly foreign: boolean;
}

/** Names a run after its ref, also where it may write nothing.
 * @throws ActionError invalid-input where a release's version cannot be a tag, or a branch has no tag left. */
export function nameRun(policy: TagPolicy, { git, rights }: TagRun, protection: Protection): RunName {
  const { event } = git;
  const plain = (own: Tag): RunName => ({ own, version: undefined, foreign: false });
  if (event.kind === 'pull-request') return plain(pullTag(String(event.pull.number)));
  const { ref } = event;
  switch (ref.kind) {
    case 'branch':
      return plain(planOwnTag(ref.name, protection));
    case 'tag':
      return nameGitTag(policy, ref.name, rights.role);
    case 'pull': {
      const number = /^([1-9]\d{0,15})\//.exec(ref.name)?.[1];
      return plain(number === undefined ? planOtherTag(ref.ref) : pullTag(number));
    }
    case 'other':
      return plain(planOtherTag(ref.ref));
  }
}

/** The tag of a pull request. */
export function pullTag(number: string): Tag {
  return parseTag(`pr-${number}`);
}

/** A run that writes nothing is never red for its git tag: it is called by the slug then. */
function nameGitTag(policy: TagPolicy, name: string, role: Role): RunName {
  const reading = readGitTag(name, policy);
  const slug: RunName = { own: planGitTagTag(name), version: undefined, foreign: reading.kind === 'foreign' };
  switch (reading.kind) {
    case 'foreign':
    case 'no-version':
      return slug;
    case 'refused':
      return role === 'release' ? refuseVersion(name, policy, reading.rule) : slug;
    case 'version': {
      const own = formatVersion(reading.version);
      if (isTag(own)) return { own, version: reading.version, foreign: false };
      return role === 'release' ? refuseVersion(name, policy, 'a tag has at most 128 characters') : slug;
    }
  }
}

function refuseVersion(name: string, policy: TagPolicy, rule: string): never {
  throw new ActionError(
    'invalid-input',
    `the git tag ${JSON.stringify(name)} (refs/tags/…, read as ${policy.versions}) cannot be a version tag: ${rule}`,
    { hint: 'tag the commit with a plain version such as v1.4.2, or set `versions: none`' },
  );
}
