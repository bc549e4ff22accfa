import type { ImageFacts, PythonFacts } from './image-facts.ts';
import { pathOf, readStart } from './image-start.ts';
import { programOf } from './shell-commands.ts';

/** The Python that the image's command runs on: the one that it names, else the first one on PATH, else the only one. Undefined where
 * there is none, or it cannot be told. */
export function mainPython(facts: ImageFacts): PythonFacts | undefined {
  const { pythons, config } = facts;
  const [program = ''] = readStart(facts).commands.at(-1)?.words ?? [];
  const folder = program.startsWith('/') ? program.slice(0, program.lastIndexOf('/')) : undefined;
  const named =
    pythons.find(({ path }) => path === program) ??
    pythons.find(
      ({ path }) => folder !== undefined && !isSystem(folder) && path.slice(0, path.lastIndexOf('/')) === folder,
    );
  if (named !== undefined) return named;
  for (const one of pathOf(config.env)) {
    const there = pythons.filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === one);
    const wanted = programOf({ words: [program] });
    const found = there.find(({ path }) => path.endsWith(`/${wanted}`)) ?? there[0];
    if (found !== undefined) return found;
  }
  return pythons.length === 1 ? pythons[0] : undefined;
}

/** Where programs of all kinds lie: a Python beside them need not be theirs. */
function isSystem(folder: string): boolean {
  return /^(?:\/usr)?\/s?bin$|^\/usr\/local\/s?bin$/.test(folder);
}

/** `3.13` of `3.13.9`; empty where it is not known. */
export function minorOf({ version }: PythonFacts): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? '';
}
