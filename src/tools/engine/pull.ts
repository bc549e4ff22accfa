import type { Digest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import { stallLimit } from '../../model/limits.ts';
import type { Platform } from '../../model/platform.ts';
import { type Engine, streamEngine } from './call.ts';
import { explainTransfer, followTransfer, parseRecord } from './transfer.ts';

/** What is pulled: by digest, so that no tag can move meanwhile. */
export interface PullRequest {
  readonly repository: Repository;
  readonly digest: Digest;
  /** The one of an index that is wanted; undefined: the engine's own, or the only one. */
  readonly platform: Platform | undefined;
  /** Value of X-Registry-Auth. */
  readonly auth: string;
  readonly onProgress: (line: string) => void;
  /** Milliseconds without progress after which it is ended, where those are not the usual ones. */
  readonly stall?: number;
}

/** Brings an image into the engine's store. As with a push the status is 200 whatever happens; the stream tells.
 * @throws ActionError `registry-failed` with the engine's reason, `timeout` where it stalls, `engine-missing`, `cancelled`. */
export async function pullImage(engine: Engine, request: PullRequest, cancel: AbortSignal): Promise<void> {
  const reference = formatReference(request.repository, request.digest);
  let failure: string | undefined;
  let named: string | undefined;
  const shown = new Set<string>();
  const onLine = (line: string): void => {
    const { status, message, id } = readRecord(line);
    failure ??= message;
    named = /^Digest: (\S+)$/.exec(status ?? '')?.[1] ?? named;
    const text = id === undefined ? status : `${id}: ${status}`;
    if (status === undefined || text === undefined || shown.has(text)) return;
    shown.add(text);
    request.onProgress(text);
  };
  const from = { fromImage: request.repository.name, ...(request.platform && { platform: request.platform }) };
  const watch = { cancel, stall: request.stall ?? stallLimit, onLine };
  const status = await followTransfer(`the pull of ${reference}`, watch, (ending) =>
    streamEngine(engine, {
      method: 'POST',
      path: ['images', 'create'],
      query: { ...from, tag: request.digest },
      headers: { 'x-registry-auth': request.auth },
      deadline: watch.stall,
      cancel: ending,
    }),
  );
  if (status === 200 && failure === undefined && named === request.digest) return;
  const silence = named === undefined ? 'the engine ended it without naming a digest' : `the engine pulled ${named}`;
  const reason = failure ?? (status === 200 ? silence : `status ${status}`);
  throw explainTransfer('registry-failed', `pull of ${reference} failed`, {
    reason,
    hint: 'run it again once the registry answers',
  });
}

function readRecord(line: string): { status: string | undefined; message: string | undefined; id: string | undefined } {
  const { status, message, error, id } = parseRecord(line);
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { status: text(status), message: text(error) ?? text(message), id: text(id) };
}
