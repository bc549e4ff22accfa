import { formatReference } from '../../model/image-ref.ts';
import type { Repair } from '../../plan/repairs.ts';
import type { TagRecord } from '../../report/facts.ts';
import { explained, settleAll } from './failures.ts';
import type { Contest } from './move-everywhere.ts';
import type { Landed } from './publish.ts';

/** Points tags that a version published meanwhile has overtaken at that version's image, where the repository has it.
 * @returns a sentence about each.
 * @throws ActionError `registry-failed`, `login-missing`; `digest-mismatch` of every contest that no such version explains. */
export async function repairTags(
  landed: readonly Landed[],
  { repairs, contests }: { readonly repairs: readonly Repair[]; readonly contests: readonly Contest[] },
  record: (record: TagRecord) => void,
): Promise<readonly string[]> {
  const told: string[] = [];
  const works = landed.flatMap((one) =>
    repairs.map(async (repair) => {
      const done = await explained(one, repairTag(one, repair));
      told.push(done.told);
      if (done.record !== undefined) record(done.record);
      return done.record;
    }),
  );
  const repaired = await Promise.allSettled(works);
  const isExplained = ({ repository, tag }: Contest): boolean =>
    repaired.some((one) => one.status === 'fulfilled' && one.value?.repository === repository && one.value.tag === tag);
  const open = contests.filter((contest) => !isExplained(contest)).map(({ error }) => Promise.reject(error));
  await settleAll([...works.map(async (work) => void (await work)), ...open]);
  return told;
}

async function repairTag(
  { registry, manifest }: Landed,
  { tag, by }: Repair,
): Promise<{ readonly told: string; readonly record: TagRecord | undefined }> {
  const { repository } = registry;
  const reference = formatReference(repository, tag.name);
  const [before, higher] = await Promise.all([registry.head(tag.name), registry.manifest(by)]);
  if (higher === undefined)
    return {
      told: `${reference} was written although ${by} is higher: this repository does not have it`,
      record: undefined,
    };
  if (before === manifest.digest) await registry.put(tag.name, higher, before);
  const after = before === manifest.digest ? await registry.head(tag.name) : before;
  const reason = `${by} was published meanwhile`;
  return {
    told: `${reference} belongs to ${by}, which was published meanwhile: it points at ${after ?? 'nothing'}`,
    record: {
      repository: repository.name,
      tag: tag.name,
      kind: tag.kind,
      before,
      after,
      outcome: 'superseded',
      reason,
    },
  };
}
