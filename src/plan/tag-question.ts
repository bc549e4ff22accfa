import type { Tag } from '../model/tag.ts';
import type { Protection } from './protected.ts';
import type { RunName } from './run-name.ts';
import type { KnownVersions, TagPolicy, TagRun, WantedTag } from './wanted-tag.ts';

/** All that the choice of tags is made from. */
export interface TagQuestion {
  readonly policy: TagPolicy;
  readonly run: TagRun;
  readonly known: KnownVersions;
  readonly protection: Protection;
  readonly name: RunName;
}

/** What a role writes, in the order of writing, and what it does not. */
export interface TagChoice {
  readonly tags: readonly WantedTag[];
  readonly commitTag: Tag | undefined;
  readonly versionTag: Tag | undefined;
  readonly refused: readonly { readonly tag: string; readonly rule: string }[];
  readonly superseded: readonly { readonly tag: Tag; readonly by: string }[];
  readonly notices: readonly string[];
}

/** The choice of a run that writes nothing. */
export const nothing: TagChoice = {
  tags: [],
  commitTag: undefined,
  versionTag: undefined,
  refused: [],
  superseded: [],
  notices: [],
};

/** Extra tags belong to main and to releases that move tags; elsewhere they are refused with a notice. */
export function withoutExtras({ policy, run }: TagQuestion, choice: TagChoice): TagChoice {
  const { role } = run.rights;
  const rule =
    role === 'release'
      ? 'this git tag moves no version tags'
      : `extra tags are written by main and release only, not by ${role}`;
  const refused = policy.extraTags.map((tag) => ({ tag, rule }));
  if (refused.length === 0) return choice;
  return {
    ...choice,
    refused: [...choice.refused, ...refused],
    notices: [...choice.notices, `extra-tags ${policy.extraTags.join(', ')} are not written: ${rule}`],
  };
}
