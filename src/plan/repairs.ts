import { parseTag, type Tag } from '../model/tag.ts';
import { formatVersion } from '../model/version.ts';
import type { TagPlan } from './tag-plan.ts';
import type { KnownVersions, WantedTag } from './wanted-tag.ts';

/** A tag that this run has written, and that belongs to a version published meanwhile. */
export interface Repair {
  readonly tag: WantedTag;
  /** The full tag of the version whose image it is to point at. */
  readonly by: Tag;
}

/** Compares what was planned before the write with what would be planned now: every tag ordered by version that this run would not
 * write any more is repaired to the highest version of its line (INTERFACE, "Version."). */
export function planRepairs(written: TagPlan, now: TagPlan, known: KnownVersions): readonly Repair[] {
  const [highest] = known.kind === 'known' ? known.versions : [];
  return written.tags.flatMap((tag) => {
    if (!isOrdered(tag) || now.tags.some(({ name }) => name === tag.name)) return [];
    const by =
      now.superseded.find((one) => one.tag === tag.name)?.by ??
      (highest === undefined ? undefined : formatVersion(highest));
    return by === undefined ? [] : [{ tag, by: parseTag(by) }];
  });
}

/** Whether a tag is a version's, or may come to be: main's `latest` follows its branch until there is a release. */
export function isOrdered({ kind, moves }: WantedTag): boolean {
  return moves === 'by-version' || kind === 'latest';
}
