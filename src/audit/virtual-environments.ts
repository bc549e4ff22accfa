import { type Answer, answerBy, notApplicable, type Sighting } from './finding.ts';
import type { ImageFacts } from './image-facts.ts';
import { atFile, visibleEntries } from './image-files.ts';
import { pathOf, readStart } from './image-start.ts';

/** Environments that the image uses: others are litter, which another rule names. */
export function judgeEnvironments(facts: ImageFacts): Answer {
  const found: Sighting[] = [];
  let used = 0;
  for (const { path, entry } of visibleEntries(facts)) {
    if (!path.endsWith('/pyvenv.cfg') || entry.kind !== 'file' || /\/(?:site|dist)-packages\//.test(path)) continue;
    const venv = path.slice(0, -'/pyvenv.cfg'.length);
    if (!isUsed(facts, venv)) continue;
    used += 1;
    found.push(...findBroken(facts, venv, { path, layer: entry.layer }));
  }
  return used === 0 ? notApplicable('the image uses no virtual environment') : answerBy(found);
}

function isUsed(facts: ImageFacts, venv: string): boolean {
  const { commands, script } = readStart(facts);
  if (pathOf(facts.config.env).includes(`${venv}/bin`) || facts.config.env.get('VIRTUAL_ENV') === venv) return true;
  return (
    commands.some(({ words }) => words.some((word) => word.startsWith(`${venv}/bin/`))) ||
    script?.text.includes(`${venv}/bin`) === true
  );
}

function findBroken(
  { tree }: ImageFacts,
  venv: string,
  config: { readonly path: string; readonly layer: number },
): readonly Sighting[] {
  const python = ['python', 'python3'].map((name) => `${venv}/bin/${name}`).find((path) => tree.at(path) !== undefined);
  if (python === undefined) return [atFile(config, `${venv}/bin has no python`)];
  const place = tree.resolve(python);
  if (place === undefined)
    return [atFile(config, `${python} leads to ${tree.at(python)?.target ?? ''}, which is not there`)];
  const minor = /\/python(3\.\d+)t?$/.exec(place.path)?.[1];
  const libraries = tree.list(`${venv}/lib`).filter((name) => name.startsWith('python3'));
  if (
    minor !== undefined &&
    libraries.length > 0 &&
    !libraries.some((name) => name.replace(/t$/, '') === `python${minor}`)
  )
    return [atFile(config, `${python} is Python ${minor}, and its packages lie in ${venv}/lib/${libraries[0]}`)];
  for (const name of tree.list(`${venv}/bin`)) {
    const script = tree.at(`${venv}/bin/${name}`);
    if (script?.content?.kind !== 'script' || !script.content.interpreter.startsWith('/')) continue;
    if (tree.resolve(script.content.interpreter) === undefined)
      return [
        atFile(
          { path: `${venv}/bin/${name}`, layer: script.layer },
          `${venv}/bin/${name} asks for ${script.content.interpreter}, which is not there`,
        ),
      ];
  }
  return [];
}
