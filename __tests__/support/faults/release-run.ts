import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bench, openProjectAt, type Run } from '../project.ts';
import { changedTags, readTags } from '../registry-view.ts';
import { type DoorFault, type DoorRule, type FaultDoor, openFaultDoor, type Passed } from './fault-door.ts';

/** As small as an image can be: a run takes about a second. */
const files = { Dockerfile: 'FROM scratch\nCOPY message /message\n', '.dockerignore': '.git\n', message: 'hello\n' };
const fastClock = pathToFileURL(resolve('__tests__/support/faults/fast-clock.mjs')).href;

/** One release with a fault, judged, and the same release without. */
export interface Judged {
  readonly name: string;
  readonly kind: 'green' | 'red but truthful' | 'wrong' | 'not met';
  readonly wrong: readonly string[];
}

/** How a release meets its fault; `rule` is undefined for one without. */
export interface ReleaseCase {
  readonly name: string;
  readonly rule: DoorRule | undefined;
  /** True where the run is to be green all the same. */
  readonly absorbed: boolean;
}

/** A registry, a door before it and a repository: what one worker needs. Each release is one of a new commit, over the last one's tags
 * and with its cache. */
export async function openReleases() {
  const registry = await bench.startRegistry();
  const door = await openFaultDoor(registry);
  const project = await openProjectAt({ host: door.host, stop: () => registry.remove() }, files);
  let count = 0;
  const commit = () => project.origin.commit('main', { message: `${process.pid} ${++count} ${Date.now()}\n` });
  const release = async (rule: DoorRule | undefined): Promise<Run> => {
    door.arm(rule);
    const isLong = rule !== undefined && (rule.fault === 'stall' || rule.times > 2);
    const slow: Record<string, string> = isLong ? { NODE_OPTIONS: `--import=${fastClock}` } : {};
    return project.push('main', { inputs: { summary: 'false' }, env: slow });
  };
  return {
    door,
    /** Judges a case. */
    judge: async ({ name, rule, absorbed }: ReleaseCase): Promise<Judged> => {
      await commit();
      const before = await readTags(registry);
      const first = await release(rule);
      const met = door.met();
      await registry.start(); // it may still be away
      const state = await readTags(registry);
      const second = await release(undefined);
      const wrong = [
        ...compare(first, before, state),
        ...(absorbed && !isStuck(rule, met[0]) && !first.green
          ? [`a single fault is not absorbed: ${first.receipt.error?.message}`]
          : []),
        ...(second.green ? [] : [`a second run is red: ${second.receipt.error?.message}`]),
        ...compare(second, before, await readTags(registry)).map((text) => `a second run: ${text}`),
        ...compareNames(first, second),
      ];
      if (rule !== undefined && met.length === 0) return { name, kind: 'not met', wrong: [] };
      if (wrong.length > 0) return { name: `${name} (${describe(met[0])})`, kind: 'wrong', wrong };
      return { name, kind: first.green ? 'green' : 'red but truthful', wrong: [] };
    },
    /** The requests of a release without a fault. */
    rehearse: async (): Promise<readonly Passed[]> => {
      for (const _ of ['the first of all', 'over the tags of the first, with its cache']) {
        await commit();
        const run = await release(undefined);
        if (!run.green) throw new Error(`a release without a fault is red: ${run.receipt.error?.message}`);
      }
      return door.passed();
    },
    close: async () => {
      await door.close();
      await project.close();
    },
  };
}

export type Releases = Awaited<ReturnType<typeof openReleases>>;

type Tags = ReadonlyMap<string, string>;

/** Receipt against registry, tag for tag; and green means that all is there. */
function compare({ receipt, green, main }: Run, before: Tags, state: Tags): string[] {
  const wrong: string[] = [];
  if (receipt.result === 'none') wrong.push(`there is no receipt: ${main.log.slice(-400)}`);
  if (green && receipt.tags.length === 0) wrong.push('green without a tag');
  for (const { tag, after, outcome } of receipt.tags) {
    const held = state.get(tag) ?? null;
    const told = `the receipt has ${outcome} ${after} for ${tag}, which holds ${held}`;
    const done = outcome === 'new' || outcome === 'moved' || outcome === 'kept';
    if (done && (after !== held || after !== receipt.image?.digest)) wrong.push(told);
    if (outcome === 'not-written' && held !== (before.get(tag) ?? null)) wrong.push(told);
    if (outcome === 'unknown' && after !== null && after !== held) wrong.push(told);
    if (green && !done) wrong.push(`green, and ${told}`);
  }
  const known = receipt.tags.map(({ tag }) => tag);
  for (const tag of changedTags(before, state))
    if (!known.includes(tag) && !tag.startsWith('cache-')) wrong.push(`${tag} is in no receipt`);
  const sentence = /Tags written: .*; not written: .*; unknown: .*\./.test(receipt.error?.message ?? '');
  if (!green && receipt.tags.length > 0 && !sentence)
    wrong.push(`the error says nothing of the tags: ${receipt.error?.message}`);
  return wrong;
}

function compareNames(first: Run, second: Run): string[] {
  const names = ({ receipt }: Run): string =>
    receipt.tags
      .map(({ tag }) => tag)
      .toSorted()
      .join(', ');
  const same = first.receipt.tags.length === 0 || names(first) === names(second);
  return same ? [] : [`first ${names(first)}, then ${names(second)}`];
}

/** An engine with the classic store keeps a transfer that hangs, and every repetition joins it (security.md, X8). */
function isStuck(rule: DoorRule | undefined, one: Passed | undefined): boolean {
  return rule?.fault === 'stall' && one?.ours === false && bench.engine.store === 'classic';
}

function describe(one: Passed | undefined): string {
  return one === undefined ? 'no request' : `${one.method} ${one.path}`;
}

/** The rule of the request at a place of a release. */
export function atPlace(fault: DoorFault, place: number): DoorRule {
  return { fault, times: 1, hits: (_, all) => all.length - 1 === place };
}

/** The rule of the requests that match, from the nth on. */
export function matching(
  fault: DoorFault,
  which: { readonly method: string; readonly path: RegExp; readonly nth: number; readonly times: number },
): DoorRule {
  const isOne = ({ method, path }: Passed): boolean => method === which.method && which.path.test(path);
  return { fault, times: which.times, hits: (one, all) => isOne(one) && all.filter(isOne).length >= which.nth };
}

export type { FaultDoor };
