import { parseTag, type Tag } from '../model/tag.ts';
import { formatVersion } from '../model/version.ts';
import { newerCommits, type Standing } from './standing.ts';
import type { TagPlan } from './tag-plan.ts';
import { type KnownVersions, tagOfCommit, type WantedTag } from './wanted-tag.ts';

/** A tag that this run has written, and that belongs to what was published meanwhile. */
export interface Repair {
  readonly tag: WantedTag;
  /** Fixed tags of the images that it is to point at: the first of them that is there. */
  readonly by: readonly Tag[];
}

/** What is known after the writes. */
export interface Afterwards {
  readonly known: KnownVersions;
  /** Where the ref points by then; undefined where it does not matter. */
  readonly standing: Standing | undefined;
}

/** Compares what was planned before the write with what would be planned now: every tag ordered by version that this run would not
 * write any more is repaired to the highest version of its line, and every other that moves to the newest commit of its ref that is
 * published (INTERFACE, "Version." and "Moving tags never go back"). */
export function planRepairs(written: TagPlan, now: TagPlan, { known, standing }: Afterwards): readonly Repair[] {
  const [highest] = known.kind === 'known' ? known.versions : [];
  const newer = standing === undefined ? [] : newerCommits(standing).map(tagOfCommit);
  return written.tags.flatMap((tag) => {
    if (isOrdered(tag) && now.tags.every(({ name }) => name !== tag.name)) {
      const by =
        now.superseded.find((one) => one.tag === tag.name)?.by ??
        (highest === undefined ? undefined : formatVersion(highest));
      if (by !== undefined) return [{ tag, by: [parseTag(by)] }];
    }
    return tag.moves === 'by-ref' && newer.length > 0 ? [{ tag, by: newer }] : [];
  });
}

/** Whether a tag is a version's, or may come to be: main's `latest` follows its branch until there is a release. */
export function isOrdered({ kind, moves }: WantedTag): boolean {
  return moves === 'by-version' || kind === 'latest';
}
