import { posix } from 'node:path';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import type { DockerfileView, WrittenStage } from './dockerfile-view.ts';
import type { Written } from './instruction.ts';
import { readLock } from './lock-files.ts';
import { isTool } from './package-names.ts';
import { parseProjectFile } from './project-file.ts';
import { type PythonInstall, readPythonInstall } from './python-installs.ts';
import { type RequirementLine, readRequirementLines } from './requirements.ts';
import { withoutLogin } from './secret-signs.ts';
import { programOf } from './shell-commands.ts';

/** One installation in a Dockerfile, and the texts that say what it installs. */
export interface Installation {
  readonly at: Written;
  readonly stage: WrittenStage;
  readonly install: PythonInstall;
  /** Files of `-r`, and those that they name, with what is in them. */
  readonly requirements: readonly Requirements[];
  /** Files of `-c`. */
  readonly constraints: readonly Requirements[];
  /** Files that were not found in the context, or not read. */
  readonly missing: readonly string[];
}

export interface Requirements {
  /** Path in the context. */
  readonly file: string;
  readonly lines: readonly RequirementLine[];
}

/** Every installation of the stages, with the requirements that the context has for it. */
export function readInstallations(view: DockerfileView, { contextTexts }: DockerfileFacts): readonly Installation[] {
  return view.contributing.flatMap((stage) => {
    const renamed = renamedFiles(stage);
    return stage.instructions.flatMap((at) =>
      at.commands.flatMap((command) => {
        const install = readPythonInstall(command);
        if (install === undefined) return [];
        const missing: string[] = [];
        const read = (names: readonly string[]): readonly Requirements[] =>
          names.flatMap((name) => {
            const file = findInContext(contextTexts, renamed.get(plain(name)) ?? name);
            if (file === undefined) missing.push(withoutLogin(name));
            return file === undefined ? [] : readNested(contextTexts, file);
          });
        return [
          {
            at,
            stage,
            install,
            requirements: read(install.requirements),
            constraints: read(install.constraints),
            missing,
          },
        ];
      }),
    );
  });
}

/** What a stage calls otherwise than the context does: a file copied or mounted under another name. */
function renamedFiles({ instructions }: WrittenStage): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { keyword, words, flags } of instructions) {
    const [source, target, ...others] = words;
    if (
      keyword === 'COPY' &&
      source !== undefined &&
      target !== undefined &&
      others.length === 0 &&
      !flags.some(([name]) => name === 'from')
    )
      if (!target.endsWith('/') && /\.(?:txt|in)$/.test(target)) found.set(plain(target), source);
    for (const [name, value] of flags) {
      const [, mounted] = /(?:^|,)(?:source|src)=([^,]+)/.exec(value) ?? [];
      const [, to] = /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(value) ?? [];
      if (name === 'mount' && mounted !== undefined && to !== undefined && !/(?:^|,)from=/.test(value))
        found.set(plain(to), mounted);
    }
  }
  return found;
}

function plain(path: string): string {
  return posix.normalize(`/${path}`).slice(1);
}

/** A file of the context by the path that it has in the image: the same, or the longest end of it, or the only one of that name. */
function findInContext(texts: ReadonlyMap<string, string>, path: string): string | undefined {
  const wanted = plain(path);
  const ends = [...texts.keys()]
    .filter((key) => key === wanted || wanted.endsWith(`/${key}`))
    .sort((a, b) => b.length - a.length);
  if (ends[0] !== undefined) return ends[0];
  const named = [...texts.keys()].filter((key) => posix.basename(key) === posix.basename(wanted));
  return named.length === 1 ? named[0] : undefined;
}

function readNested(
  texts: ReadonlyMap<string, string>,
  file: string,
  seen = new Set<string>(),
): readonly Requirements[] {
  const text = texts.get(file);
  if (text === undefined || seen.has(file)) return [];
  seen.add(file);
  if (/(?:^|\/)pylock(?:\.[^/]+)?\.toml$/.test(file))
    return [
      {
        file,
        lines: [...readLock(file, text)].map(([name, versions]) => ({
          name,
          version: [...versions][0],
          isPinned: true,
          hasHash: true,
          line: 1,
        })),
      },
    ];
  if (/\.(?:toml|cfg|py|lock)$/.test(file)) {
    // of a project all that can be said is what it asks for
    const wanted = file.endsWith('.toml') ? (parseProjectFile(text)?.dependencies ?? []) : [];
    return [{ file, lines: readRequirementLines(wanted.join('\n')) }];
  }
  const others = [...text.matchAll(/^\s*(?:-r|--requirement)[\s=]+(\S+)/gm)].flatMap(([, name = '']) =>
    readNested(texts, plain(posix.join(posix.dirname(file), name)), seen),
  );
  return [{ file, lines: readRequirementLines(text) }, ...others];
}

/** Installs what others wrote: not the project alone, and no tools. */
export function installsDependencies({ commands }: Written): boolean {
  return commands.some((command) => {
    const install = readPythonInstall(command);
    if (install === undefined)
      return (
        /^(?:npm|yarn|pnpm)$/.test(programOf(command)) &&
        /^(?:ci|install|i)$/.test(command.words[1] ?? '') &&
        !command.words.includes('-g')
      );
    if (install.options.some(([name]) => name === '--no-deps')) return false;
    if (install.by === 'pip' || install.by === 'uv pip')
      return install.requirements.length > 0 || install.paths.length > 0 || install.names.some((name) => !isTool(name));
    return true;
  });
}
