import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Digest } from '../../model/digest.ts';
import type { Patience } from '../../model/limits.ts';
import { HttpError } from '../http/http.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

const mostTries = 3;

/** Sends a blob while it is being hashed, but its last piece only once the hash is right: a reader never holds the whole of another
 * one. What is cut off on its way here goes on where it was. */
export async function sendBlob(
  reader: CacheReader,
  blob: {
    readonly digest: Digest;
    readonly size: number;
    readonly headers: Record<string, string>;
    readonly patience: Patience;
  },
  response: ServerResponse,
): Promise<void> {
  const hash = createHash('sha256');
  let held: Uint8Array = new Uint8Array();
  let size = 0;
  for (let tries = 1; ; tries++) {
    try {
      for await (const chunk of await reader.openBlob(blob.digest, size, blob.patience)) {
        if (response.destroyed) return; // the reader has gone: that is its own affair
        size += chunk.byteLength;
        hash.update(chunk);
        if (size > blob.size) throw wrong(blob.digest, 'it is longer than its manifest says');
        if (!response.headersSent) response.writeHead(200, blob.headers);
        if (held.byteLength > 0 && !response.write(held)) await drained(response);
        held = chunk;
      }
      break;
    } catch (error) {
      if (!(error instanceof HttpError) || error.kind === 'timeout' || tries === mostTries) throw error;
    }
  }
  if (`sha256:${hash.digest('hex')}` !== blob.digest) throw wrong(blob.digest, 'its bytes are not those of its digest');
  if (!response.headersSent) response.writeHead(200, blob.headers);
  response.end(held);
}

function wrong(digest: Digest, reason: string): Error {
  return new Error(`the blob ${digest} is not what it should be: ${reason}`);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
