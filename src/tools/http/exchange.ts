// node:http rather than fetch: the first use of fetch costs some 40 ms, and it takes neither a CA nor a Unix socket.
import type * as http from 'node:http';
import type { Readable } from 'node:stream';
import { ActionError } from '../../errors.ts';
import { HttpError } from './http-error.ts';
import { network } from './network.ts';

/** Whom to believe in TLS; `ca` is PEM text that is trusted beside the usual roots. */
export type Trust = { readonly kind: 'verified'; readonly ca: string | undefined } | { readonly kind: 'unverified' };

/** What a plain request and a streaming one share. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  /** A Unix socket to speak through; the URL's host is then only a name. */
  readonly socketPath: string | undefined;
  readonly trust: Trust;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | Readable | undefined;
  /** Milliseconds: for a plain request the whole exchange, from the look-up of the name to the last byte; for a stream
   * until the reply's head, the upload of the body included. */
  readonly deadline: number;
  readonly cancel: AbortSignal;
}

/** Ends one exchange at its deadline or on cancellation, and remembers which of the two it was. */
export interface Guard {
  /** Names the request to end; at once where the time is up already. */
  watch(sent: http.ClientRequest): void;
  /** Starts a new time limit of some milliseconds in place of the running one. */
  arm(ms: number): void;
  disarm(): void;
  reason(): Error | undefined;
  /** Lets go of the timer and of the signal. */
  end(): void;
}

/** Sets a guard over an exchange; its deadline runs from now. */
export function guardExchange({ url, deadline, cancel }: Exchange): Guard {
  let sent: http.ClientRequest | undefined;
  let reason: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (why: Error): void => {
    reason ??= why;
    sent?.destroy(reason);
  };
  const disarm = (): void => clearTimeout(timer);
  const arm = (ms: number): void => {
    disarm();
    const late = (): void =>
      stop(new HttpError('timeout', `nothing within ${Math.round(ms)} ms`, { host: url.host, code: '' }));
    timer = setTimeout(late, ms);
  };
  const onAbort = (): void =>
    stop(
      new ActionError('cancelled', `the request to ${url.host} was given up because the run was cancelled`, {
        hint: 'run it again',
      }),
    );
  if (cancel.aborted) onAbort();
  else cancel.addEventListener('abort', onAbort, { once: true });
  arm(deadline);
  return {
    watch: (request) => {
      sent = request;
      if (reason !== undefined) request.destroy(reason);
    },
    arm,
    disarm,
    reason: () => reason,
    end: () => {
      disarm();
      cancel.removeEventListener('abort', onAbort);
    },
  };
}

/** Sends a request and waits for the reply's head. Errors are the system's own: see `explain`. */
export function openExchange(agent: http.Agent, exchange: Exchange, guard: Guard): Promise<http.IncomingMessage> {
  const { method, url, socketPath, body } = exchange;
  const length = body instanceof Uint8Array ? { 'content-length': String(body.byteLength) } : {};
  const options = { method, agent, headers: { 'user-agent': 'slipway', ...length, ...exchange.headers } };
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'http:' ? network.http.request : network.https.request;
    const sent = start(url, socketPath === undefined ? options : { ...options, socketPath });
    guard.watch(sent);
    sent.once('response', resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // An idle connection that the server had closed meanwhile: nothing was answered, so what only reads is sent anew.
      const stale = sent.reusedSocket && error.code === 'ECONNRESET' && (method === 'GET' || method === 'HEAD');
      if (stale && guard.reason() === undefined) resolve(openExchange(agent, exchange, guard));
      else reject(error);
    });
    if (body === undefined || body instanceof Uint8Array) sent.end(body);
    else {
      body.once('error', (error) => sent.destroy(error));
      body.pipe(sent);
    }
  });
}

/** The reply's headers: names in lower case, repeated ones joined by `, `. */
export function readHeaders(response: http.IncomingMessage): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '));
  return headers;
}

/** The error of a reply that ended before its end. */
export function cutOff(exchange: Exchange, code: string): HttpError {
  return new HttpError('broken', 'the reply was cut off', { host: exchange.url.host, code });
}

// Node's TLS verification codes are OpenSSL's names: what they share is that trying again cannot help.
const distrust =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** The code of one of node's errors; empty where there is none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** Turns what node threw into an HttpError; what is none of its network errors is handed back as it came. */
export function explain(error: unknown, exchange: Exchange): unknown {
  if (error instanceof HttpError || error instanceof ActionError) return error;
  const code = codeOf(error);
  const at = { host: exchange.url.host, code };
  if (code.startsWith('HPE_')) return new HttpError('broken', `the reply is no HTTP (${code})`, at);
  if (distrust.test(code)) return new HttpError('untrusted', `its certificate is not trusted (${code})`, at);
  if (/^E(?!RR_)[A-Z0-9_]+$/.test(code) || code.startsWith('ERR_SSL_')) return new HttpError('unreachable', code, at);
  return error;
}
