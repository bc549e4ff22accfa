import { saysFull } from '../../model/full-storage.ts';
import { RegistryError, type RegistryFailure, type RegistryRequest } from '../../model/registry.ts';
import { type Http, HttpError, type HttpReply, type HttpRequest, type HttpStream } from '../http/http.ts';
import { knownSecrets } from '../known-secrets.ts';
import { speaksNoTls } from './endpoint.ts';
import { type Clock, PassingFault, parseRetryAfter } from './retry.ts';

/** How a request is called in errors. */
export interface RequestName {
  readonly registry: string;
  /** Method and path without query: a query may hold a signature. */
  readonly request: string;
}

/** What requests go through. */
export interface Wire {
  readonly http: Http;
  readonly clock: Clock;
}

/** Sends one request, once. Replies that say "later" are faults, all others are answers.
 * @throws PassingFault, RegistryError where trying again cannot help, ActionError `cancelled`. */
export type Exchanging = (via: Wire, request: HttpRequest, name: RequestName) => Promise<HttpReply>;

/** An exchange whose reply is read whole. */
export const exchangeOnce: Exchanging = async (via, request, name) =>
  requireAnswer(via, await reached(via.http.request(request), name), name);

/** An exchange whose reply is handed to `take` unread where it is the content that was asked for. */
export function exchangeUnread(take: (stream: HttpStream) => void, idle: number): Exchanging {
  return async (via, request, name) => {
    const stream = await reached(via.http.stream({ ...request, idle }), name);
    const { status, headers } = stream;
    if (status !== 200 && status !== 206)
      return requireAnswer(via, { status, headers, bytes: await reached(readWords(stream), name) }, name);
    take(stream);
    return { status, headers, bytes: new Uint8Array() };
  };
}

const longestWords = 65_536;

async function readWords({ chunks }: HttpStream): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    size += chunk.byteLength;
    if (size > longestWords) break;
  }
  return Buffer.concat(read).subarray(0, longestWords);
}

function reached<T>(reply: Promise<T>, name: RequestName): Promise<T> {
  return reply.catch((error: unknown) => {
    throw error instanceof HttpError ? faultOf(error, name) : error;
  });
}

function requireAnswer(via: Wire, reply: HttpReply, name: RequestName): HttpReply {
  const { status, headers } = reply;
  const at = { ...name, status, cause: undefined };
  // somebody may be clearing up: a few tries, and no waiting for minutes
  if (isFull(reply)) throw new PassingFault('full', describe(reply), { at, wait: 0, tries: 3 });
  const limited = status === 429 || (status === 403 && isRateLimit(reply));
  if (!limited && status !== 408 && (status < 500 || status === 501 || status === 505)) return reply;
  const wait = parseRetryAfter(headers.get('retry-after'), via.clock.now());
  throw new PassingFault(limited ? 'rate-limited' : 'unavailable', describe(reply), {
    at,
    wait,
    tries: Number.POSITIVE_INFINITY,
  });
}

/** The error that an answer amounts to where it is not what was asked for. */
export function refusal(reply: HttpReply, name: RequestName): RegistryError {
  return new RegistryError(kindOf(reply.status), describe(reply), { ...name, status: reply.status, cause: undefined });
}

/** The error of an answer that contradicts itself or the specification. */
export function invalidReply(reason: string, name: RequestName, status: number | undefined): RegistryError {
  return new RegistryError('invalid-reply', reason, { ...name, status, cause: undefined });
}

/** A reply that contradicts itself or what was asked for: never accepted, and asked for anew a few times, since what alters a reply on its
 * way may let the next one through. */
export function contradiction(reason: string, { name, status }: { name: RequestName; status: number }): PassingFault {
  const at = { ...name, status, cause: undefined };
  return new PassingFault('invalid-reply', reason, { at, wait: 0, tries: 3 });
}

function kindOf(status: number): RegistryFailure {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return status >= 400 && status < 500 ? 'rejected' : 'invalid-reply';
}

/** What a failure below HTTP amounts to. */
export function faultOf(error: HttpError, name: RequestName): PassingFault | RegistryError {
  const at: RegistryRequest = { ...name, status: undefined, cause: error };
  const how = { at, wait: 0, tries: error.code === 'ENOTFOUND' ? 3 : Number.POSITIVE_INFINITY };
  if (speaksNoTls(error)) return new RegistryError('untrusted', `it does not speak https (${error.code})`, at);
  switch (error.kind) {
    case 'unreachable':
      return new PassingFault('unreachable', error.message, how);
    case 'timeout':
      return new PassingFault('timeout', error.message, how);
    case 'broken':
      return new PassingFault('invalid-reply', error.message, how);
    case 'untrusted':
      return new RegistryError('untrusted', error.message, at);
    case 'too-long':
      return new RegistryError('invalid-reply', error.message, at);
  }
}

// RFC 4918, 11.5 has a status for it; distribution answers 500, and only the detail of its error says why.
function isFull({ status, bytes }: HttpReply): boolean {
  return status === 507 || (status >= 400 && saysFull(Buffer.from(bytes.subarray(0, 4_096)).toString('utf8')));
}

// GHCR answers its secondary limit with 403 and a text; GitHub's API documents the two headers.
function isRateLimit({ headers, bytes }: HttpReply): boolean {
  if (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0') return true;
  return /rate limit|too ?many ?requests/i.test(Buffer.from(bytes.subarray(0, 4_096)).toString('utf8'));
}

// The registry's own words (OCI distribution spec, "Error Codes"): bounded and printable, since they end in a log.
function describe({ status, bytes }: HttpReply): string {
  const words = readErrors(Buffer.from(bytes.subarray(0, 65_536)).toString('utf8')).replace(/[^\x20-\x7e]+/g, ' ');
  return words === '' ? `status ${status}` : `status ${status} (${knownSecrets.redact(words).slice(0, 200)})`;
}

function readErrors(text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return ''; // a proxy's page, not the registry's words
  }
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return '';
  const first: unknown = body.errors[0];
  if (typeof first !== 'object' || first === null) return '';
  const code = 'code' in first && typeof first.code === 'string' ? first.code : '';
  const message = 'message' in first && typeof first.message === 'string' ? first.message : '';
  return [code, message].filter((part) => part !== '').join(': ');
}
