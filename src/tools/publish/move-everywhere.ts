import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { RepositoryName } from '../../model/image-ref.ts';
import type { Tag } from '../../model/tag.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { WritePlan } from '../../plan/write-plan.ts';
import type { TagRecord } from '../../report/facts.ts';
import { explained, settleAll } from './failures.ts';
import type { Guard } from './guard.ts';
import { type Landed, move } from './publish.ts';

/** What moving tags needs of the world. */
export interface TagTools {
  readonly record: (record: TagRecord) => void;
  readonly guard: Guard;
}

/** A moving tag that was written and held something else when it was read back: a newer commit or a higher version may have come. */
export interface Contest {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly error: ActionError;
}

/** Points every further tag at what has landed: fixed ones first and one by one, then, after one more look at the ref, the moving ones
 * side by side.
 * @returns what somebody else wrote at the same time, still to be settled.
 * @throws ActionError `publish-failed`, `digest-mismatch`, `tag-conflict`, `login-missing`, `registry-failed`. */
export async function moveEverywhere(
  landed: readonly Landed[],
  writes: WritePlan,
  { record, guard }: TagTools,
): Promise<readonly Contest[]> {
  const contests = landed.flatMap(({ registry, first, contest }): readonly Contest[] =>
    contest === undefined ? [] : [{ repository: registry.repository.name, tag: first, error: contest }],
  );
  await settleAll(
    landed.map(async (one) => {
      const { registry } = one;
      const refuse = (tag: WantedTag, held: Digest | undefined) => guard.refuse(registry, tag, held);
      const publisher = { registry, record, refuse };
      const further = writes.further.filter(({ name }) => name !== one.first);
      for (const tag of further.filter(({ moves }) => moves === 'never'))
        await explained(one, move(publisher, one, tag));
      const moving = further.filter(({ moves }) => moves !== 'never');
      if (moving.some(({ moves }) => moves === 'by-ref')) void guard.look(); // while the tags are read
      await settleAll(moving.map((tag) => noteContest(one, tag, { contests, work: move(publisher, one, tag) })));
    }),
  );
  return contests;
}

async function noteContest(
  one: Landed,
  tag: WantedTag,
  { contests, work }: { readonly contests: Contest[]; readonly work: Promise<void> },
): Promise<void> {
  try {
    await explained(one, work);
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'digest-mismatch') throw error;
    contests.push({ repository: one.registry.repository.name, tag: tag.name, error });
  }
}
