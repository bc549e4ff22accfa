import type { RaceCase } from './cases.ts';
import { brokenLaws, diedWithinItsWrites } from './laws.ts';
import { type Finish, race } from './race.ts';
import { type Choose, type Crash, explore, seeded } from './scheduler.ts';

/** What a sweep over the orders of a race came to. */
export interface Swept {
  readonly orders: number;
  /** Orders that end with an older one although nobody died, and are known to: one round trip stays open. */
  readonly open: number;
  /** Orders in which a writer died between its write and its last look. */
  readonly orphaned: number;
  /** What the judged tags held in the end, each way once. */
  readonly endings: readonly string[];
  /** Orders that broke a law, other than those. */
  readonly brokenOrders: number;
  /** The first few laws that were broken, each with its order. */
  readonly broken: readonly string[];
}

class Tally {
  orders = 0;
  open = 0;
  orphaned = 0;
  brokenOrders = 0;
  readonly broken: string[] = [];
  readonly #endings = new Set<string>();

  get endings(): readonly string[] {
    return [...this.#endings].toSorted();
  }

  /** @returns whether a writer died. */
  async take(one: RaceCase, how: { choose: Choose; crash?: Crash }): Promise<boolean> {
    const finish = await race(one, how);
    if (finish === undefined) return false;
    this.orders++;
    this.#judge(one, finish);
    return finish.endings.some(({ crashed }) => crashed);
  }

  #judge(one: RaceCase, finish: Finish): void {
    this.#endings.add(
      Object.keys(one.orders)
        .map((tag) => `${tag} holds ${finish.holds(tag)}`)
        .join(', '),
    );
    const broken = brokenLaws(one, finish);
    if (broken.length === 0) return;
    if (diedWithinItsWrites(finish, Object.keys(one.orders))) this.orphaned++;
    else if (one.open?.(finish) === true) this.open++;
    else if (++this.brokenOrders <= 5) this.broken.push([...broken, ...finish.trace].join('\n'));
  }
}

/** Every order of two writers' requests. */
export async function sweepPair(one: RaceCase, how: 'reduced' | 'plain'): Promise<Swept> {
  const tally = new Tally();
  await explore(async (choose) => void (await tally.take(one, { choose })), how);
  return tally;
}

/** Every order, with each writer dying before each of its requests in turn. */
export async function sweepCrashes(one: RaceCase): Promise<Swept> {
  const tally = new Tally();
  for (const { name } of one.writers)
    for (let at = 0, went = true; went; at++) {
      went = false;
      await explore(async (choose) => {
        went = (await tally.take(one, { choose, crash: { writer: name, at } })) || went;
      }, 'reduced');
    }
  return tally;
}

/** Orders drawn by lot. */
export async function sweepTriple(one: RaceCase, seeds: number): Promise<Swept> {
  const tally = new Tally();
  for (let seed = 1; seed <= seeds; seed++) await tally.take(one, { choose: seeded(seed) });
  return tally;
}
