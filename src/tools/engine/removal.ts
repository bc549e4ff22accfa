import { ask, fields, refused, text } from './ask.ts';
import type { Engine } from './call.ts';

/** Removes a container and its volumes, running or not; that it is gone already is fine. */
export async function removeContainer(engine: Engine, id: string, cancel: AbortSignal): Promise<void> {
  const query = { force: '1', v: '1' };
  const gone = await ask(engine, { method: 'DELETE', path: ['containers', id], query, cancel });
  // 404: it ended by itself; 409: the engine is removing it already
  if (![204, 404, 409].includes(gone.status)) throw refused(`remove container ${id}`, gone);
}

/** Removes every container with this label (`name=value`), running or not; resolves with how many there were. */
export async function removeContainers(engine: Engine, label: string, cancel: AbortSignal): Promise<number> {
  const query = { all: '1', filters: JSON.stringify({ label: [label] }) };
  const reply = await ask(engine, { method: 'GET', path: ['containers', 'json'], query, cancel });
  if (reply.status !== 200 || !Array.isArray(reply.body)) throw refused('list containers', reply);
  const ids = reply.body.map((one) => text(fields(one)['Id']));
  for (const id of ids) await removeContainer(engine, id, cancel);
  return ids.length;
}
