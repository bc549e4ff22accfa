import type * as http from 'node:http';
import type { Readable } from 'node:stream';
import { ActionError } from '../../errors.ts';
import { HttpError } from '../http/http-error.ts';
import { network } from '../http/network.ts';
import { type HttpStream, openStream } from '../http/stream.ts';
import type { Endpoint } from './endpoint.ts';

/** A Docker Engine, spoken to over its HTTP API: starting a `docker` client for a question costs some 40 ms, a call 5. */
export interface Engine {
  readonly endpoint: Endpoint;
  readonly agent: http.Agent;
}

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parts of the path, each escaped on its own; a part's slashes stay. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where there is one. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Milliseconds until the answer must begin, where half a minute is not enough. */
  readonly deadline?: number;
  /** A body that is no JSON. */
  readonly bytes?: Uint8Array | Readable;
  readonly cancel: AbortSignal;
}

/** What the engine answered; `body` is parsed JSON, undefined where there is none. */
export interface EngineReply {
  readonly status: number;
  readonly body: unknown;
}

const questionLimit = 30_000;
const longestReply = 16 * 1024 * 1024;
/** A push says something at least every few seconds; a registry that never answers says nothing for ever. */
const silenceLimit = 180_000;

/** Makes a value of an endpoint; nothing is sent yet. */
export function connectEngine(endpoint: Endpoint): Engine {
  const pool = { keepAlive: true, timeout: 4_000 };
  if (endpoint.kind === 'unix' || endpoint.tls === undefined) return { endpoint, agent: new network.http.Agent(pool) };
  const { ca, cert, key, verify } = endpoint.tls;
  const material = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return { endpoint, agent: new network.https.Agent({ ...pool, ...material, rejectUnauthorized: verify }) };
}

/** Asks one thing. Every status is an answer.
 * @throws ActionError `engine-missing` where nobody answers, `cancelled`. */
export async function callEngine(engine: Engine, call: EngineCall): Promise<EngineReply> {
  const stream = await streamEngine(engine, call);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream.chunks) {
    size += chunk.byteLength;
    if (size > longestReply)
      throw new Error(`the engine's reply to ${call.path.join('/')} is longer than ${longestReply} bytes`);
    chunks.push(chunk);
  }
  return { status: stream.status, body: parseJson(Buffer.concat(chunks).toString('utf8')) };
}

/** Asks one thing whose answer comes bit by bit.
 * @throws as `callEngine`. */
export async function streamEngine(engine: Engine, call: EngineCall): Promise<HttpStream> {
  const { endpoint, agent } = engine;
  const url = new URL(baseOf(endpoint));
  url.pathname = `/${call.path.map((part) => part.split('/').map(encodeURIComponent).join('/')).join('/')}`;
  for (const [name, value] of Object.entries(call.query)) url.searchParams.set(name, value);
  try {
    return await openStream(agent, {
      method: call.method,
      url,
      socketPath: endpoint.kind === 'unix' ? endpoint.path : undefined,
      trust: { kind: 'verified', ca: undefined },
      headers: call.json === undefined ? call.headers : { ...call.headers, 'content-type': 'application/json' },
      body: call.json === undefined ? call.bytes : Buffer.from(JSON.stringify(call.json)),
      deadline: call.deadline ?? questionLimit,
      idle: silenceLimit,
      cancel: call.cancel,
    });
  } catch (error) {
    throw error instanceof HttpError ? explainMissing(endpoint, error) : error;
  }
}

/** The engine's own words about a refused call. */
export function messageOf({ status, body }: EngineReply): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : `status ${status}`;
}

/** The URL that paths of the engine are laid upon. */
export function baseOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return 'http://docker';
  return `${endpoint.tls === undefined ? 'http' : 'https'}://${endpoint.host}:${endpoint.port}`;
}

function explainMissing(endpoint: Endpoint, error: HttpError): ActionError {
  const where = endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new ActionError('engine-missing', `no permission to use the Docker engine at ${where}`, {
      hint: 'let the runner’s user into the group `docker`, or point DOCKER_HOST at an engine that it may use',
      cause: error,
    });
  const reason = error.kind === 'unreachable' ? error.code : error.message;
  return new ActionError('engine-missing', `no Docker engine answers at ${where} (${reason})`, {
    hint: 'use a runner with Docker (`runs-on: ubuntu-latest` has it), start the engine, or set DOCKER_HOST',
    cause: error,
  });
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a proxy's page, say: the status speaks
    throw error;
  }
}
