import { known, type Probed, unprobed } from '../../audit/probed-value.ts';
import { ActionError } from '../../errors.ts';

/** What a probe finds out; where it fails, or its time is up, that is the reason why nothing is known.
 * @throws ActionError `cancelled`. */
export async function attempt<T>(cancel: AbortSignal, work: () => Promise<T>): Promise<Probed<T>> {
  try {
    return known(await work());
  } catch (error) {
    if (cancel.aborted) throw cancelled;
    return unprobed(tell(error));
  }
}

/** A wait and a question to the engine say in different words that they were ended. */
function tell(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isLate = error.name === 'AbortError' || (error instanceof ActionError && error.code === 'cancelled');
  return isLate ? 'the time for all probes was up' : error.message;
}

const cancelled = new ActionError('cancelled', 'the image’s probes were ended because the run was cancelled', {
  hint: 'run it again',
});
