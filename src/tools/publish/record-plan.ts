import type { Repository } from '../../model/image-ref.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { WritePlan } from '../../plan/write-plan.ts';
import type { TagRecord } from '../../report/facts.ts';
import type { PublishTools } from './land-in.ts';

/** Where the first tag belongs to a newer commit by now, so do the others: it is the first only where all follow the ref. */
export function recordOvertaken({ record, guard }: PublishTools, { name }: Repository, { further }: WritePlan): void {
  const reason = guard.overtaken.at(-1)?.because ?? 'its first tag was left to another run';
  for (const { name: tag, kind } of further)
    record({ repository: name, tag, kind, before: undefined, after: undefined, outcome: 'superseded', reason });
}

/** Notes every wanted tag before the first of them is written. */
export function recordPlan({ record }: PublishTools, repository: Repository, writes: WritePlan): void {
  const write = (tag: WantedTag, outcome: TagRecord['outcome'], reason: string): void =>
    record({
      repository: repository.name,
      tag: tag.name,
      kind: tag.kind,
      before: undefined,
      after: undefined,
      outcome,
      reason,
    });
  const open = writes.first === undefined ? writes.further : [writes.first, ...writes.further];
  for (const tag of open) write(tag, 'not-written', 'the run did not come this far');
  for (const { tag, because } of writes.superseded) write(tag, 'superseded', because);
}
