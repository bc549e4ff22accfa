/** Lets the requests of several writers through one at a time, in an order that is chosen. */
export class Gate {
  readonly #waiting: { readonly writer: string; readonly label: string; readonly pass: () => void }[] = [];
  readonly #dead = new Set<string>();

  /** Waits until the scheduler lets this request through; a writer that has crashed waits for ever. */
  enter(writer: string, label: string): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push({ writer, label, pass: resolve }));
  }

  /** What may happen next: a request of a writer that is alive. */
  get open(): readonly string[] {
    return this.#waiting
      .filter(({ writer }) => !this.#dead.has(writer))
      .map(({ writer, label }) => `${writer} ${label}`);
  }

  /** Lets one of them through. */
  pass(index: number): void {
    const alive = this.#waiting.filter(({ writer }) => !this.#dead.has(writer));
    const chosen = alive[index];
    if (chosen === undefined) throw new Error(`there is no request ${index}`);
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.pass();
  }

  crash(writer: string): void {
    this.#dead.add(writer);
  }

  isDead(writer: string): boolean {
    return this.#dead.has(writer);
  }
}

/** Which of the open requests, each a writer and what it does, is next; undefined: this order need not be gone to its end. */
export type Choose = (open: readonly string[]) => number | undefined;

/** A writer dies before its request of that number. */
export interface Crash {
  readonly writer: string;
  readonly at: number;
}

/** Runs writers to their ends.
 * @returns every request in the order in which it was let through; undefined where the choice was to give the order up. */
export async function drive(
  gate: Gate,
  works: readonly { readonly name: string; readonly work: Promise<void> }[],
  { choose, crash }: { readonly choose: Choose; readonly crash: Crash | undefined },
): Promise<readonly string[] | undefined> {
  const trace: string[] = [];
  const ended = new Set<string>();
  for (const { name, work } of works) work.finally(() => ended.add(name)).catch(() => undefined);
  let own = 0;
  for (;;) {
    await new Promise(setImmediate); // what can go on without a request has done so afterwards
    if (crash !== undefined && own === crash.at && gate.open.some((one) => writerOf(one) === crash.writer))
      gate.crash(crash.writer);
    const { open } = gate;
    if (open.length === 0) {
      if (works.every(({ name }) => ended.has(name) || gate.isDead(name))) return trace;
      throw new Error(`stuck after\n${trace.join('\n')}`);
    }
    const index = choose(open);
    const next = index === undefined ? undefined : open[index];
    if (index === undefined || next === undefined) return undefined;
    if (writerOf(next) === crash?.writer) own++;
    gate.pass(index);
    trace.push(next);
  }
}

/** A point of an order: what was open, what is taken, and what leads nowhere new. */
interface Point {
  readonly open: readonly string[];
  readonly asleep: ReadonlySet<string>;
  readonly done: string[];
  taken: number;
}

/** Every order there is, one run each, but for orders that differ only in requests which cannot notice each other (sleep sets,
 * Godefroid 1996): `reduced`: of those one
 * stands for all. */
export async function explore(run: (choose: Choose) => Promise<void>, how: 'reduced' | 'plain'): Promise<void> {
  const path: Point[] = [];
  do {
    let depth = 0;
    await run((open) => {
      const known = path[depth++];
      if (known !== undefined) return known.taken;
      const asleep = how === 'plain' ? new Set<string>() : sleepersAfter(path.at(-1));
      const taken = open.findIndex((one) => !asleep.has(one));
      if (taken < 0) return undefined;
      path.push({ open, asleep, done: [], taken });
      return taken;
    });
  } while (turn(path));
}

/** Takes the last choice that can still be another one. */
function turn(path: Point[]): boolean {
  for (let point = path.at(-1); point !== undefined; point = path.at(-1)) {
    const { open, asleep, done } = point;
    done.push(open[point.taken] ?? '');
    point.taken = open.findIndex((one) => !asleep.has(one) && !done.includes(one));
    if (point.taken >= 0) return true;
    path.pop();
  }
  return false;
}

function sleepersAfter(point: Point | undefined): ReadonlySet<string> {
  if (point === undefined) return new Set();
  const taken = point.open[point.taken] ?? '';
  return new Set([...point.asleep, ...point.done].filter((one) => !isNoticed(one, taken)));
}

/** Whether the order of two requests makes a difference: they are one writer's, or about one thing and not both reads. */
function isNoticed(one: string, other: string): boolean {
  const [writer, verb = '', about] = one.split(' ');
  const [otherWriter, otherVerb = '', otherAbout] = other.split(' ');
  if (writer === otherWriter) return true;
  return about === otherAbout && (isWrite(verb) || isWrite(otherVerb));
}

function isWrite(verb: string): boolean {
  return verb === 'PUT' || verb === 'pushes';
}

function writerOf(request: string): string {
  return request.split(' ')[0] ?? '';
}

/** Choices that a number names (mulberry32). */
export function seeded(seed: number): Choose {
  let state = seed >>> 0;
  return ({ length }) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % length;
  };
}
