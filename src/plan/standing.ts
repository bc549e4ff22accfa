import type { RemoteHead } from '../model/git-context.ts';
import { isCommitId } from '../model/git-ref.ts';
import type { Held } from './adoption.ts';
import type { WantedTag } from './wanted-tag.ts';

/** How a commit relates to a later one. */
export type History =
  /** Itself, or one that the later one builds on. `since`: what came after it on the way of first parents, newest first. */
  | { readonly kind: 'ancestor'; readonly since: readonly string[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What the tags that follow a ref are held against. */
export interface Follows {
  readonly ref: string;
  /** The commit that this run is about: of a pull request the head, whatever merge commit was tested. */
  readonly commit: string;
  /** The image is of a merge of that commit: what a push built of the same head wins over it. */
  readonly merged: boolean;
  /** Every commit's image has a fixed tag here, so that what this run overtakes by mistake can be put back. */
  readonly mendable: boolean;
}

/** Where a run stands. */
export interface Standing extends Follows {
  readonly head: RemoteHead;
  /** From the run's commit to the ref's head, where that is known and another one. */
  readonly ahead: History;
}

/** What a tag holds, and how the commit it names relates to this run's. */
export interface HeldCommit {
  readonly held: Held;
  readonly history: History;
}

/** Whether a tag that follows a ref may be written over what it holds. */
export type Judgement =
  | { readonly kind: 'write'; readonly notice: string }
  /** `stale`: a newer commit has it, or may have; otherwise it holds the same commit, in an image that wins. */
  | { readonly kind: 'superseded'; readonly stale: boolean; readonly because: string };

const write: Judgement = { kind: 'write', notice: '' };

/** Whether the judgement depends on what the tag holds: a run at the ref's head writes over everything. */
export function needsHeld({ head, commit, merged }: Standing, { kind }: WantedTag): boolean {
  return head.kind !== 'known' || head.commit !== commit || (merged && kind === 'head-branch');
}

/** The commit that an image stands for; undefined where it does not say. */
export function headOf(held: Held): string | undefined {
  const head = held.kind === 'held' ? held.labels?.head : undefined;
  return head !== undefined && isCommitId(head) ? head : undefined;
}

/** The commits that the ref was moved to after this run's, newest first; of another history, only the one that is known. */
export function newerCommits({ head, commit, ahead, mendable }: Standing): readonly string[] {
  if (!mendable || head.kind !== 'known' || head.commit === commit) return [];
  return ahead.kind === 'ancestor' ? ahead.since : [head.commit];
}

/** Judges one tag (INTERFACE, "Moving tags never go back"). What is not known to be older stays. */
export function judgeTag(standing: Standing, tag: WantedTag, found: HeldCommit): Judgement {
  const { ref, commit, merged, head, mendable } = standing;
  const name = JSON.stringify(ref);
  if (merged && tag.kind === 'head-branch' && isOfPush(found.held, commit))
    return { kind: 'superseded', stale: false, because: `it holds what the push of ${commit} built` };
  switch (head.kind) {
    case 'known': {
      if (head.commit === commit) return write;
      const because = `${name} is at ${head.commit} now and this run is about ${commit}`;
      if (!mendable || headOf(found.held) === head.commit) return superseded(because);
      return isOnTheWay(standing.ahead, because) ?? overOlder(found, { because, commit });
    }
    case 'gone':
      return superseded(`${name} does not exist at the remote any more`);
    case 'unknown': {
      const because = `where ${name} points now is unknown (${head.reason})`;
      const judged = overOlder(found, { because, commit });
      const notice = `${because}: its tags are written over older commits alone`;
      return judged.kind === 'write'
        ? { kind: 'write', notice: [notice, judged.notice].filter(Boolean).join('; ') }
        : judged;
    }
  }
}

/** Whether an image that was found in place of what this run has just written is left there: it is of the same commit, and of a
 * push where this run's is. Two writers that both gave way, or both did not, would never end. */
export function yieldsTo({ commit, merged }: Follows, held: Held): boolean {
  return headOf(held) === commit && (merged || isOfPush(held, commit));
}

function isOfPush(held: Held, commit: string): boolean {
  return headOf(held) === commit && held.kind === 'held' && held.labels?.revision === commit;
}

/** A commit that a force-push or a reset took off the branch must not come back. */
function isOnTheWay(ahead: History, because: string): Judgement | undefined {
  switch (ahead.kind) {
    case 'ancestor':
      return undefined;
    case 'other':
      return superseded(`${because}, which is not on its way any more`);
    case 'unknown':
      return superseded(`${because}; whether that is still on its way is unknown (${ahead.reason})`);
  }
}

function overOlder({ held, history }: HeldCommit, { because, commit }: { because: string; commit: string }): Judgement {
  if (held.kind === 'absent') return write;
  const other = headOf(held);
  if (other === undefined)
    return { kind: 'write', notice: 'what it holds has no label `io.slipway.head` and counts as older' };
  switch (history.kind) {
    case 'ancestor':
      return write;
    case 'other':
      return superseded(`${because}, and it holds ${other}, on which ${commit} does not build`);
    case 'unknown':
      return superseded(`${because}, and whether ${other}, which it holds, is older is unknown (${history.reason})`);
  }
}

function superseded(because: string): Judgement {
  return { kind: 'superseded', stale: true, because };
}
