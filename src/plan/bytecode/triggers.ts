import { DockerfileParser } from 'dockerfile-ast';

/** Lines of the `ONBUILD` instructions that the published image would carry itself: those of its own stage. They would run in any build
 * on top of it, and so in ours. What a base image triggers has happened by then. */
export function findTriggers(dockerfile: string, target: string | undefined): readonly number[] {
  const instructions = DockerfileParser.parse(dockerfile).getInstructions();
  const stages: { readonly name: string; readonly triggers: number[] }[] = [];
  for (const one of instructions) {
    const keyword = one.getKeyword().toUpperCase();
    if (keyword === 'FROM') stages.push({ name: /\bas\s+(\S+)\s*$/i.exec(one.toString())?.[1] ?? '', triggers: [] });
    else if (keyword === 'ONBUILD') stages.at(-1)?.triggers.push(one.getRange().start.line + 1);
  }
  const wanted = target?.toLowerCase();
  const found =
    wanted === undefined
      ? stages.at(-1)
      : (stages.find(({ name }) => name.toLowerCase() === wanted) ?? stages[Number(wanted)]);
  return found?.triggers ?? [];
}
