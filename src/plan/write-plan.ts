import { ActionError } from '../errors.ts';
import type { Tag } from '../model/tag.ts';
import type { Adoption } from './adoption.ts';
import type { Judgement } from './standing.ts';
import type { TagPlan } from './tag-plan.ts';
import type { WantedTag } from './wanted-tag.ts';

/** What becomes of a run that a newer commit has overtaken: input `stale`. */
export type StalePolicy = 'skip' | 'fail' | 'ignore';

/** A tag that stays where it is. */
export interface Superseded {
  readonly tag: WantedTag;
  readonly because: string;
}

/** Which tags are written in which order, now that the ref was looked at once more. */
export interface WritePlan {
  readonly follows: TagPlan['follows'];
  readonly stale: StalePolicy;
  /** Goes out with the layers; undefined where no tag may be written any more. */
  readonly first: WantedTag | undefined;
  /** Written after it, from the same bytes. */
  readonly further: readonly WantedTag[];
  /** Stay where they are because they belong to a newer commit. */
  readonly superseded: readonly Superseded[];
  /** Fixed tags that hold another image of this commit and stay. */
  readonly kept: readonly Tag[];
  readonly notices: readonly string[];
}

/** What was judged of the tags that follow the ref, in every repository. */
export type Judged = ReadonlyMap<Tag, readonly Judgement[]>;

/** Orders the writes. A tag that may not be written in one repository is written in none.
 * @throws ActionError `superseded` where that is so and `stale` is `fail`. */
export function planWrites(
  wanted: TagPlan,
  adoption: Adoption,
  { judged, stale }: { readonly judged: Judged; readonly stale: StalePolicy },
): WritePlan {
  const verdicts = wanted.tags.map((tag) => ({ tag, of: settle(tag, judged, stale) }));
  const superseded = verdicts.flatMap(({ tag, of }) =>
    of.kind === 'superseded' ? [{ tag, because: of.because, stale: of.stale }] : [],
  );
  const overtaken = superseded.filter((one) => one.stale);
  if (stale === 'fail' && overtaken.length > 0) throw explainSuperseded(overtaken, 'nothing was written');
  const taken = superseded.map(({ tag }) => tag.name);
  const open = wanted.tags.filter(({ name }) => !taken.includes(name) && !adoption.keep.includes(name));
  const first = firstOf(wanted, adoption, open);
  const spelled = adoption.kind === 'build' && first !== undefined && first.name !== wanted.commitTag;
  const further = open.filter((tag) => tag.name !== first?.name && !(spelled && tag.name === wanted.commitTag));
  const notices = verdicts.map(({ tag, of }) => tellJudgement(tag, of)).filter((text) => text !== '');
  return { follows: wanted.follows, stale, first, further, superseded, kept: adoption.keep, notices };
}

/** The error of `stale: fail`. */
export function explainSuperseded(tags: readonly Superseded[], written: string): ActionError {
  const because = tags.map(({ tag, because }) => `${tag.name}: ${because}`).join('\n');
  return new ActionError(
    'superseded',
    `a newer commit has overtaken this run (\`stale: fail\`); ${written}\n${because}`,
    {
      hint: 'let the run of the newer commit publish, or set `stale: skip` so that a run that was overtaken is green',
    },
  );
}

/** What `stale: ignore` makes of a judgement: the tag is written whatever it holds, and that is said. */
export function heed(judgement: Judgement, stale: StalePolicy): Judgement {
  if (stale !== 'ignore' || judgement.kind === 'write' || !judgement.stale) return judgement;
  return { kind: 'write', notice: `${judgement.because}: written all the same, because of \`stale: ignore\`` };
}

function settle(tag: WantedTag, judged: Judged, stale: StalePolicy): Judgement {
  const all = (judged.get(tag.name) ?? []).map((one) => heed(one, stale));
  const notices = all.flatMap((one) => (one.kind === 'write' && one.notice !== '' ? [one.notice] : []));
  return all.find(({ kind }) => kind === 'superseded') ?? { kind: 'write', notice: notices[0] ?? '' };
}

/** One notice a tag: a run that was overtaken must not look like one that published. */
function tellJudgement({ name }: WantedTag, judgement: Judgement): string {
  if (judgement.kind === 'superseded') return `${name} stays where it is: ${judgement.because}`;
  return judgement.notice === '' ? '' : `${name}: ${judgement.notice}`;
}

function firstOf(wanted: TagPlan, adoption: Adoption, open: readonly WantedTag[]): WantedTag | undefined {
  const name = adoption.kind === 'build' ? adoption.firstTag : wanted.first;
  if (name === undefined) return undefined;
  const planned = wanted.tags.find((tag) => tag.name === name);
  if (planned === undefined) return { name, kind: 'fixed', moves: 'never' };
  return open.includes(planned) ? planned : open[0];
}
