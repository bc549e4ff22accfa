import { createHash } from 'node:crypto';
import type { Digest } from '../../model/digest.ts';
import type { Patience } from '../../model/limits.ts';
import type { Descriptor } from '../../model/manifest.ts';
import { HttpError } from '../http/http.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** An image is not what its own documents say. */
export class BrokenImage extends Error {}

const mostBreaks = 5;

/** A blob of the size that its descriptor says, as it comes, taken up again where it broke off; its last piece is handed out once all of it is known to be right.
 * @throws Error where it is another; RegistryError, HttpError, ActionError `cancelled`. */
export async function* readBlob(
  reader: CacheReader,
  { digest, size }: Descriptor,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let offset = 0;
  for (let breaks = 0; offset < size; ) {
    try {
      for await (const chunk of await reader.openBlob(digest, offset, patience)) {
        offset += chunk.byteLength;
        if (offset > size) throw new BrokenImage(`${digest} is longer than the ${size} bytes it should have`);
        hash.update(chunk);
        if (offset === size) requireDigest(`sha256:${hash.digest('hex')}`, digest);
        yield chunk;
      }
      if (offset < size) throw new BrokenImage(`${digest} has ${offset} bytes and not ${size}`);
    } catch (error) {
      breaks += 1;
      if (!(error instanceof HttpError) || breaks > mostBreaks) throw error;
    }
  }
}

function requireDigest(is: string, digest: Digest): void {
  if (is !== digest) throw new BrokenImage(`the bytes of ${digest} are those of ${is}`);
}

const longestConfig = 4 * 1024 * 1024;

/** All of a configuration.
 * @throws BrokenImage where it is too long. */
export async function collectConfig(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > longestConfig) throw new BrokenImage('the configuration is longer than 4 MiB');
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
