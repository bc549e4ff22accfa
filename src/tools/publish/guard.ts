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
  yieldsTo,
} from '../../plan/standing.ts';
import { tagOfCommit, type WantedTag } from '../../plan/wanted-tag.ts';
import { heed, type Superseded, type WritePlan } from '../../plan/write-plan.ts';
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

/** What a tag holds right before a write, and why it must not be written over that; undefined: it may. */
export interface Refusal {
  readonly held: Digest | undefined;
  readonly because: string | undefined;
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
  const found = await readImage(registry, held, ask);
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

/** Stands before every write of a tag that follows a ref. */
export class Guard {
  /** Tags that a newer commit took from this run, in the order in which that was seen. */
  readonly overtaken: Superseded[] = [];
  readonly #writes: Pick<WritePlan, 'follows' | 'stale'>;
  readonly #ask: RefQuestions;
  #standing: Promise<Standing> | undefined;

  constructor(writes: Pick<WritePlan, 'follows' | 'stale'>, ask: RefQuestions) {
    this.#writes = writes;
    this.#ask = ask;
  }

  /** Looks where the ref points now; what is judged from here on is judged by that, and waits for it. */
  look(): Promise<Standing> {
    this.#standing = this.#ask.head().then((head) => this.#stand(head));
    return this.#standing;
  }

  /** Judges from here on by the ref pointing there. */
  take(head: RemoteHead): Promise<Standing> {
    this.#standing = this.#stand(head);
    return this.#standing;
  }

  #stand(head: RemoteHead): Promise<Standing> {
    return readStanding(this.#writes.follows, head, this.#ask);
  }

  /** Whether a tag may be written over what it held a moment ago. Where that takes questions, the tag is looked at once more after
   * them, so that a single round trip lies between the last look and the write. */
  async refuse(registry: Registry, tag: WantedTag, before: Digest | undefined): Promise<Refusal> {
    if (tag.moves !== 'by-ref') return { held: before, because: undefined };
    const standing = await (this.#standing ?? this.look());
    for (let held = before; ; ) {
      const judged = heed(await judgeHeld(standing, { registry, tag, held }, this.#ask), this.#writes.stale);
      if (judged.kind === 'superseded') {
        this.note(tag, judged);
        return { held, because: judged.because };
      }
      const now = needsHeld(standing, tag) ? await registry.head(tag.name) : held;
      if (now === held) return { held, because: undefined };
      held = now;
    }
  }

  /** The same, after a look where the ref points now: for a write that comes alone. */
  async lookAndRefuse(registry: Registry, tag: WantedTag, before: Digest | undefined): Promise<Refusal> {
    if (tag.moves === 'by-ref') await this.look();
    return this.refuse(registry, tag, before);
  }

  /** Whether what was found in the place of this run's own write stays there. */
  async giveWay(registry: Registry, tag: WantedTag, found: Digest | undefined): Promise<string | undefined> {
    const { follows } = this.#writes;
    const standing = await (this.#standing ?? this.look());
    if (yieldsTo(follows, await readImage(registry, found, this.#ask)))
      return `another run of ${follows.commit} wrote it at the same time`;
    const judged = await judgeHeld(standing, { registry, tag, held: found }, this.#ask);
    if (judged.kind === 'write') return undefined;
    this.note(tag, judged);
    return judged.because;
  }

  /** Keeps in mind which tags a newer commit has. */
  note(tag: WantedTag, { stale, because }: { readonly stale: boolean; readonly because: string }): void {
    if (stale && this.overtaken.every((one) => one.tag.name !== tag.name)) this.overtaken.push({ tag, because });
  }
}

async function readImage(
  registry: Registry,
  held: Digest | undefined,
  { seen }: Pick<RefQuestions, 'seen'>,
): Promise<Held> {
  if (held === undefined) return { kind: 'absent' };
  const found = await readHeld(registry, held);
  seen(found);
  return found;
}
