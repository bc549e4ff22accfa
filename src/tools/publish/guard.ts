import type { Digest } from '../../model/digest.ts';
import type { RemoteHead } from '../../model/git-context.ts';
import type { Registry } from '../../model/registry.ts';
import { needsHeld, type Standing, yieldsTo } from '../../plan/standing.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import { heed, type Superseded, type WritePlan } from '../../plan/write-plan.ts';
import { judgeHeld, type RefQuestions, readHeldImage, readStanding } from './judge-held.ts';

/** What a tag holds right before a write, and why it must not be written over that; undefined: it may. */
export interface Refusal {
  readonly held: Digest | undefined;
  readonly because: string | undefined;
}

/** Stands before every write of a tag that follows a ref. */
export class Guard {
  /** Tags that a newer commit took from this run, in the order in which that was seen. */
  readonly overtaken: Superseded[] = [];
  readonly #writes: Pick<WritePlan, 'follows' | 'stale'>;
  readonly #ask: RefQuestions;
  #standing: Promise<Standing> | undefined;
  #ahead: Promise<Standing> | undefined;

  constructor(writes: Pick<WritePlan, 'follows' | 'stale'>, ask: RefQuestions) {
    this.#writes = writes;
    this.#ask = ask;
  }

  /** Looks where the ref points now; what is judged from here on is judged by that, and waits for it. */
  look(): Promise<Standing> {
    this.#standing = this.#ask.head().then((head) => this.#stand(head));
    return this.#standing;
  }

  /** Begins the look that `lookAndRefuse` would begin a moment later. */
  lookAhead(): void {
    this.#ahead = this.look();
    this.#ahead.catch(() => undefined); // told by who waits for it
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
    if (tag.moves === 'by-ref') await (this.#ahead ?? this.look());
    this.#ahead = undefined;
    return this.refuse(registry, tag, before);
  }

  /** Whether what was found in the place of this run's own write stays there. */
  async giveWay(registry: Registry, tag: WantedTag, found: Digest | undefined): Promise<string | undefined> {
    const { follows } = this.#writes;
    const standing = await (this.#standing ?? this.look());
    if (yieldsTo(follows, await readHeldImage(registry, found, this.#ask)))
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
