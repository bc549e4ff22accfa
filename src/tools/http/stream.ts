import type * as http from 'node:http';
import {
  codeOf,
  cutOff,
  type Exchange,
  explain,
  type Guard,
  guardExchange,
  openExchange,
  readHeaders,
} from './exchange.ts';

/** A request whose reply is read as it comes. */
export interface HttpStreamRequest extends Exchange {
  /** Milliseconds the reader waits for the next chunk. */
  readonly idle: number;
}

/** A reply under way. Read `chunks` to its end or leave the loop over it: the one gives the connection back, the other
 * ends it. Whoever does neither keeps the connection until cancellation. */
export interface HttpStream {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Throws HttpError `timeout` after `idle` ms without a byte, `broken` where the reply is cut off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Sends a request and returns as soon as the reply's head is there.
 * @throws HttpError, and ActionError `cancelled`; so do the chunks. */
export async function openStream(agent: http.Agent, request: HttpStreamRequest): Promise<HttpStream> {
  const guard = guardExchange(request);
  try {
    const response = await openExchange(agent, request, guard);
    guard.disarm();
    const chunks = readChunks(response, request, guard);
    return { status: response.statusCode ?? 0, headers: readHeaders(response), chunks };
  } catch (error) {
    guard.end();
    throw guard.reason() ?? explain(error, request);
  }
}

async function* readChunks(
  response: http.IncomingMessage,
  request: HttpStreamRequest,
  guard: Guard,
): AsyncGenerator<Uint8Array> {
  const reader: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  try {
    for (;;) {
      guard.arm(request.idle);
      const next = await reader.next();
      guard.disarm(); // a slow reader is no idle server
      if (next.done === true) break;
      yield next.value;
    }
  } catch (error) {
    if (guard.reason() === undefined && !response.complete) throw cutOff(request, codeOf(error));
    throw guard.reason() ?? explain(error, request);
  } finally {
    guard.end();
    if (!response.complete) response.destroy();
  }
}
