import type { LocalName } from '../plan/build-plan.ts';
import type { Engine } from './engine/engine.ts';
import { isNamed, removeImageName, tagImageId } from './engine/images.ts';
import { removeContainers } from './engine/removal.ts';
import { endTurns } from './engine/turns.ts';
import type { State } from './state.ts';

const everyMs = 10;

/** Undoes what a run has left in the engine. Again and again is fine.
 * @throws ActionError `engine-missing`, `cancelled`. */
export async function tidyUp(engine: Engine, { nonce, names, restore }: State, cancel: AbortSignal): Promise<void> {
  const unused = removeContainers(engine, `io.slipway.run=${nonce}`, cancel);
  await Promise.all([
    ...names.map((name) => unused.then(() => removeImageName(engine, name, cancel))),
    ...restore.map(({ name, id }) => tagImageId(engine, { id, name }, cancel)),
    unused,
    endTurns(engine, nonce, cancel),
  ]);
}

/** Takes the run's own name off its image and goes once the name is gone: with an image's last name the engine clears away its content,
 * which takes ten times as long, and it carries on when nobody waits. */
export async function dropName(engine: Engine, name: LocalName, cancel: AbortSignal): Promise<void> {
  const removal = removeImageName(engine, name, cancel).then(() => true);
  while (!(await Promise.race([removal, pause()]))) if (!(await isNamed(engine, name, cancel))) return;
}

function pause(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), everyMs);
  });
}
