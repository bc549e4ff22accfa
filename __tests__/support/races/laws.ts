import type { RaceCase } from './cases.ts';
import type { Ending, Finish } from './race.ts';

/** What a race broke; empty where all laws hold. */
export function brokenLaws(one: RaceCase, finish: Finish): readonly string[] {
  const broken = finish.endings.flatMap((ending) => untruths(ending));
  for (const [tag, order] of Object.entries(one.orders)) {
    const rank = (name: string | undefined): number =>
      order.findIndex((names) => names.split('|').includes(name ?? ''));
    const best = Math.max(...[one.tags[tag], ...finish.given(tag)].map(rank));
    const held = finish.holds(tag);
    if (rank(held) < best) broken.push(`${tag} holds ${held}, and ${order[best]} had been written`);
    const head = finish.endings.find(({ writer, crashed }) => !crashed && rank(writer.name) === order.length - 1);
    if (head !== undefined && rank(held) !== order.length - 1)
      broken.push(`${tag} holds ${held}, and ${head.writer.name}, which is the newest, has ended`);
  }
  return broken;
}

/** A run says of a tag what it last saw there, and is green. */
function untruths({ writer, error, records, digest, lastSeen, crashed }: Ending): readonly string[] {
  if (crashed) return [];
  const told =
    error === undefined
      ? []
      : [`${writer.name} is red: ${error instanceof Error ? error.message : JSON.stringify(error)}`];
  return [
    ...told,
    ...records.flatMap(({ tag, outcome, after }) => {
      const says = `${writer.name} says of ${tag}: ${outcome} at ${after}`;
      const seen = lastSeen.get(tag);
      if (outcome === 'not-written' || outcome === 'unknown') return [`${says} and is green`];
      const isRight = (outcome === 'superseded') === (after !== digest) && seen === after;
      return isRight ? [] : [`${says}, and saw ${seen}`];
    }),
  ];
}

/** Whether a writer died between a write of a tag and its last look at it: then nobody looks after that tag until the next run. */
export function diedWithinItsWrites({ trace, endings }: Finish, tags: readonly string[]): boolean {
  return endings.some(
    ({ writer, crashed }) => crashed && tags.some((tag) => trace.includes(`${writer.name} PUT ${tag}`)),
  );
}
