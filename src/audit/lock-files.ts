import { posix } from 'node:path';
import { normalizeName } from './package-names.ts';
import { list, parseToml, string, table } from './project-file.ts';
import { hasOption, type PythonInstall } from './python-installs.ts';

/** Names of lock files, by the tool that installs from them. */
export const lockFiles: Readonly<Record<'uv' | 'poetry' | 'pdm' | 'pipenv', string>> = {
  uv: 'uv.lock',
  poetry: 'poetry.lock',
  pdm: 'pdm.lock',
  pipenv: 'Pipfile.lock',
};

/** Names and versions that a lock file holds; empty where it cannot be read. */
export function readLock(file: string, text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, version: string): void => {
    const versions = found.get(normalizeName(name)) ?? new Set<string>();
    found.set(normalizeName(name), version === '' ? versions : versions.add(version));
  };
  if (file.endsWith('.lock') && /^\s*\{/.test(text)) {
    const root = parseJson(text);
    for (const group of ['default', 'develop'])
      for (const [name, entry] of Object.entries(table(root[group])))
        add(name, string(table(entry)['version']).replace(/^=+/, ''));
    return found;
  }
  const root = parseToml(text) ?? {};
  for (const one of [...list(root['package']), ...list(root['packages'])]) {
    const { name, version } = table(one);
    if (string(name) !== '') add(string(name), string(version));
  }
  return found;
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return table(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The lock file that an installation goes by; undefined where it goes by none. */
export function lockOf(
  { install }: { readonly install: PythonInstall },
  texts: ReadonlyMap<string, string>,
): string | undefined {
  const name =
    install.by === 'uv' || install.by === 'poetry' || install.by === 'pdm' || install.by === 'pipenv'
      ? lockFiles[install.by]
      : undefined;
  return name === undefined || hasOption(install, '--no-lock')
    ? undefined
    : [...texts.keys()].find((key) => posix.basename(key) === name);
}
