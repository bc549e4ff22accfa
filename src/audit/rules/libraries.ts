import { answerBy, notApplicable, type Sighting, unknownBecause } from '../finding.ts';
import type { FileContent, ImageFacts } from '../image-facts.ts';
import { atFile, visibleEntries } from '../image-files.ts';
import { findProgram, readStart } from '../image-start.ts';
import type { Rule } from '../rule.ts';

/** Compiled code: whether it can be loaded at all. */
export const libraryRules: readonly Rule[] = [
  {
    id: 'shared-libs-resolve',
    stride: 'working',
    severity: 'high',
    title: 'A compiled module needs a library that is not in the image',
    why: 'The import fails with "cannot open shared object file", at the latest when the first request needs it.',
    remedy:
      '# in the final stage, the library itself; the -dev package belongs to the builder\nRUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*',
    ignoreWhen: 'the module is never imported, or its library is mounted when the container starts',
    needs: 'image',
    judge: (facts) => {
      const modules = findModules(facts);
      return modules.length === 0
        ? notApplicable('there is no compiled Python module in the image')
        : findMissing(facts, modules);
    },
  },
  {
    id: 'elf-arch-matches',
    stride: 'working',
    severity: 'high',
    title: 'A program or module is built for another machine than the image',
    why: 'It cannot be loaded where the image says it runs: "exec format error", or an import that fails.',
    remedy: '# .dockerignore: nothing that was installed on the host\n.venv\nvenv\n**/site-packages',
    ignoreWhen: 'the file is never loaded',
    needs: 'image',
    judge: (facts) => {
      const [, architecture = ''] = facts.config.platform.split('/');
      const machines = machinesOf.get(architecture);
      if (machines === undefined) return unknownBecause(`the machine of ${facts.config.platform} is not known`);
      return answerBy([...findForeign(facts, machines), ...findForeignNames(facts)]);
    },
  },
];

interface Compiled {
  readonly path: string;
  readonly layer: number;
  readonly content: FileContent | undefined;
}

const moduleName = /\/[A-Za-z_]\w*\.(?:cpython-[^/]+|abi3)\.so$/;

/** Modules that Python imports by their name; what is called otherwise is loaded by a program that may know how to do without. */
function findModules(facts: ImageFacts): readonly Compiled[] {
  return inPackages(facts).filter(({ path, content }) => moduleName.test(path) && content?.kind === 'elf');
}

const packaged = new WeakMap<ImageFacts['tree'], readonly Compiled[]>();

function inPackages(facts: ImageFacts): readonly Compiled[] {
  const folders = [...new Set(facts.pythons.flatMap(({ sitePackages }) => sitePackages))].map((folder) => `${folder}/`);
  const known =
    packaged.get(facts.tree) ??
    visibleEntries(facts).flatMap(({ path, entry }) =>
      entry.kind === 'file' && /\.(?:so|pyd)$/.test(path) && folders.some((folder) => path.startsWith(folder))
        ? [{ path, layer: entry.layer, content: entry.content }]
        : [],
    );
  packaged.set(facts.tree, known);
  return known;
}

/** What the engine mounts beside a graphics card, and what the kernel gives. */
const mounted =
  /^(?:libcuda|libcudadebugger|libnvidia-|libnvcuvid|libnvoptix|lib(?:EGL|GLX)_nvidia|linux-vdso|linux-gate)/;

/** A library that lies anywhere is taken for found: a package may load it itself before it is asked for. */
function findMissing(facts: ImageFacts, modules: readonly Compiled[]) {
  const libraries = new Map<string, FileContent | undefined>();
  for (const { path, entry } of visibleEntries(facts)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (entry.kind === 'directory' || !name.includes('.so')) continue;
    libraries.set(name, libraries.get(name) ?? facts.tree.resolve(path)?.entry.content);
  }
  const missing = new Map<string, Sighting>();
  for (const module of modules) {
    const seen = new Set<string>();
    const waiting = [{ by: module.path, content: module.content }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      for (const wanted of next.content?.kind === 'elf' ? next.content.needed : []) {
        const name = wanted.slice(wanted.lastIndexOf('/') + 1);
        if (seen.has(name) || mounted.test(name)) continue;
        seen.add(name);
        if (libraries.has(name)) waiting.push({ by: name, content: libraries.get(name) });
        else if (!missing.has(name))
          missing.set(name, atFile(module, `${next.by} needs ${name}, which no folder of the image holds`));
      }
  }
  return answerBy([...missing.values()]);
}

/** `e_machine` by the name of an architecture; what runs on it beside its own as well. */
const machinesOf: ReadonlyMap<string, readonly number[]> = new Map([
  ['amd64', [62, 3]],
  ['386', [3]],
  ['arm64', [183, 40]],
  ['arm', [40]],
  ['ppc64le', [21]],
  ['s390x', [22]],
  ['riscv64', [243]],
]);

const machineNames: ReadonlyMap<number, string> = new Map([
  [3, '386'],
  [21, 'ppc64le'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'amd64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);

function findForeign(facts: ImageFacts, machines: readonly number[]): readonly Sighting[] {
  const started = [
    ...facts.pythons.map(({ path }) => path),
    ...(readStart(facts).commands.at(-1)?.words.slice(0, 1) ?? []),
  ];
  const programs = started.flatMap((name) => {
    const place = findProgram(facts, name);
    return place === undefined ? [] : [{ path: place.path, layer: place.entry.layer, content: place.entry.content }];
  });
  const all = new Map([...programs, ...findModules(facts)].map((one) => [one.path, one]));
  return [...all.values()].flatMap((one) => {
    if (one.content?.kind !== 'elf' || machines.includes(one.content.machine)) return [];
    const name = machineNames.get(one.content.machine) ?? `machine ${one.content.machine}`;
    return [atFile(one, `${one.path} is built for ${name}, the image for ${facts.config.platform}`)];
  });
}

/** What only macOS or Windows can load, where nothing for Linux lies beside it. */
function findForeignNames(facts: ImageFacts): readonly Sighting[] {
  const files = inPackages(facts);
  const stem = (path: string): string => path.replace(/\.(?:cpython-|cp\d|abi3)[^/]*$|\.pyd$/, '');
  const native = new Set(files.filter(({ content }) => content?.kind === 'elf').map(({ path }) => stem(path)));
  return files.flatMap((one) =>
    /\.cpython-\d+t?-darwin\.so$|\.cp\d+t?-win[^/]*\.pyd$/.test(one.path) && !native.has(stem(one.path))
      ? [atFile(one, `${one.path} is built for another system than ${facts.config.platform}`)]
      : [],
  );
}
