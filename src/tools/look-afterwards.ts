import { ActionError } from '../errors.ts';
import type { RemoteHead } from '../model/git-context.ts';
import { type Afterwards, isOrdered } from '../plan/repairs.ts';
import type { Standing } from '../plan/standing.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { VersionQuestion } from '../plan/version-question.ts';
import type { KnownVersions } from '../plan/wanted-tag.ts';
import type { WritePlan } from '../plan/write-plan.ts';
import type { Remote } from './checkout/git.ts';

/** What was written. */
export interface Written {
  readonly wanted: TagPlan;
  readonly writes: WritePlan;
  /** It is known that another run wrote the same tags. */
  readonly crossed: boolean;
}

/** Whom the look afterwards asks. */
export interface Witnesses {
  readonly remote: () => Promise<Remote>;
  readonly versions: (remoteTags: Remote['tags']) => Promise<KnownVersions>;
  readonly standing: (head: RemoteHead) => Promise<Standing>;
  readonly tell: (notice: string) => void;
}

/** Asks once more where the ref points and which versions are published, as far as a tag that was written depends on it and what was
 * overtaken could be put back. Where nobody answers that is told, and nothing is repaired.
 * @throws ActionError `cancelled`. */
export async function lookAfterwards(
  question: VersionQuestion,
  { wanted, writes, crossed }: Written,
  witnesses: Witnesses,
): Promise<Afterwards> {
  const written = writes.first === undefined ? writes.further : [writes.first, ...writes.further];
  const asksVersions = question.kind !== 'none' && wanted.tags.some(isOrdered);
  const asksHead = written.some(({ moves }) => moves === 'by-ref') && (crossed || writes.follows.mendable);
  const unasked: KnownVersions = { kind: 'unknown', reason: 'it does not matter' };
  if (!asksVersions && !asksHead) return { known: unasked, standing: undefined };
  const remote = await witnesses.remote();
  const standing = asksHead ? await witnesses.standing(remote.head) : undefined;
  const repairs = writes.stale === 'ignore' ? undefined : standing;
  try {
    return { known: asksVersions ? await witnesses.versions(remote.tags) : unasked, standing: repairs };
  } catch (error) {
    if (!(error instanceof ActionError) || error.code === 'cancelled') throw error;
    witnesses.tell(`whether a higher version was published meanwhile is unknown: ${error.message}`);
    return { known: unasked, standing: repairs };
  }
}
