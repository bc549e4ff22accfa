import { restoreCommandFiles, takeRestored } from '../command-files.ts';
import { endLeftovers } from '../leftovers.ts';

const most = 5;

/** Ends what a test has left running and undoes what it wrote to the runner's files, so that neither reaches what is published.
 * @param mark what the test's processes carry
 * @returns notices. */
export async function undoAftermath(mark: string): Promise<readonly string[]> {
  const left = await endLeftovers(mark);
  const notice = `a test left ${count(left)} running, which was ended: ${list(left)}`;
  return [...(left.length === 0 ? [] : [notice]), ...undoWrites()];
}

/** Undoes what somebody else wrote to the runner's files of this step.
 * @returns notices. */
export function undoWrites(): readonly string[] {
  restoreCommandFiles();
  const restored = takeRestored();
  return restored.length === 0
    ? []
    : [`a test wrote to the runner’s files of this step, which was undone: ${list(restored)}`];
}

function count(all: readonly string[]): string {
  return all.length === 1 ? 'a process' : `${all.length} processes`;
}

function list(all: readonly string[]): string {
  const shown = all.slice(0, most).map((one) => JSON.stringify(one));
  return all.length > most ? `${shown.join(', ')} and ${all.length - most} more` : shown.join(', ');
}
