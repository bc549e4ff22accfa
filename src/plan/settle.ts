import type { Digest } from '../model/digest.ts';
import type { TagOutcome, TagRecord } from '../report/facts.ts';

/** Reasons of a record in doubt. */
export const underWay = 'the write was under way';
export const unanswered = 'the write was sent and never answered: it may still arrive';
export const accepted = 'the registry took the write and does not show it';

/** What is known of a tag in doubt now that it was read once more. A write that was refused or cut off has left no trace where the tag
 * holds what it held before; one that was never answered may still arrive, and of a registry that contradicts itself nothing is known.
 * @param held what the tag holds now. */
export function settleRecord(record: TagRecord, held: Digest | undefined, image: Digest | undefined): TagRecord {
  const { before, reason } = record;
  if (record.outcome !== 'unknown') return record;
  if (held !== undefined && held === image)
    return { ...record, after: held, outcome: outcomeOf(before, held), reason: `${reason}; it was found done` };
  if (reason === underWay && held === before)
    return { ...record, after: held, outcome: 'not-written', reason: `${reason} and left no trace` };
  return { ...record, after: held };
}

/** What a tag that holds the image now has been through. */
export function outcomeOf(before: Digest | undefined, now: Digest): TagOutcome {
  if (before === undefined) return 'new';
  return before === now ? 'kept' : 'moved';
}
