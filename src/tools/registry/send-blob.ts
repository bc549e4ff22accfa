import { Readable } from 'node:stream';
import { formatDuration } from '../../model/duration.ts';
import { sendingPace, stallLimit } from '../../model/limits.ts';
import type { BlobSource } from '../../model/registry.ts';
import { contradiction } from './exchange.ts';
import { ask, type RegistryOptions, readLocation } from './follow.ts';
import { hasBlobOnce } from './read.ts';
import { PassingFault, persist } from './retry.ts';
import { openSession, type Session } from './session.ts';

/** Sends a blob in one piece where the repository lacks it (OCI distribution spec, "POST then PUT"). An upload that moves no byte for two
 * minutes is ended; what failed in passing is begun anew, after asking whether it arrived all the same.
 * @param options those of the session, whose way in its uploads share: a body can be sent once, so a login must be known before it
 * @returns whether it was sent.
 * @throws RegistryError, ActionError `cancelled`; whatever reading the blob throws. */
export function sendBlob(session: Session, options: Sharing, blob: BlobSource): Promise<boolean> {
  return persist({ ...options, pace: sendingPace }, async (until) => {
    if (await hasBlobOnce(session, blob.digest, until)) return false;
    const opened = await session.send(
      { ...ask('POST', 'blobs/uploads/', 'pull,push'), body: new Uint8Array(0) },
      until,
    );
    const location = opened.headers.get('location');
    if (opened.status !== 202) throw await session.refusal(opened);
    if (location === undefined) throw contradiction('it opens an upload and does not say where', opened);
    const upload = readLocation(location, opened.url, opened.name);
    upload.searchParams.set('digest', blob.digest);
    await putBlob(session, options, { blob, upload, until });
    return true;
  });
}

type Sharing = RegistryOptions & Required<Pick<RegistryOptions, 'door'>>;

async function putBlob(
  { repository }: Session,
  options: Sharing,
  { blob, upload, until }: { readonly blob: BlobSource; readonly upload: URL; readonly until: number },
): Promise<void> {
  const stall = watchStall(stallLimit);
  const patient = { ...sendingPace, request: sendingPace.budget }; // the watch ends it where it stands still
  const cancel = AbortSignal.any([options.cancel, stall.signal]);
  const session = openSession(repository, { ...options, pace: patient, cancel });
  const body = Readable.from(stall.watch(await blob.open()));
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) };
  try {
    const answer = await session.send({ ...ask('PUT', upload, 'pull,push'), headers, body }, until);
    // an upload that the registry has forgotten, whose bytes were altered or whose login expired on the way is begun anew a few times
    if ([400, 401, 404].includes(answer.status)) throw contradiction(`status ${answer.status}`, answer);
    if (answer.status !== 201) throw await session.refusal(answer);
  } catch (error) {
    if (!stall.signal.aborted || options.cancel.aborted) throw error;
    const request = `PUT v2/${repository.path}/blobs/uploads/`;
    const at = { registry: repository.registry, request, status: undefined, cause: error };
    throw new PassingFault('timeout', `no byte moved within ${formatDuration(stallLimit)}`, { at, wait: 0, tries: 2 });
  } finally {
    stall.end();
    body.destroy();
  }
}

/** Ends what has not been asked for another piece for some milliseconds: a body is read as fast as it is taken. */
function watchStall(limit: number) {
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), limit);
  };
  async function* watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      touch();
      yield chunk;
    }
    touch(); // the registry hashes what it has
  }
  touch();
  return { signal: stalled.signal, watch, end: () => clearTimeout(timer) };
}
