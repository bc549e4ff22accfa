/** Why there is no whole reply: nobody there; too slow; cut off or no HTTP; longer than allowed; a certificate nobody vouches for. */
export type HttpFailure = 'unreachable' | 'timeout' | 'broken' | 'too-long' | 'untrusted';

/** A failure below HTTP. Its message has the host and the system's code, never the path, the query or a header. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: HttpFailure;
  /** The system's or TLS' code, such as `ECONNREFUSED` or `EPROTO`; empty where there is none. */
  readonly code: string;

  constructor(kind: HttpFailure, reason: string, at: { readonly host: string; readonly code: string }) {
    super(`${at.host}: ${reason}`);
    this.kind = kind;
    this.code = at.code;
  }
}
