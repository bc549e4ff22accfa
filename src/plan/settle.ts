import type { TagOutcome } from '../report/facts.ts';

/** Reasons of a tag in doubt. */
export const underWay = 'the write was under way';
export const unanswered = 'the write was sent and never answered: it may still arrive';
export const accepted = 'the registry took the write and does not show it';

const foreign = 'it holds neither this image nor what it held before: somebody else wrote it';

/** A tag whose write is in doubt, as main's records and as a receipt on disk have it. */
export interface Doubt {
  readonly before: string | undefined;
  /** Why; begins with one of the reasons above. */
  readonly reason: string;
}

/** What a tag in doubt holds now that it was read once more. */
export interface Sight {
  readonly held: string | undefined;
  /** It is the image of this run. */
  readonly isImage: boolean;
}

/** What is known of a tag in doubt after a look at it, for main at its end and for post. A write that was refused or cut off has left no
 * trace where the tag holds what it held before; one that was never answered may still arrive, and of a registry that contradicts
 * itself, and of what somebody else wrote, nothing is known. */
export function settleDoubt({ before, reason }: Doubt, { held, isImage }: Sight): Settled {
  if (isImage && held !== undefined)
    return { outcome: outcomeOf(before, held), reason: `${reason}; it was found done` };
  if (held !== before)
    return { outcome: 'unknown', reason: reason.includes(foreign) ? reason : `${reason}; ${foreign}` };
  return reason.startsWith(underWay)
    ? { outcome: 'not-written', reason: `${reason} and left no trace` }
    : { outcome: 'unknown', reason };
}

interface Settled {
  readonly outcome: TagOutcome;
  readonly reason: string;
}

/** What a tag that holds the image now has been through. */
export function outcomeOf(before: string | undefined, now: string): TagOutcome {
  if (before === undefined) return 'new';
  return before === now ? 'kept' : 'moved';
}
