import { RegistryError, type RegistryFailure, type RegistryRequest } from '../../model/registry.ts';
import { type Http, HttpError, type HttpReply, type HttpRequest } from '../http/http.ts';
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

/** One request, once. Replies that say "later" are faults, all others are answers.
 * @throws PassingFault, RegistryError where trying again cannot help, ActionError `cancelled`. */
export async function exchangeOnce(via: Wire, request: HttpRequest, name: RequestName): Promise<HttpReply> {
  const reply = await via.http.request(request).catch((error: unknown) => {
    throw error instanceof HttpError ? faultOf(error, name) : error;
  });
  const { status, headers } = reply;
  const limited = status === 429 || (status === 403 && isRateLimit(reply));
  if (!limited && status !== 408 && (status < 500 || status === 501 || status === 505)) return reply;
  const at = { ...name, status, cause: undefined };
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

// GHCR answers its secondary limit with 403 and a text; GitHub's API documents the two headers.
function isRateLimit({ headers, bytes }: HttpReply): boolean {
  if (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0') return true;
  return /rate limit|too ?many ?requests/i.test(Buffer.from(bytes.subarray(0, 4_096)).toString('utf8'));
}

// The registry's own words (OCI distribution spec, "Error Codes"): bounded and printable, since they end in a log.
function describe({ status, bytes }: HttpReply): string {
  const words = readErrors(Buffer.from(bytes.subarray(0, 65_536)).toString('utf8')).replace(/[^\x20-\x7e]+/g, ' ');
  return words === '' ? `status ${status}` : `status ${status} (${words.slice(0, 200)})`;
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
