import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import { unanswered } from '../../plan/settle.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { TagOutcome, TagRecord } from '../../report/facts.ts';

/** Notes what became of one tag. */
export type Recorder = (outcome: TagOutcome, after: Digest | undefined, reason: string) => void;

/** In whose name something is noted, and where. */
interface Recording {
  readonly registry: Registry;
  readonly record: (record: TagRecord) => void;
}

/** Notes of a write that ended in silence that it may still arrive. */
export async function noteSilence<T>(record: Recorder, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const silent =
      (error instanceof RegistryError && error.kind === 'timeout') ||
      (error instanceof ActionError && error.code === 'timeout');
    if (silent) record('unknown', undefined, unanswered);
    throw error;
  }
}

/** Notes under one tag of one repository. */
export function recorder(publisher: Recording, tag: WantedTag, before: Digest | undefined): Recorder {
  return (outcome, after, reason) =>
    publisher.record({
      repository: publisher.registry.repository.name,
      tag: tag.name,
      kind: tag.kind,
      before,
      after,
      outcome,
      reason,
    });
}
