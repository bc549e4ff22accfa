import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Engine } from '../../src/tools/engine/engine.ts';
import { describeHolder } from '../../src/tools/engine/holder.ts';
import { beginTurn, endTurns, hasTurns, inTurn } from '../../src/tools/engine/turns.ts';
import { listVolumes, makeVolume, readVolume, removeVolume } from '../../src/tools/engine/volumes.ts';
import { openDoor } from '../support/engine-door.ts';
import { engine, never } from './engine-bench.ts';

let turns = 0;
/** A name that no other test takes turns at. */
const freshName = (): string => `127.0.0.1:1/acme/turns-${process.pid}:t${turns++}`;
const nonce = (letter: string): string => `${letter}-${process.pid}`.padEnd(32, letter);

/** Somebody's turn: `begun` once it is taken, and it ends when told. */
function hold(name: string, letter: string, { at = engine, cancel = never, said = [] as string[] } = {}) {
  let end = (): void => undefined;
  let begin = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const run = async (): Promise<void> => {
    said.push(`${letter} begins`);
    begin();
    await ended;
    said.push(`${letter} ends`);
  };
  return { done: inTurn(at, { name, nonce: nonce(letter) }, { run, cancel }), begun, end };
}

async function until(isSo: () => boolean): Promise<void> {
  const latest = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > latest) throw new Error('it did not come about within a minute');
    await delay(10);
  }
}

/** The volume by which a name's turn is known, as long as somebody has it. */
async function volumeOf(letter: string): Promise<string> {
  const [volume] = await listVolumes(engine, `io.slipway.run=${nonce(letter)}`, never);
  if (volume === undefined) throw new Error(`${letter} has no turn`);
  return volume.name;
}

/** Leaves a turn as a killed run does: its process has ended, and nobody has given it up. */
async function leaveDead(name: string, letter: string): Promise<void> {
  const alive = hold(name, letter);
  await alive.begun;
  const volume = await volumeOf(letter);
  await removeVolume(engine, volume, never);
  alive.end();
  await alive.done;
  const dead = describeHolder().replace(/\d+$/, '1'); // a process of that number that began at another time
  const labels = { 'io.slipway.run': nonce(letter), 'io.slipway.holder': dead, 'io.slipway.turn': letter };
  await makeVolume(engine, { name: volume, labels }, never);
}

test('turns are taken one after another, by several runs on one engine', async () => {
  const name = freshName();
  const said: string[] = [];
  const waiting = ['a', 'b', 'c'].map((letter) => {
    const one = hold(name, letter, { said });
    return one.begun
      .then(() => delay(30))
      .then(() => {
        one.end();
        return one.done;
      });
  });
  await Promise.all(waiting);
  const order = said.filter((_, at) => at % 2 === 0).map((line) => line[0]);
  expect(said).toEqual(order.flatMap((letter) => [`${letter} begins`, `${letter} ends`]));
  expect(order.toSorted()).toEqual(['a', 'b', 'c']);
});

test('a turn ends where the work fails', async () => {
  const name = freshName();
  const run = () => Promise.reject(new Error('no'));
  await expect(inTurn(engine, { name, nonce: nonce('d') }, { cancel: never, run })).rejects.toThrow('no');
  expect(await inTurn(engine, { name, nonce: nonce('e') }, { cancel: never, run: async () => 'mine' })).toBe('mine');
});

test('a turn whose work is done is held until it is given up', async () => {
  const name = freshName();
  const { done, ended } = await beginTurn(
    engine,
    { name, nonce: nonce('v') },
    { cancel: never, run: async () => 'done' },
  );
  expect(done).toBe('done');
  await volumeOf('v');
  const next = hold(name, 'w');
  await ended();
  await next.begun;
  next.end();
  await next.done;
});

