import { callEngine, type Engine, messageOf, streamEngine } from './call.ts';

/** Ends what runs in a container at once; that nothing does is fine. */
export async function killContainer(engine: Engine, name: string, cancel: AbortSignal): Promise<void> {
  await callEngine(engine, { method: 'POST', path: ['containers', name, 'kill'], query: {}, headers: {}, cancel });
}

/** When a container was made, in seconds since 1970 by the engine's clock; undefined where there is none of that name. */
export async function readCreated(engine: Engine, name: string, cancel: AbortSignal): Promise<number | undefined> {
  const path = ['containers', name, 'json'];
  const reply = await callEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel });
  if (reply.status === 404) return undefined;
  const created: unknown =
    typeof reply.body === 'object' && reply.body !== null && 'Created' in reply.body ? reply.body.Created : undefined;
  const ms = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`the engine does not tell when it made ${name}: ${messageOf(reply)}`);
  return Math.floor(ms / 1_000);
}

/** A file or folder of a container as a tar, whose names begin with the path's last part; undefined where there is none. Links on the way
 * lead nowhere outside of the container, a link at the path's end is not followed (Engine API, ContainerArchive).
 * @throws Error where the engine refuses. */
export async function streamFiles(
  engine: Engine,
  { container, path }: { readonly container: string; readonly path: string },
  cancel: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const call = { method: 'GET', path: ['containers', container, 'archive'], query: { path }, headers: {} } as const;
  const { status, chunks } = await streamEngine(engine, { ...call, cancel });
  if (status === 200) return chunks;
  for await (const _ of chunks) break; // leaves the connection
  if (status === 404) return undefined;
  throw new Error(`the Docker engine refused to copy ${path}: status ${status}`);
}
