import type { Digest } from '../../../src/model/digest.ts';
import { reference } from '../../../src/report/outputs.ts';
import type { ModelRegistry } from './model-registry.ts';
import { type Fault, type Published, publish, readState } from './scenario.ts';
import type { Stage } from './stages.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** How a scenario came out; `wrong` names every promise that was broken. */
export interface Verdict {
  readonly name: string;
  readonly kind: 'green' | 'red but truthful' | 'wrong' | 'not met';
  readonly wrong: readonly string[];
}

// What one call may take, what the engine's push and the last look may: for each repository, since they land one after another.
const limit = 300_000;

/** Publishes with a fault, compares receipt and registry, then publishes again without. */
export async function judge(stage: Stage, fault: Fault): Promise<Verdict> {
  const registry = stage.open();
  const clock = createVirtualClock();
  const seenBefore = readState(stage, registry);
  const run = await publish(stage, registry, clock, fault);
  const atEnd = readState(stage, registry);
  await clock.drain();
  const name = `${stage.name}: ${fault.kind.name}, ${fault.times}, at request ${fault.at} (${run.seen[fault.at]})`;
  if (!run.met) return { name, kind: 'not met', wrong: [] };
  const wrong = [
    ...(run.took > limit * stage.repositories.length ? [`it took ${run.took} ms`] : []),
    ...(run.error === undefined
      ? checkGreen(stage, run, atEnd, fault.kind.name === '404 lie')
      : checkRed(run, { seenBefore, atEnd, registry, stage, fault })),
    ...(run.error !== undefined && fault.times === 'once'
      ? [`a single fault is not absorbed: ${messageOf(run.error)}`]
      : []),
    ...(await checkAgain(stage, registry)),
  ];
  if (wrong.length > 0) return { name, kind: 'wrong', wrong };
  return { name, kind: run.error === undefined ? 'green' : 'red but truthful', wrong };
}

type State = ReadonlyMap<string, Digest | undefined>;

function checkGreen(stage: Stage, { records }: Published, state: State, hidesRepairs = false): string[] {
  const wrong: string[] = [];
  for (const [name, held] of state) {
    const wanted = stage.expected.get(name.replace(/.*:/, ''));
    const record = records.find((one) => reference(one) === name);
    // a higher version that the registry denies cannot be given its tag: that is a notice, and true
    const isLeft = hidesRepairs && held === stage.image.manifest.digest;
    if (held !== wanted && !isLeft) wrong.push(`green, and ${name} holds ${held}`);
    if (record?.after !== held)
      wrong.push(`green, and the receipt has ${record?.outcome} ${record?.after} for ${name}`);
  }
  return wrong;
}

interface Seen {
  readonly seenBefore: State;
  readonly atEnd: State;
  readonly registry: ModelRegistry;
  readonly stage: Stage;
  readonly fault: Fault;
}

/** A write whose end can be read by now: it was refused or cut off, and its tag can be asked for. */
function isReadable({ times, kind, at }: Fault, seen: readonly string[]): boolean {
  const isOver = times !== 'everything' && !/^(stall|404|201|wrong)/.test(kind.name);
  return isOver && seen[at]?.startsWith('PUT') === true;
}

function checkRed({ records, error, seen }: Published, { seenBefore, atEnd, registry, stage, fault }: Seen): string[] {
  const late = readState(stage, registry);
  const wrong: string[] = [];
  for (const record of records) {
    const name = reference(record);
    const [before, now, later] = [seenBefore, atEnd, late].map((state) => state.get(name));
    const told = `the receipt has ${record.outcome} ${record.after} (${record.reason}) for ${name}`;
    if (record.outcome === 'unknown') {
      if (isReadable(fault, seen)) wrong.push(`${told}, and it could have been read`);
      if (record.after !== undefined && record.after !== now) wrong.push(`${told}, which holds ${now}`);
    } else if (record.outcome === 'not-written') {
      if (now !== before || later !== before)
        wrong.push(`${told}, which held ${before} and holds ${now}, then ${later}`);
    } else if (record.after !== now) wrong.push(`${told}, which holds ${now}`);
  }
  const message = messageOf(error);
  const sentence = /\nTags written: (.*); not written: (.*); unknown: (.*)\.$/.exec(message);
  const groups = [['new', 'moved', 'kept'], ['not-written'], ['unknown']];
  groups.forEach((outcomes, at) => {
    const names = records.filter(({ outcome }) => outcomes.includes(outcome)).map(reference);
    if (sentence?.[at + 1] !== (names.join(', ') || 'none')) wrong.push(`the error does not say so: ${message}`);
  });
  return wrong;
}

async function checkAgain(stage: Stage, registry: ModelRegistry): Promise<string[]> {
  const again = await publish(stage, registry, createVirtualClock());
  if (again.error !== undefined) return [`a second run is red: ${messageOf(again.error)}`];
  return checkGreen(stage, again, readState(stage, registry)).map((text) => `a second run: ${text}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'nothing that could be read';
}
