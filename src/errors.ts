import type { Place } from './model/place.ts';

/** What an error is about, for people who search for it; one per way out. */
export type ErrorCode =
  | 'invalid-input'
  | 'event-refused'
  | 'checkout-mismatch'
  | 'context-refused'
  | 'disk-full'
  | 'engine-missing'
  | 'builder-missing'
  | 'login-missing'
  | 'registry-failed'
  | 'build-failed'
  | 'bytecode-failed'
  | 'test-failed'
  | 'checks-failed'
  | 'tag-conflict'
  | 'superseded'
  | 'image-unreadable'
  | 'digest-mismatch'
  | 'publish-failed'
  | 'timeout'
  | 'cancelled';

/** An error that a user can act on: what happened with the value in it, and the way out. Anything else that is thrown is our bug. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  readonly code: ErrorCode;
  readonly hint: string;
  /** The line that it is about, by the file's absolute path. */
  readonly place: Place | undefined;

  constructor(code: ErrorCode, message: string, options: { hint: string; cause?: unknown; place?: Place | undefined }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.place = options.place;
  }
}

/** What something that was thrown says; anything can be thrown. */
export function formatThrown(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
