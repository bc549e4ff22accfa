import { ActionError } from '../../errors.ts';
import { fields } from './ask.ts';
import { callEngine, type Engine, type EngineCall, type EngineReply, messageOf } from './call.ts';

/** An empty volume, which is a name that one may have at a time, and what its maker wrote on it. */
export interface Volume {
  readonly name: string;
  /** Undefined for what an engine forgot when it crashed, too. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970, whole seconds. */
  readonly created: number;
}

/** Makes a volume; where there is one of that name, the one that there is comes back.
 * @throws ActionError `engine-missing`, `cancelled`. */
export async function makeVolume(
  engine: Engine,
  { name, labels }: Pick<Volume, 'name' | 'labels'>,
  cancel: AbortSignal,
): Promise<Volume> {
  const json = { Name: name, Labels: labels };
  return parseVolume(
    (await ask(engine, { method: 'POST', path: ['volumes', 'create'], json, cancel }, [200, 201])).body,
  );
}

/** The volume of that name; undefined where there is none. @throws as `makeVolume`. */
export async function readVolume(engine: Engine, name: string, cancel: AbortSignal): Promise<Volume | undefined> {
  const reply = await ask(engine, { method: 'GET', path: ['volumes', name], cancel }, [200, 404]);
  return reply.status === 404 ? undefined : parseVolume(reply.body);
}

/** Every volume with this label (`name=value`). @throws as `makeVolume`. */
export async function listVolumes(engine: Engine, label: string, cancel: AbortSignal): Promise<readonly Volume[]> {
  const query = { filters: JSON.stringify({ label: [label] }) };
  const { body } = await ask(engine, { method: 'GET', path: ['volumes'], query, cancel }, [200]);
  const volumes = fields(body)['Volumes'];
  return Array.isArray(volumes) ? volumes.map(parseVolume) : [];
}

/** Removes whatever volume has that name by now; that there is none is fine. @throws as `makeVolume`. */
export async function removeVolume(engine: Engine, name: string, cancel: AbortSignal): Promise<void> {
  await ask(engine, { method: 'DELETE', path: ['volumes', name], cancel }, [204, 404]);
}

type Question = Pick<EngineCall, 'method' | 'path' | 'cancel' | 'json'> & { readonly query?: EngineCall['query'] };

async function ask(engine: Engine, question: Question, expected: readonly number[]): Promise<EngineReply> {
  const reply = await callEngine(engine, { query: {}, headers: {}, ...question });
  if (expected.includes(reply.status)) return reply;
  const what = question.path.join('/');
  throw new ActionError(
    'engine-missing',
    `the Docker engine refused ${what}, by which runs take turns: ${messageOf(reply)}`,
    {
      hint: 'look at the engine’s own log; it answers, but not to this',
    },
  );
}

function parseVolume(value: unknown): Volume {
  const { Name, Labels, CreatedAt } = fields(value);
  const labels = Object.entries(fields(Labels)).filter(([, text]) => typeof text === 'string');
  return {
    name: String(Name),
    labels: Object.fromEntries(labels) as Volume['labels'],
    created: Date.parse(String(CreatedAt)),
  };
}
