import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { saysFull } from '../../model/full-storage.ts';
import { callEngine, type Engine, type EngineCall, type EngineReply, messageOf } from './call.ts';

type Question = Pick<EngineCall, 'method' | 'path' | 'cancel'> & { readonly query?: EngineCall['query'] };

/** Asks an engine one thing; again where another client crossed it. */
export async function ask(engine: Engine, { method, path, cancel, query = {} }: Question): Promise<EngineReply> {
  for (let tries = 1; ; tries++) {
    const reply = await callEngine(engine, { method, path, query, headers: {}, cancel });
    if (reply.status !== 500 || tries === mostTries || !isCrossed(reply)) return reply;
    await delay(firstPause * 3 ** (tries - 1), undefined, { signal: cancel });
  }
}

const mostTries = 6;
/** Milliseconds; three times as long after each try. Most crossings are over by then: an image that this run removes itself. */
const firstPause = 5;

/** The containerd store asks to be asked again where another client changed an image in the middle of an answer. */
function isCrossed(reply: EngineReply): boolean {
  return /data changed during operation, retry/.test(messageOf(reply));
}

/** Says that an engine answers and refuses. */
export function refused(what: string, reply: EngineReply): ActionError {
  const reason = messageOf(reply);
  if (saysFull(reason))
    return new ActionError('disk-full', `the Docker engine's disk is full, and it could not ${what}: ${reason}`, {
      hint: 'free space where the engine keeps its images, e.g. `docker system prune -af`',
    });
  return new ActionError('engine-missing', `the Docker engine refused to ${what}: ${reason}`, {
    hint: 'look at the engine’s own log; it answers, but not to this',
  });
}

/** The fields of an answer; none where it is something else. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
