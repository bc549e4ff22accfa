import type { BuildContext } from '../checkout/build-context.ts';
import { fingerprint } from '../checkout/sent-files.ts';

/** What the files of a build's context were at one moment. */
export interface ContextMark {
  /** Takes the mark; again and again is fine, the first one counts. */
  readonly take: () => void;
  /** Whether every file is as it was then; false where no mark could be taken. */
  readonly isUntouched: () => boolean;
}

/** Prepares a mark; nothing is read yet. */
export function markContext(context: BuildContext): ContextMark {
  let taken: string | undefined;
  let isTaken = false;
  return {
    take: () => {
      if (!isTaken) taken = fingerprintNow(context);
      isTaken = true;
    },
    isUntouched: () => taken !== undefined && fingerprintNow(context) === taken,
  };
}

/** Undefined where a file went away while it was being looked at: then somebody writes there. */
function fingerprintNow(context: BuildContext): string | undefined {
  try {
    return fingerprint(context);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
