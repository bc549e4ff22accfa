import { ActionError } from '../../errors.ts';
import type { Repair } from '../../plan/repairs.ts';
import type { WantedTag } from '../../plan/wanted-tag.ts';
import type { WritePlan } from '../../plan/write-plan.ts';
import { Desk, type Found } from './desk.ts';
import { explained, settleAll } from './failures.ts';
import type { Contest, TagTools } from './move-everywhere.ts';
import type { Landed } from './publish.ts';

/** How often tags are written again before somebody else's writes are taken for a fault. */
const rounds = 5;

/** What is to be settled after the writes. */
export interface Settlement {
  readonly writes: WritePlan;
  readonly contests: readonly Contest[];
  /** Looks once more where the ref and the versions are, and says which tags belong to something newer by now; `crossed`: it is known
   * that another run wrote the same tags. */
  readonly plan: (crossed: boolean) => Promise<readonly Repair[]>;
}

/** Settles the tags that crossed with another run's: those that belong to something newer are pointed at that, the others at this
 * run's image again. After each write everything is looked at once more, so that whoever writes last has seen what is newest.
 * @returns a sentence about each that moved on.
 * @throws ActionError `registry-failed`, `login-missing`; `digest-mismatch` where somebody else keeps on writing a tag. */
export async function repairTags(
  landed: readonly Landed[],
  { writes, contests, plan }: Settlement,
  tools: TagTools,
): Promise<readonly string[]> {
  const told = new Set<string>();
  const desks = landed.map((one) => new Desk(one, contests, { ...tools, told }));
  let crossed = contests.length > 0 || landed.some(({ overtook }) => overtook !== undefined);
  for (let round = 0; round < rounds && landed.length > 0; round++) {
    const repairs = await plan(crossed);
    for (const desk of desks) desk.lookAnew();
    const wrote: boolean[] = [];
    await settleAll(
      desks.flatMap((desk) =>
        movingTags(writes, desk).map(async (tag) => {
          const repair = repairs.find((one) => one.tag.name === tag.name);
          wrote.push(await explained(desk, settle(desk, tag, repair)));
        }),
      ),
    );
    if (!wrote.includes(true)) return [...told];
    crossed = true;
  }
  const [open] = desks.flatMap((desk) => desk.contests);
  if (open === undefined) return [...told];
  throw new ActionError('digest-mismatch', `${open.message}; it was written ${rounds} times in a row`, {
    hint: open.hint,
    cause: open,
  });
}

function movingTags({ first, further }: WritePlan, desk: Desk): readonly WantedTag[] {
  const all = first === undefined ? further : [{ ...first, name: desk.first }, ...further];
  return all.filter(({ moves }) => moves !== 'never');
}

/** @returns whether the tag was written: then everything is looked at again. */
async function settle(desk: Desk, tag: WantedTag, repair: Repair | undefined): Promise<boolean> {
  const newer = repair === undefined ? undefined : await desk.findFirst(repair.by);
  if (newer !== undefined) return giveTo(desk, tag, newer);
  if (repair !== undefined && tag.moves === 'by-version')
    desk.tell(tag, `was written although ${repair.by[0]} is higher: this repository does not have it`);
  return desk.overtaken(tag) === undefined ? settleContest(desk, tag) : giveBack(desk, tag);
}

/** Points a tag at what is newer, where it holds what this run put there: what others put there is theirs to look after. */
async function giveTo(desk: Desk, tag: WantedTag, newer: Found): Promise<boolean> {
  const { name, manifest } = newer;
  const before = await desk.read(tag, manifest.digest);
  const isOurs = before !== manifest.digest && desk.hasPut(before);
  const after = isOurs ? await desk.put(tag, manifest, before) : before;
  const reason = `${name} was published meanwhile`;
  desk.close(tag, { outcome: 'superseded', before, after, reason });
  if (name.startsWith('sha-')) desk.tools.guard.note(tag, { stale: true, because: reason });
  desk.tell(tag, `belongs to ${name}, which was published meanwhile: it points at ${after ?? 'nothing'}`);
  return isOurs;
}

/** Puts back what the upload replaced, where that wins over this run's image. */
async function giveBack(desk: Desk, tag: WantedTag): Promise<boolean> {
  const theirs = desk.overtaken(tag);
  const before = await desk.registry.head(tag.name);
  if (theirs === undefined || before !== desk.manifest.digest) return settleContest(desk, tag);
  const because = await desk.tools.guard.giveWay(desk.registry, tag, theirs);
  const manifest = because === undefined ? undefined : await desk.registry.manifest(theirs);
  if (because === undefined || manifest === undefined) return false;
  const after = await desk.put(tag, manifest, before);
  desk.close(tag, { outcome: 'superseded', before, after, reason: because });
  desk.tell(tag, `was put back to ${theirs}: ${because}`);
  return true;
}

/** A tag that held something else than was written: it is left to what wins over this run, and else written again. A tag ordered by
 * version to which nothing newer has a right is this run's, whatever a lower version's run has put there. */
async function settleContest(desk: Desk, tag: WantedTag): Promise<boolean> {
  const { registry, manifest, tools } = desk;
  const contest = desk.contestOf(tag);
  if (contest === undefined) return false;
  const before = await registry.head(tag.name);
  if (before === manifest.digest) {
    desk.close(tag, { outcome: 'moved', before: contest.over, after: before, reason: '' });
    return false;
  }
  const because = tag.moves === 'by-ref' ? await tools.guard.giveWay(registry, tag, before) : undefined;
  if (because === undefined) {
    await desk.put(tag, manifest, before);
    return true;
  }
  desk.close(tag, { outcome: 'superseded', before, after: before, reason: because });
  desk.tell(tag, `stays where another run has put it: ${because}`);
  return false;
}
