import type { DockerfileFacts } from './dockerfile-facts.ts';
import { commandsIn, type DockerfileView } from './dockerfile-view.ts';
import { readInstallations } from './installations.ts';
import { lockFiles, lockOf, readLock } from './lock-files.ts';
import { normalizeName } from './package-names.ts';
import { programOf } from './shell-commands.ts';

/** Versions that requirements, constraints, commands and lock files name, by package, and the file that would have to be read to know more. */
export function readPins(
  view: DockerfileView,
  dockerfile: DockerfileFacts,
): { readonly pins: ReadonlyMap<string, ReadonlySet<string>>; readonly missing: string | undefined } {
  const pins = new Map<string, Set<string>>();
  const add = (name: string, versions: Iterable<string>): void => {
    pins.set(name, new Set([...(pins.get(name) ?? []), ...versions]));
  };
  const installations = readInstallations(view, dockerfile);
  for (const one of installations) {
    for (const { lines } of [...one.requirements, ...one.constraints])
      for (const { name, version, isPinned } of lines) if (isPinned) add(name, version === undefined ? [] : [version]);
    for (const word of one.install.names) {
      const [, name, version] = /^([\w.-]+)(?:\[[^\]]*\])?===?([^*,\s]+)$/.exec(word) ?? [];
      if (name !== undefined && version !== undefined) add(normalizeName(name), [version]);
    }
    const lock = lockOf(one, dockerfile.contextTexts);
    if (lock !== undefined)
      for (const [name, versions] of readLock(lock, dockerfile.contextTexts.get(lock) ?? '')) add(name, versions);
  }
  for (const { command } of commandsIn(view.contributing)) {
    const program = programOf(command);
    const lock =
      command.words[1] === 'export' && (program === 'uv' || program === 'poetry' || program === 'pdm')
        ? lockFiles[program]
        : undefined;
    const text = lock === undefined ? undefined : dockerfile.contextTexts.get(lock);
    if (lock !== undefined && text !== undefined)
      for (const [name, versions] of readLock(lock, text)) add(name, versions);
  }
  const exported = commandsIn(view.contributing).some(({ command }) => command.words[1] === 'export');
  return { pins, missing: exported ? undefined : installations.flatMap((one) => one.missing)[0] };
}
