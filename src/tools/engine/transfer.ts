import { ActionError, type ErrorCode } from '../../errors.ts';
import { formatDuration } from '../../model/duration.ts';
import { fullRegistryHint, saysFull } from '../../model/full-storage.ts';
import { stallLimit, transferPace } from '../../model/limits.ts';
import type { HttpStream } from '../http/http.ts';
import { HttpError } from '../http/http-error.ts';
import { lineSplitter } from '../line-splitter.ts';
import { type Clock, systemClock } from '../registry/retry.ts';

/** Why a push or pull of the engine's failed. `passing`: it may well succeed the next time; `denied`: so it may, once; `stalled`: no
 * byte moved for too long; `gone`: the engine itself went away; `lasting`: trying again cannot help. */
export type TransferFault = 'passing' | 'denied' | 'stalled' | 'gone' | 'lasting';

/** A push or pull that failed. */
export class TransferError extends ActionError {
  readonly fault: TransferFault;

  constructor(fault: TransferFault, code: ErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(code, message, options);
    this.fault = fault;
  }
}

/** Follows a transfer's stream of JSON lines to its end. A line that says something new about its layer counts as progress; the engine
 * repeats what stands still.
 * @param open is given the signal that ends the transfer.
 * @throws TransferError `timeout` (stalled), `engine-missing` (gone); ActionError `cancelled`. */
export async function followTransfer(
  what: string,
  watch: { readonly cancel: AbortSignal; readonly stall?: number; readonly onLine: (line: string) => void },
  open: (cancel: AbortSignal) => Promise<HttpStream>,
): Promise<number> {
  const { cancel, stall = stallLimit, onLine } = watch;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), stall);
  const last = new Map<string, string>();
  const lines = lineSplitter((line) => {
    const id = /"id":"([^"]*)"/.exec(line)?.[1] ?? '';
    if (last.get(id) !== line) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stall);
    }
    last.set(id, line);
    onLine(line);
  });
  try {
    const stream = await open(AbortSignal.any([cancel, stalled.signal]));
    for await (const chunk of stream.chunks) lines.write(Buffer.from(chunk));
    lines.end();
    return stream.status;
  } catch (error) {
    if (cancel.aborted) throw error;
    if (stalled.signal.aborted || (error instanceof HttpError && error.kind === 'timeout'))
      throw new TransferError('stalled', 'timeout', `${what} made no progress for ${formatDuration(stall)}`, {
        hint: 'run it again; what has arrived is not sent twice',
        cause: error,
      });
    if (!(error instanceof HttpError)) throw error;
    throw new TransferError('gone', 'engine-missing', `the Docker engine went away during ${what}: ${error.message}`, {
      hint: 'look why the engine ended or was restarted (its own log, `journalctl -u docker`), then run this again',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

const denied = /no basic auth credentials|denied|unauthorized|authentication required|authorization failed|\b40[13]\b/i;
const limited = /rate limit|too ?many ?requests/i;
const lasting = /does not exist|No such image|not found|manifest (?:invalid|unknown)/i;

/** What a reason that the engine gives amounts to. */
export function judgeTransfer(reason: string): TransferFault {
  if (saysFull(reason)) return 'lasting';
  if (limited.test(reason)) return 'passing';
  if (denied.test(reason)) return 'denied';
  return lasting.test(reason) ? 'lasting' : 'passing';
}

/** What bounds and guards the repetition of a transfer. */
export interface Repetition<T> {
  /** Whether a stalled transfer may be tried once more: the classic image store keeps it, and whoever asks again waits for it. */
  readonly mayRepeatStall: boolean;
  /** Asked after every failure: what has come about all the same; undefined where nothing has. */
  readonly recheck: () => Promise<T | undefined>;
  readonly tell: (line: string) => void;
  readonly cancel: AbortSignal;
  readonly clock?: Clock;
}

/** Tries a whole transfer again after passing faults, with growing pauses and within a budget; what has arrived is not sent twice.
 * @throws the last failure. */
export async function repeatTransfer<T>(attempt: () => Promise<T>, repetition: Repetition<T>): Promise<T> {
  const { clock = systemClock, cancel, recheck, tell } = repetition;
  const until = clock.now() + transferPace.budget;
  let seconds = 1;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      const there = error.fault === 'lasting' ? undefined : await recheck();
      if (there !== undefined) return there;
      const isSecond = error.fault === 'denied' || (error.fault === 'stalled' && repetition.mayRepeatStall);
      const again = error.fault === 'passing' || (isSecond && seconds-- > 0);
      const most = Math.min(transferPace.longestPause, transferPace.firstPause * 2 ** (tries - 1));
      const pause = most * (0.5 + clock.random() / 2);
      if (!again || tries >= transferPace.tries || clock.now() + pause >= until) throw error;
      tell(`${error.message}; trying again in ${formatDuration(pause)}`);
      await clock.sleep(pause, cancel);
    }
  }
}

/** One line of a transfer's stream. */
export function parseRecord(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // an empty line, or no Docker engine at all: then no digest is named
    throw error;
  }
}

/** The error of a transfer that failed for a reason that the engine gives. */
export function explainTransfer(
  code: ErrorCode,
  what: string,
  { reason, hint }: { readonly reason: string; readonly hint: string },
): TransferError {
  // the engine hands on what the registry says of its own disk
  if (saysFull(reason) && reason.includes('error from registry: '))
    return new TransferError('lasting', 'disk-full', `the storage of the registry is full: ${what}: ${reason}`, {
      hint: fullRegistryHint,
    });
  if (saysFull(reason))
    return new TransferError('lasting', 'disk-full', `${what}, since a disk is full: ${reason}`, {
      hint: 'free space where the engine keeps its images, e.g. `docker system prune -af`, or in the registry where the message names it',
    });
  return new TransferError(judgeTransfer(reason), code, `${what}: ${reason}`, { hint });
}
