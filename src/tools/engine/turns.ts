import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ActionError } from '../../errors.ts';
import type { Engine } from './call.ts';
import { describeHolder, hasEnded } from './holder.ts';
import { listVolumes, makeVolume, readVolume, removeVolume, type Volume } from './volumes.ts';

/** What takes turns, and on whose behalf. */
export interface Turn {
  /** A name in the engine's store that only one may give away at a time. */
  readonly name: string;
  /** Unique to the run: the label `io.slipway.run`. */
  readonly nonce: string;
}

const [runLabel, holderLabel, tokenLabel] = ['io.slipway.run', 'io.slipway.holder', 'io.slipway.turn'] as const;
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
  const { done, ended } = await beginTurn(engine, turn, work);
  await ended();
  return done;
}

/** The same, where what follows need not wait until the turn is given up: that begins when `ended` is called.
 * @throws as `inTurn`, and then the turn is given up. */
export async function beginTurn<T>(
  engine: Engine,
  turn: Turn,
  work: { readonly run: () => Promise<T>; readonly cancel: AbortSignal },
): Promise<{ readonly done: T; readonly ended: () => Promise<void> }> {
  const held = await take(engine, { volume: volumeOf(turn.name), ...turn }, work.cancel);
  const began = performance.now();
  const ended = (): Promise<void> => {
    const isYoung = performance.now() - began < longest / 2;
    const limit = AbortSignal.timeout(10_000);
    return isYoung ? endOwn(engine, held, limit) : end(engine, held, turn, limit);
  };
  try {
    return { done: await work.run(), ended };
  } catch (error) {
    await ended().catch(() => undefined); // why the work failed counts; post gives the turn up again
    throw error;
  }
}

/** Gives up every turn of a run that ended without doing so. */
export async function endTurns(engine: Engine, nonce: string, cancel: AbortSignal): Promise<void> {
  for (const volume of await listVolumes(engine, `${runLabel}=${nonce}`, cancel))
    if (volume.name.startsWith(prefix)) await end(engine, volume, { name: volume.name, nonce }, cancel);
}

/** Turns of this process. */
const taken = new Set<string>();

/** Whether this process may have a turn that it has not given up: then `endTurns` is due. */
export function hasTurns(): boolean {
  return taken.size > 0;
}

const prefix = 'slipway-turn-';

function volumeOf(name: string): string {
  return `${prefix}${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

async function take(engine: Engine, turn: Turn & { readonly volume: string }, cancel: AbortSignal): Promise<Volume> {
  const until = performance.now() + patience;
  const token = randomBytes(16).toString('hex');
  const labels = { [runLabel]: turn.nonce, [holderLabel]: describeHolder(), [tokenLabel]: token };
  for (;;) {
    taken.add(turn.volume); // an answer that is lost may have been a turn
    const there = await makeVolume(engine, { name: turn.volume, labels }, cancel);
    if (there.labels[tokenLabel] === token) return there;
    // an engine that crashed has forgotten its volumes' labels, and no push outlives its engine
    const isOver = there.labels[runLabel] === undefined || hasEnded(there.labels[holderLabel] ?? '');
    if (isOver || Date.now() - there.created > longest) await end(engine, there, turn, cancel);
    else if (performance.now() > until) throw tooLong(turn.name);
    else await pause(turn.name, cancel);
  }
}

/** Removes a turn's volume as long as it is that very turn's. An engine removes by name alone, and of two that saw the same dead turn the
 * second would remove what the first has taken meanwhile: so ending a turn is done in a turn of its own, which no other turn shares. */
async function end(engine: Engine, seen: Volume, { name, nonce }: Turn, cancel: AbortSignal): Promise<void> {
  const token = seen.labels[tokenLabel];
  const volume = volumeOf(`${seen.name} ${token ?? ''}`);
  await take(engine, { volume, name, nonce }, cancel);
  const now = await readVolume(engine, seen.name, cancel);
  if (now !== undefined && now.labels[tokenLabel] === token) await removeVolume(engine, seen.name, cancel);
  await removeVolume(engine, volume, cancel);
  for (const one of [seen.name, volume]) taken.delete(one);
}

/** The same for a turn of this process that is too young to be ended by others while it lives: nobody can have taken it since the look, and
 * so this takes half the requests. */
async function endOwn(engine: Engine, seen: Volume, cancel: AbortSignal): Promise<void> {
  const now = await readVolume(engine, seen.name, cancel);
  // an engine that crashed has forgotten whose it was, and somebody may have it by now
  if (now !== undefined && now.labels[tokenLabel] === seen.labels[tokenLabel])
    await removeVolume(engine, seen.name, cancel);
  taken.delete(seen.name);
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

function tooLong(name: string): ActionError {
  return new ActionError('timeout', `another run on this engine has been pushing ${name} for ten minutes`, {
    hint: 'run this one again once that one has ended',
  });
}
