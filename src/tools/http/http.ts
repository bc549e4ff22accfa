import type * as http from 'node:http';
import { codeOf, cutOff, type Exchange, explain, guardExchange, openExchange, readHeaders } from './exchange.ts';
import { HttpError } from './http-error.ts';
import { network } from './network.ts';
import { type HttpStream, type HttpStreamRequest, openStream } from './stream.ts';

export type { Trust } from './exchange.ts';
export { HttpError, type HttpFailure } from './http-error.ts';
export type { HttpStream, HttpStreamRequest } from './stream.ts';

/** A request whose reply fits in memory. */
export interface HttpRequest extends Exchange {
  /** Bytes of a successful reply's body at most; other bodies are cut at 64 KiB. */
  readonly limit: number;
}

/** A whole reply; header names are lower case, repeated headers are joined by `, `. */
export interface HttpReply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** A pool of connections. Every status is an answer; redirects and retries are the caller's.
 * @throws HttpError, and ActionError `cancelled` on abort. */
export interface Http {
  request(request: HttpRequest): Promise<HttpReply>;
  stream(request: HttpStreamRequest): Promise<HttpStream>;
  /** Ends all connections. Idle ones never keep the process alive, so this is for a clean end only. */
  close(): void;
}

// Registries and their balancers drop idle connections silently; a short life avoids writing into a dead one.
const idleConnection = 4_000;

/** Opens a pool. */
export function openHttp(): Http {
  const agents = new Map<string, http.Agent>();
  const agentFor = ({ url, trust }: Exchange): http.Agent => {
    const key = url.protocol === 'http:' ? 'http' : JSON.stringify(trust);
    const agent = agents.get(key) ?? openAgent({ url, trust });
    agents.set(key, agent);
    return agent;
  };
  return {
    request: (request) => exchange(agentFor(request), request),
    stream: (request) => openStream(agentFor(request), request),
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function openAgent({ url, trust }: Pick<Exchange, 'url' | 'trust'>): http.Agent {
  // Node unrefs the idle connections of an agent, and this timeout ends only idle ones.
  const pool = { keepAlive: true, timeout: idleConnection };
  if (url.protocol === 'http:') return new network.http.Agent(pool);
  switch (trust.kind) {
    case 'unverified':
      return new network.https.Agent({ ...pool, rejectUnauthorized: false });
    case 'verified':
      return new network.https.Agent(trust.ca === undefined ? pool : { ...pool, ca: [...usualRoots(), trust.ca] });
  }
}

// Naming a CA replaces node's own list; only from Node 22.15 on can it be asked for with NODE_EXTRA_CA_CERTS in it.
function usualRoots(): readonly string[] {
  const { tls } = network;
  if ('getCACertificates' in tls) return tls.getCACertificates('default');
  return (tls as typeof import('node:tls')).rootCertificates;
}

async function exchange(agent: http.Agent, request: HttpRequest): Promise<HttpReply> {
  const guard = guardExchange(request);
  try {
    const response = await openExchange(agent, request, guard);
    const bytes = await collect(response, request);
    return { status: response.statusCode ?? 0, headers: readHeaders(response), bytes };
  } catch (error) {
    throw guard.reason() ?? explain(error, request);
  } finally {
    guard.end();
  }
}

// An answer that is no success is read for its words alone: a proxy's long page is cut, since its status must not be lost.
const longestRefusal = 65_536;

async function collect(response: http.IncomingMessage, request: HttpRequest): Promise<Uint8Array> {
  const { limit, url } = request;
  const { statusCode = 0 } = response;
  const succeeded = statusCode >= 200 && statusCode < 300;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (!succeeded && size > longestRefusal) return Buffer.concat(chunks).subarray(0, longestRefusal);
      if (succeeded && size > limit)
        throw new HttpError('too-long', `the reply is longer than ${limit} bytes`, { host: url.host, code: '' });
    }
  } catch (error) {
    // Node's reader holds a reply to its Content-Length and to its last chunk: whatever ends before is an error here.
    throw error instanceof HttpError ? error : cutOff(request, codeOf(error));
  }
  return Buffer.concat(chunks);
}
