import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/image-ref.ts';
import { lineSplitter } from '../line-splitter.ts';
import { type Engine, streamEngine } from './call.ts';

/** What is pulled: by digest, so that no tag can move meanwhile. */
export interface PullRequest {
  readonly repository: Repository;
  readonly digest: Digest;
  /** Value of X-Registry-Auth. */
  readonly auth: string;
  readonly onProgress: (line: string) => void;
}

/** Brings an image into the engine's store. As with a push the status is 200 whatever happens; the stream tells.
 * @throws ActionError `registry-failed` with the engine's reason, `engine-missing`, `cancelled`. */
export async function pullImage(engine: Engine, request: PullRequest, cancel: AbortSignal): Promise<void> {
  const reference = formatReference(request.repository, request.digest);
  const stream = await streamEngine(engine, {
    method: 'POST',
    path: ['images', 'create'],
    query: { fromImage: request.repository.name, tag: request.digest },
    headers: { 'x-registry-auth': request.auth },
    cancel,
  });
  let failure: string | undefined;
  const shown = new Set<string>();
  const lines = lineSplitter((line) => {
    const { status, message, id } = readRecord(line);
    failure ??= message;
    const text = id === undefined ? status : `${id}: ${status}`;
    if (status === undefined || text === undefined || shown.has(text)) return;
    shown.add(text);
    request.onProgress(text);
  });
  for await (const chunk of stream.chunks) lines.write(Buffer.from(chunk));
  lines.end();
  if (stream.status === 200 && failure === undefined) return;
  throw new ActionError('registry-failed', `pull of ${reference} failed: ${failure ?? `status ${stream.status}`}`, {
    hint: 'run it again once the registry answers',
  });
}

function readRecord(line: string): { status: string | undefined; message: string | undefined; id: string | undefined } {
  if (line.trim() === '') return { status: undefined, message: undefined, id: undefined };
  const { status, message, error, id } = JSON.parse(line) as Record<string, unknown>;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return { status: text(status), message: text(error) ?? text(message), id: text(id) };
}
