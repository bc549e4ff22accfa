import type { Digest } from '../../model/digest.ts';
import { takeManifest } from '../../model/manifest.ts';
import type { Engine } from '../engine/call.ts';
import { type GrpcConnection, openGrpc } from '../engine/grpc.ts';
import { HttpError } from '../http/http-error.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** The blobs that an engine with containerd's image store has, read as a registry is. */
export interface ContentStore extends CacheReader {
  readonly close: () => void;
}

const longestManifest = 4 * 1024 * 1024;

/** Opens the store through BuildKit's door to it; undefined where there is none. Blobs come in pieces of a megabyte: for an archive the same
 * engine fetches each 32 KiB by a call of its own, five times as long.
 * @throws HttpError from its methods, also where a blob is not there. */
export async function openContentStore(engine: Engine, cancel: AbortSignal): Promise<ContentStore | undefined> {
  const connection = await openGrpc(engine, cancel);
  if (connection === undefined) return undefined;
  return {
    manifest: async (digest, { idle }) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of readContent(connection, { digest, offset: 0, idle })) {
        size += chunk.byteLength;
        if (size > longestManifest) throw new Error(`${digest} is longer than a manifest can be`);
        chunks.push(chunk);
      }
      const found = takeManifest(Buffer.concat(chunks), undefined);
      if (found.digest !== digest) throw new Error(`the engine has ${found.digest} in the place of ${digest}`);
      return found;
    },
    openBlob: async (digest, offset, { idle }) => readContent(connection, { digest, offset, idle }),
    close: connection.close,
  };
}

/** containerd.services.content.v1: `ReadContentRequest` has digest (1), offset (2); `ReadContentResponse` offset (1), data (2). */
async function* readContent(
  { call }: GrpcConnection,
  { digest, offset, idle }: { readonly digest: Digest; readonly offset: number; readonly idle: number },
): AsyncGenerator<Uint8Array> {
  const name = Buffer.from(digest);
  const request = Buffer.from([0x0a, ...varint(name.byteLength), ...name, 0x10, ...varint(offset)]);
  for await (const message of call('/containerd.services.content.v1.Content/Read', request, idle))
    yield readData(message);
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

/** The bytes in a message (Protocol Buffers, "Encoding"). */
function readData(message: Buffer): Uint8Array {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = message[at++];
      if (byte === undefined) throw unknown();
      value += (byte % 0x80) * unit;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.byteLength) {
    const tag = next();
    const value = next();
    if (tag === 0x12) return message.subarray(at, at + value);
    if (tag !== 0x08) throw unknown();
  }
  return message.subarray(at);
}

function unknown(): HttpError {
  return new HttpError('broken', 'its store answers what nobody understands', { host: 'the engine', code: '' });
}
