import { rmSync } from 'node:fs';
import { notice, say } from './tools/actions.ts';
import { findEngine } from './tools/engine/endpoint.ts';
import { removeContainers, removeImageName, tagImageId } from './tools/engine/engine.ts';
import { endTurns } from './tools/engine/turns.ts';
import { readVariables } from './tools/environment.ts';
import { readState, type State } from './tools/state.ts';

/** Undoes what State remembers and nothing else; what cannot be undone is a notice, never a red job. */
async function post(): Promise<void> {
  const all = readVariables();
  const state = readState(all['RUNNER_TEMP'] ?? '');
  if (state === undefined) return;
  rmSync(state.folder, { recursive: true, force: true });
  const engine = await findEngine(all);
  const cancel = AbortSignal.timeout(60_000);
  await removeContainers(engine, `io.slipway.run=${state.nonce}`, cancel);
  await Promise.all([
    ...state.names.map((name) => removeImageName(engine, name, cancel)),
    ...state.restore.map(({ name, id }) => tagImageId(engine, { id, name }, cancel)),
  ]);
  await endTurns(engine, state.nonce, cancel);
  say(`tidied up: ${describe(state)}`);
}

function describe({ names, restore }: State): string {
  return [...names.map((name) => `removed ${name}`), ...restore.map(({ name }) => `restored ${name}`)].join(', ');
}

try {
  await post();
} catch (error) {
  notice(`not everything of this run could be removed: ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(0);
