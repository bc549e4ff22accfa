import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { parseRepository, type Repository } from '../../model/image-ref.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import { settleDoubt } from '../../plan/settle.ts';
import type { TagRecord } from '../../report/facts.ts';
import { renderWritten } from '../../report/written.ts';

/** What a failed run needs to tell what it has written. */
export interface Account {
  /** What became of each tag, as far as it is known. */
  readonly records: () => readonly TagRecord[];
  readonly record: (record: TagRecord) => void;
  readonly open: (repository: Repository) => Promise<Registry>;
  /** The image's digest in registries; undefined where none has it. */
  readonly image: Digest | undefined;
}

/** Reads each tag whose write is in doubt once more.
 * @returns the error, which says in its last sentence which tags were written, which not, and of which that is unknown. */
export async function explainWritten(account: Account, error: unknown): Promise<unknown> {
  const doubtful = account.records().filter(({ outcome }) => outcome === 'unknown');
  await Promise.all(doubtful.map((record) => settle(account, record)));
  const written = renderWritten(account.records());
  if (written === '' || !(error instanceof Error)) return error;
  const message = `${error.message}\n${written}`;
  if (error instanceof ActionError) {
    const { code, hint, place } = error;
    return new ActionError(code, message, { hint, place, cause: error });
  }
  error.message = message; // our bug: its stack is the one to read
  return error;
}

async function settle({ open, record, image }: Account, doubtful: TagRecord): Promise<void> {
  try {
    const registry = await open(parseRepository(doubtful.repository));
    const held = (await registry.manifest(doubtful.tag))?.digest;
    const settled = settleDoubt(doubtful, { held, isImage: held !== undefined && held === image });
    record({ ...doubtful, ...settled, after: held });
  } catch (error) {
    const isExpected = error instanceof RegistryError || error instanceof ActionError;
    if (!isExpected) throw error; // it stays unknown where nobody answers, or the run was cancelled
  }
}
