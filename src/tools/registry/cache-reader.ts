import type { Digest } from '../../model/digest.ts';
import type { Repository } from '../../model/image-ref.ts';
import type { Patience } from '../../model/limits.ts';
import type { ManifestBytes } from '../../model/manifest.ts';
import { ask, type RegistryOptions } from './follow.ts';
import { manifestOnce } from './read.ts';
import { persist } from './retry.ts';
import { openSession } from './session.ts';

/** Reads what a cache is made of. Verified manifests; blobs as they come, unverified.
 * @throws RegistryError, ActionError `cancelled` from every method. */
export interface CacheReader {
  readonly manifest: (digest: Digest, patience: Patience) => Promise<ManifestBytes | undefined>;
  /** Opens a blob from an offset on; a pause in it that is too long is an HttpError, as is its being cut off. */
  readonly openBlob: (digest: Digest, offset: number, patience: Patience) => Promise<AsyncIterable<Uint8Array>>;
}

/** Opens a reader of one repository; nothing is sent yet. */
export function openCacheReader(repository: Repository, options: RegistryOptions): CacheReader {
  const session = openSession(repository, options);
  const openOnce = async (
    { digest, offset, idle }: { digest: Digest; offset: number; idle: number },
    until: number,
  ): Promise<AsyncIterable<Uint8Array>> => {
    const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const question = { ...ask('GET', `blobs/${digest}`, 'pull'), headers };
    const { answer, stream } = await session.open(question, idle, until);
    if (stream === undefined) throw await session.refusal(answer);
    return answer.status === 206 ? stream.chunks : skip(stream.chunks, offset);
  };
  return {
    manifest: (digest, pace) => persist({ ...options, pace }, (until) => manifestOnce(session, digest, until)),
    openBlob: (digest, offset, { idle, ...pace }) =>
      persist({ ...options, pace }, (until) => openOnce({ digest, offset, idle }, until)),
  };
}

/** A registry may send the whole where a part was asked for. */
async function* skip(chunks: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(left, chunk.byteLength));
    left -= chunk.byteLength - rest.byteLength;
    if (rest.byteLength > 0) yield rest;
  }
}