test('giving up a turn takes two requests, and leaves it alone where somebody else has it by now', async () => {
  const name = freshName();
  const { door, asked, close } = await openDoor(engine, async () => undefined);
  const begin = (letter: string) =>
    beginTurn(door, { name, nonce: nonce(letter) }, { cancel: never, run: async () => undefined });
  const first = await begin('x');
  expect(hasTurns()).toBe(true);
  await first.ended();
  expect(asked.map((one) => one.replace(/slipway-turn-.*/, '…'))).toEqual([
    'POST /volumes/create',
    'GET /volumes/…',
    'DELETE /volumes/…',
  ]);
  const second = await begin('y');
  const volume = await volumeOf('y');
  await removeVolume(engine, volume, never);
  await makeVolume(engine, { name: volume, labels: { 'io.slipway.turn': 'another' } }, never);
  await second.ended();
  expect((await readVolume(engine, volume, never))?.labels['io.slipway.turn']).toBe('another');
  await removeVolume(engine, volume, never);
  expect(hasTurns()).toBe(false);
  close();
});

test('a turn ends with the post step of the run that held it, and of no other', async () => {
  const name = freshName();
  const held = hold(name, 'f');
  await held.begun;
  const { door, asked, close } = await openDoor(engine, async () => undefined);
  const next = hold(name, 'g', { at: door });
  await until(() => asked.length >= 3);
  await endTurns(engine, nonce('9'), never);
  const before = asked.length;
  await until(() => asked.length >= before + 3);
  expect(await volumeOf('f')).toMatch(/^slipway-turn-/);
  await endTurns(engine, nonce('f'), never);
  await next.begun;
  next.end();
  await next.done;
  held.end();
  await held.done;
  close();
});

test('waiting for a turn ends with the run', async () => {
  const name = freshName();
  const held = hold(name, 'h');
  await held.begun;
  const cancel = new AbortController();
  const { door, asked, close } = await openDoor(engine, async () => undefined);
  const waiting = hold(name, 'i', { at: door, cancel: cancel.signal });
  const refused = expect(waiting.done).rejects.toMatchObject({ code: 'cancelled' });
  await until(() => asked.length >= 2);
  cancel.abort();
  await refused;
  held.end();
  await held.done;
  close();
});

describe('a dead run’s turn goes to one alone', () => {
  /** What each request of the late one is held back for: that the other has the turn, or asks in vain for it. */
  const late = (letter: string, at: number) => `${letter} acts late, from its request ${at} on, on what it saw`;
  const rows = [2, 3, 4, 5].flatMap((at) => [
    [late('another waiter', at), at, false] as const,
    [late('the dead run’s post', at), at, true] as const,
  ]);
  test.each(rows)('%s', async (_, at, isPost) => {
    const name = freshName();
    await leaveDead(name, 'j');
    const said: string[] = [];
    const over = new Set<string>();
    const party = async (letter: string, door: Engine, other: { letter: string; asked: readonly string[] }) => {
      const run = async (): Promise<void> => {
        const begun = said.push(`${letter} begins`);
        const from = other.asked.length;
        await until(() => over.has(other.letter) || other.asked.length >= from + 6 || said.length > begun);
        said.push(`${letter} ends`);
      };
      await inTurn(door, { name, nonce: nonce(letter) }, { run, cancel: never });
      over.add(letter);
    };
    const prompt = await openDoor(engine, async () => undefined);
    let first: Promise<void> | undefined;
    const slow = await openDoor(engine, async ({ length }) => {
      if (length < at) return;
      first ??= party('k', prompt.door, { letter: 'l', asked: slow.asked });
      await until(() => said.length > 0 || prompt.asked.length >= 8);
    });
    if (isPost) await endTurns(slow.door, nonce('j'), never);
    else await party('l', slow.door, { letter: 'k', asked: prompt.asked });
    over.add('l');
    await (first ?? party('k', prompt.door, { letter: 'l', asked: slow.asked }));
    const order = said.filter((_line, index) => index % 2 === 0).map((line) => line[0]);
    expect(said).toEqual(order.flatMap((letter) => [`${letter} begins`, `${letter} ends`]));
    expect(order.toSorted()).toEqual(isPost ? ['k'] : ['k', 'l']);
    slow.close();
    prompt.close();
  });
});
