import type { Readable } from 'node:stream';
import type { Access } from '../../model/challenge.ts';
import { RegistryError } from '../../model/registry.ts';
import type { Http, HttpReply } from '../http/http.ts';
import type { Credentials } from './credentials.ts';
import type { Door } from './door.ts';
import { type Endpoint, type HostRules, trustFor } from './endpoint.ts';
import { type Exchanging, invalidReply, type RequestName } from './exchange.ts';
import type { Patience } from './retry.ts';

/** Everything a client of one repository needs. */
export interface RegistryOptions extends Patience {
  readonly http: Http;
  readonly rules: HostRules;
  /** Asked at most once, and only if the registry wants to know. */
  readonly credentials: () => Promise<Credentials>;
  /** Told every secret before its first use, so that it can be masked in the log. */
  readonly onSecret: (secret: string) => void;
  /** The way in, where several clients of the repository share it. */
  readonly door?: Door;
}

/** A request to one repository. */
export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Below the repository (`manifests/main`), or a whole URL that the registry itself gave out. */
  readonly path: string | URL;
  readonly access: Access;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream can be sent once: a login that expired on its way is an error. */
  readonly body: Uint8Array | Readable | undefined;
  /** Bytes of the reply at most. */
  readonly limit: number;
}

/** A request without a body, for a short reply. */
export function ask(method: Question['method'], path: string | URL, access: Access): Question {
  return { method, path, access, headers: {}, body: undefined, limit: 65_536 };
}

/** An answer, and the URL it came from in the end. */
export interface Answer extends HttpReply {
  readonly url: URL;
  readonly name: RequestName;
}

const mostRedirects = 5;

/** What the requests of one call share. */
export interface Line {
  readonly options: RegistryOptions;
  readonly endpoint: Endpoint;
  readonly name: RequestName;
  readonly until: number;
  readonly exchange: Exchanging;
}

/** A request whose URL is known. */
export type Placed = Question & { readonly path: URL };

/** Sends a request and goes where a reading one is sent; a proof is shown to its own host only. */
export async function follow(line: Line, question: Placed, authorization: string | undefined): Promise<Answer> {
  let url = question.path;
  let proof = authorization;
  for (let hops = 0; ; hops++) {
    const reply = await sendOnce(line, { ...question, path: url }, proof);
    const location = reply.headers.get('location');
    const moved = [301, 302, 303, 307, 308].includes(reply.status) && location !== undefined;
    if (!moved || (question.method !== 'GET' && question.method !== 'HEAD')) return { ...reply, url, name: line.name };
    if (hops === mostRedirects) throw invalidReply(`more than ${mostRedirects} redirects`, line.name, reply.status);
    const next = readLocation(location, url, line.name);
    if (next.origin !== url.origin) proof = undefined; // and it does not come back: the way may lead through a stranger
    url = next;
  }
}

function sendOnce(
  line: Line,
  { method, path, headers, body, limit }: Placed,
  proof: string | undefined,
): Promise<HttpReply> {
  const { http, clock, cancel, rules } = line.options;
  const ours = path.origin === line.endpoint.base.origin;
  const request = {
    method,
    url: path,
    socketPath: undefined,
    trust: ours ? line.endpoint.trust : trustFor(path.host, rules),
    headers: proof === undefined ? headers : { ...headers, authorization: proof },
    body,
    limit,
    deadline: timeLeft(line),
    cancel,
  };
  return line.exchange({ http, clock }, request, line.name);
}

/** Where a reply sends its reader, relative to the URL that was asked.
 * @throws RegistryError where it is no address, carries a login, or leaves https. */
export function readLocation(location: string, from: URL, name: RequestName): URL {
  if (!URL.canParse(location, from.href))
    throw invalidReply('it sends its client to no readable address', name, undefined);
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== from.protocol)
    throw invalidReply(`it sends its client from https to ${url.protocol}//${url.host}`, name, undefined);
  if (url.username !== '' || url.password !== '')
    throw invalidReply('it sends its client to an address with a login in it', name, undefined);
  return url;
}

/** Milliseconds for the next request of a call.
 * @throws RegistryError `timeout` where there are none. */
export function timeLeft({ options, name, until }: Pick<Line, 'options' | 'name' | 'until'>): number {
  const left = until - options.clock.now();
  if (left > 0) return Math.min(left, options.pace.request);
  throw new RegistryError('timeout', 'no time is left', { ...name, status: undefined, cause: undefined });
}
