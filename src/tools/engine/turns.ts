import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import { callEngine, type Engine, type EngineReply, messageOf } from './call.ts';
import { describeHolder, hasEnded } from './holder.ts';

/** What takes turns, and on whose behalf. */
export interface Turn {
  /** A name in the engine's store that only one may give away at a time. */
  readonly name: string;
  /** Unique to the run: the label `io.slipway.run`. */
  readonly nonce: string;
}

const holderLabel = 'io.slipway.holder';
const everyMs = 100;
const patience = 10 * 60_000;
/** Whoever holds a turn this long has died without its post step; on this machine that is seen at once. */
const longest = 30 * 60_000;

/** Does something while no other run on this engine does anything under the same name: an engine pushes by name, and of two runs that
 * give one name away the second would push the first one's image. An empty volume says whose turn it is: making one that
 * exists answers with the one there is, whoever runs where.
 * @throws ActionError `timeout` after ten minutes of waiting, `cancelled`, `engine-missing`. */
export async function inTurn<T>(
  engine: Engine,
  turn: Turn,
  work: { readonly run: () => Promise<T>; readonly cancel: AbortSignal },
): Promise<T> {
  const volume = `slipway-turn-${createHash('sha256').update(turn.name).digest('hex').slice(0, 32)}`;
  await take(engine, { volume, ...turn }, work.cancel);
  const giveUp = (): Promise<void> => remove(engine, volume, AbortSignal.timeout(10_000));
  const done = await work.run().catch(async (error: unknown) => {
    await giveUp().catch(() => undefined); // why the work failed counts; post gives the turn up again
    throw error;
  });
  await giveUp();
  return done;
}

/** Gives up every turn of a run that ended without doing so. */
export async function endTurns(engine: Engine, nonce: string, cancel: AbortSignal): Promise<void> {
  const filters = JSON.stringify({ label: [`io.slipway.run=${nonce}`] });
  const reply = await callEngine(engine, { method: 'GET', path: ['volumes'], query: { filters }, headers: {}, cancel });
  const volumes = fieldsOf(reply.body)['Volumes'];
  for (const one of Array.isArray(volumes) ? volumes : []) {
    const name = fieldsOf(one)['Name'];
    if (typeof name === 'string' && name.startsWith('slipway-turn-')) await remove(engine, name, cancel);
  }
}

async function take(engine: Engine, turn: Turn & { readonly volume: string }, cancel: AbortSignal): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    const reply = await callEngine(engine, {
      method: 'POST',
      path: ['volumes', 'create'],
      query: {},
      headers: {},
      json: { Name: turn.volume, Labels: { 'io.slipway.run': turn.nonce, [holderLabel]: describeHolder() } },
      cancel,
    });
    if (reply.status !== 200 && reply.status !== 201) throw refused(turn.name, reply);
    const volume = fieldsOf(reply.body);
    const { 'io.slipway.run': run, [holderLabel]: holder } = fieldsOf(volume['Labels']);
    if (run === turn.nonce) return;
    // an engine that crashed has forgotten its volumes' labels, and no push outlives its engine
    const isOver = run === undefined || hasEnded(String(holder));
    const since = Date.now() - Date.parse(String(volume['CreatedAt']));
    if (isOver || since > longest) await remove(engine, turn.volume, cancel);
    else if (performance.now() > until) throw tooLong(turn.name);
    else await pause(turn.name, cancel);
  }
}

async function pause(name: string, cancel: AbortSignal): Promise<void> {
  try {
    await delay(everyMs, undefined, { signal: cancel });
  } catch (cause) {
    throw new ActionError('cancelled', `waiting for another run to push ${name} was given up: the run was cancelled`, {
      hint: 'run it again',
      cause,
    });
  }
}

async function remove(engine: Engine, volume: string, cancel: AbortSignal): Promise<void> {
  const path = ['volumes', volume];
  const reply = await callEngine(engine, { method: 'DELETE', path, query: {}, headers: {}, cancel });
  if (reply.status !== 204 && reply.status !== 404) throw refused(volume, reply);
}

function tooLong(name: string): ActionError {
  return new ActionError('timeout', `another run on this engine has been pushing ${name} for ten minutes`, {
    hint: 'run this one again once that one has ended',
  });
}

function refused(what: string, reply: EngineReply): ActionError {
  return new ActionError('engine-missing', `the Docker engine let nobody wait for ${what}: ${messageOf(reply)}`, {
    hint: 'look at the engine’s own log; it answers, but not to this',
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
