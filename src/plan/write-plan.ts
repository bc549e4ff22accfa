import type { RemoteHead } from '../model/git-context.ts';
import type { Tag } from '../model/tag.ts';
import type { Adoption } from './adoption.ts';
import type { TagPlan } from './tag-plan.ts';
import type { WantedTag } from './wanted-tag.ts';

/** Which tags are written in which order, now that the ref was looked at once more. */
export interface WritePlan {
  /** Goes out with the layers; undefined where no tag may be written any more. */
  readonly first: WantedTag | undefined;
  /** Written after it, from the same bytes. */
  readonly further: readonly WantedTag[];
  /** Stay where they are because the ref has moved on. */
  readonly superseded: readonly WantedTag[];
  /** Fixed tags that hold another image of this commit and stay. */
  readonly kept: readonly Tag[];
  readonly because: string;
  readonly notices: readonly string[];
}

/** Orders the writes. A run whose commit is known not to be the ref's head writes no tag that follows the ref
 * (INTERFACE, "Moving tags never go back"). */
export function planWrites(wanted: TagPlan, adoption: Adoption, head: RemoteHead): WritePlan {
  const { stale, because, notices } = compare(wanted.follows, head);
  const superseded = wanted.tags.filter((tag) => stale && tag.moves === 'by-ref');
  const open = wanted.tags.filter((tag) => !superseded.includes(tag) && !adoption.keep.includes(tag.name));
  const first = firstOf(wanted, adoption, open);
  const taken = adoption.kind === 'build' && first !== undefined && first.name !== wanted.commitTag;
  const further = open.filter((tag) => tag.name !== first?.name && !(taken && tag.name === wanted.commitTag));
  return { first, further, superseded, kept: adoption.keep, because, notices };
}

function firstOf(wanted: TagPlan, adoption: Adoption, open: readonly WantedTag[]): WantedTag | undefined {
  const name = adoption.kind === 'build' ? adoption.firstTag : wanted.first;
  if (name === undefined) return undefined;
  const planned = wanted.tags.find((tag) => tag.name === name);
  if (planned === undefined) return { name, kind: 'fixed', moves: 'never' };
  return open.includes(planned) ? planned : open[0];
}

function compare(
  follows: TagPlan['follows'],
  head: RemoteHead,
): { stale: boolean; because: string; notices: string[] } {
  switch (head.kind) {
    case 'known': {
      const stale = head.commit !== follows.commit;
      const because = stale
        ? `${JSON.stringify(follows.ref)} is at ${head.commit} now and this run is about ${follows.commit}`
        : '';
      return { stale, because, notices: stale ? [`${because}: tags that follow the ref stay where they are`] : [] };
    }
    case 'gone': {
      const because = `${JSON.stringify(follows.ref)} does not exist at the remote any more`;
      return { stale: true, because, notices: [`${because}: tags that follow it stay where they are`] };
    }
    case 'unknown':
      return {
        stale: false,
        because: '',
        notices: [
          `the remote could not be asked whether ${JSON.stringify(follows.ref)} has moved on (${head.reason}): its tags are written without that check`,
        ],
      };
  }
}
