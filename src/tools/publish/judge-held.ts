import type { Digest } from '../../model/digest.ts';
import type { RemoteHead } from '../../model/git-context.ts';
import type { Registry } from '../../model/registry.ts';
import type { Held } from '../../plan/adoption.ts';
import {
  type Follows,
  type History,
  headOf,
  type Judgement,
  judgeTag,
  needsHeld,
  newerCommits,
  type Standing,
} from '../../plan/standing.ts';
import { tagOfCommit, type WantedTag } from '../../plan/wanted-tag.ts';
import { readHeld } from '../registry/held.ts';

/** What is asked about the ref that tags follow. */
export interface RefQuestions {
  /** Where it points now; never throws. */
  readonly head: () => Promise<RemoteHead>;
  /** How a commit relates to a later one; never throws. */
  readonly history: (older: string, newer: string) => Promise<History>;
  /** Told of what was read to judge a tag. */
  readonly seen: (held: Held) => void;
}

/** Where a run stands whose ref points there. */
export async function readStanding(follows: Follows, head: RemoteHead, ask: RefQuestions): Promise<Standing> {
  const moved = head.kind === 'known' && head.commit !== follows.commit && follows.mendable;
  return { ...follows, head, ahead: moved ? await ask.history(follows.commit, head.commit) : { kind: 'other' } };
}

/** Judges a tag by what it holds; nothing is asked where that does not matter.
 * @throws RegistryError where the registry does not answer. */
export async function judgeHeld(
  standing: Standing,
  { registry, tag, held }: { readonly registry: Registry; readonly tag: WantedTag; readonly held: Digest | undefined },
  ask: RefQuestions,
): Promise<Judgement> {
  const unasked = { kind: 'other' } as const;
  if (!needsHeld(standing, tag)) return judgeTag(standing, tag, { held: { kind: 'absent' }, history: unasked });
  const found = await readHeldImage(registry, held, ask);
  const older = headOf(found);
  const history = older === undefined ? unasked : await ask.history(older, standing.commit);
  const judged = judgeTag(standing, tag, { held: found, history });
  if (judged.kind === 'superseded' || held === undefined || found.kind === 'absent') return judged;
  return (await judgeShared(standing, registry, held)) ?? judged;
}

/** An image may be that of several commits, and its labels name the first of them: whether it is a newer one's too is told by the fixed
 * tags of what came after this run's commit. */
async function judgeShared(standing: Standing, registry: Registry, held: Digest): Promise<Judgement | undefined> {
  const newer = newerCommits(standing);
  const theirs = await Promise.all(newer.map((commit) => registry.head(tagOfCommit(commit))));
  const commit = newer[theirs.indexOf(held)];
  if (commit === undefined) return undefined;
  return {
    kind: 'superseded',
    stale: true,
    because: `it holds the image of ${commit}, which builds on ${standing.commit}`,
  };
}

/** What an image that a tag holds says of itself.
 * @throws RegistryError where the registry does not answer. */
export async function readHeldImage(
  registry: Registry,
  held: Digest | undefined,
  { seen }: Pick<RefQuestions, 'seen'>,
): Promise<Held> {
  if (held === undefined) return { kind: 'absent' };
  const found = await readHeld(registry, held);
  seen(found);
  return found;
}
