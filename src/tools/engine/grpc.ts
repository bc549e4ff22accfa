import type * as http2 from 'node:http2';
import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.ts';
import { network } from '../http/network.ts';
import { baseOf, type Engine } from './call.ts';

/** A connection on which an engine speaks gRPC, as buildx opens one. */
export interface GrpcConnection {
  /** Sends one message and hands out those that come back, whole.
   * @param path `/package.Service/Method`.
   * @param idle milliseconds without a byte.
   * @throws HttpError: `broken` where the connection ends or the engine refuses, with the gRPC status as its code; `timeout`. */
  readonly call: (path: string, message: Uint8Array, idle: number) => AsyncGenerator<Buffer>;
  readonly close: () => void;
}

const openLimit = 5_000;
/** What may be under way of all calls and not be read yet. */
const window = 4 * 1024 ** 2;
const longestMessage = 16 * 1024 ** 2;

/** Opens a connection (`POST /grpc`); undefined where the engine takes none, or nobody answers. */
export async function openGrpc(engine: Engine, cancel: AbortSignal): Promise<GrpcConnection | undefined> {
  const socket = await upgrade(engine, cancel);
  if (socket === undefined) return undefined;
  const settings = { enablePush: false, initialWindowSize: window / 2 };
  const session = network.http2.connect('http://docker', { createConnection: () => socket, settings });
  session.once('connect', () => session.setLocalWindowSize(window));
  session.on('error', () => undefined); // each call tells of it
  const close = (): void => {
    cancel.removeEventListener('abort', close);
    session.destroy();
  };
  cancel.addEventListener('abort', close, { once: true });
  return { call: (path, message, idle) => call(session, { path, message, idle }), close };
}

function upgrade({ endpoint, agent }: Engine, cancel: AbortSignal): Promise<Duplex | undefined> {
  const socket = endpoint.kind === 'unix' ? { socketPath: endpoint.path } : {};
  const headers = { connection: 'Upgrade', upgrade: 'h2c' };
  const url = new URL('/grpc', baseOf(endpoint));
  return new Promise((resolve) => {
    const start = url.protocol === 'http:' ? network.http.request : network.https.request;
    const sent = start(url, { method: 'POST', agent, headers, ...socket });
    const give = (): void => void sent.destroy();
    const timer = setTimeout(give, openLimit);
    const settle = (found: Duplex | undefined): void => {
      clearTimeout(timer);
      cancel.removeEventListener('abort', give);
      resolve(found);
    };
    cancel.addEventListener('abort', give, { once: true });
    sent.once('upgrade', (_, found, head) => {
      found.setTimeout(0); // the agent's
      found.unshift(head);
      settle(found);
    });
    sent.once('response', give);
    sent.once('error', () => settle(undefined));
    sent.once('close', () => settle(undefined));
    sent.end();
    if (cancel.aborted) give();
  });
}

async function* call(
  session: http2.ClientHttp2Session,
  { path, message, idle }: { readonly path: string; readonly message: Uint8Array; readonly idle: number },
): AsyncGenerator<Buffer> {
  const failed = (kind: 'broken' | 'timeout', code: string): HttpError =>
    new HttpError(kind, `${path} failed (${code})`, { host: 'the engine', code });
  let status = 'no status';
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const keep = (headers: http2.IncomingHttpHeaders): void => {
      status = String(headers['grpc-status'] ?? status);
    };
    stream.on('response', keep).on('trailers', keep);
    stream.setTimeout(idle, () => stream.destroy(failed('timeout', 'idle')));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.byteLength, 1);
    stream.end(Buffer.concat([head, message]));
    yield* splitMessages(stream);
  } catch (error) {
    throw error instanceof HttpError ? error : failed('broken', (error as NodeJS.ErrnoException).code ?? 'no gRPC');
  }
  if (status !== '0') throw failed('broken', status);
}

/** Messages are sent with their length before them (gRPC over HTTP/2, "Length-Prefixed-Message"); nobody asked for packed ones. */
async function* splitMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let kept: Buffer[] = [];
  let [size, wanted] = [0, 5];
  for await (const chunk of chunks) {
    kept.push(chunk);
    size += chunk.byteLength;
    while (size >= wanted) {
      const bytes = Buffer.concat(kept);
      const length = bytes.readUInt32BE(1);
      if (bytes[0] !== 0 || length > longestMessage) throw new Error('no message that was asked for');
      wanted = 5 + length;
      if (size < wanted) kept = [bytes];
      else {
        yield bytes.subarray(5, wanted);
        kept = [bytes.subarray(wanted)];
        [size, wanted] = [size - wanted, 5];
      }
    }
  }
  if (size > 0) throw new Error('cut off');
}
