import { splitPath } from '../model/image-path.ts';
import type { Subject } from './finding.ts';
import { type ImageFacts, type Script, textOf } from './image-facts.ts';
import { programOf, readCommands, readScript, type ShellCommand, scriptOf, shells } from './shell-commands.ts';

/** What an image does when it is started, as far as its words tell. */
export interface ImageStart {
  /** ENTRYPOINT and CMD in one; empty where the image has neither. */
  readonly argv: readonly string[];
  /** The commands of these words: one, or those of `sh -c`; without an init in front (`tini --`). */
  readonly commands: readonly ShellCommand[];
  /** Programs that stand in front and pass signals on: `tini`. */
  readonly init: readonly string[];
  /** The shell script that is started; undefined where none is. */
  readonly script: StartScript | undefined;
}

export interface StartScript {
  readonly path: string;
  readonly layer: number;
  readonly text: string;
  readonly whole: boolean;
  readonly commands: readonly ShellCommand[];
}

const inits = new Set(['tini', 'tini-static', 'dumb-init', 'docker-init', 'catatonit', 'pid1']);

/** Reads what an image starts. */
export function readStart(facts: ImageFacts): ImageStart {
  const { entrypoint, cmd } = facts.config;
  const argv = [...entrypoint, ...cmd];
  let own: readonly string[] = argv;
  const init: string[] = [];
  while (inits.has(programOf({ words: own }))) {
    const end = own.indexOf('--');
    const next = end > 0 ? end + 1 : own.findIndex((word, at) => at > 0 && !word.startsWith('-'));
    if (next <= 0) break;
    init.push(...own.slice(0, next));
    own = own.slice(next);
  }
  const text = scriptOf(own);
  const commands: readonly ShellCommand[] =
    text === undefined
      ? own.length === 0
        ? []
        : [{ words: own, assigned: [], isExec: true, always: true, link: '' }]
      : readCommands(text.replace(/\n/g, ' ; '));
  return { argv, commands, init, script: findScript(facts, commands) };
}

/** The script that is the last command's program, or its shell's first word. */
function findScript(facts: ImageFacts, commands: readonly ShellCommand[]): StartScript | undefined {
  const words = commands.at(-1)?.words ?? [];
  const isShell = shells.has(programOf({ words }));
  const name = isShell ? words.find((word, at) => at > 0 && !/^[-+]|^pipefail$/.test(word)) : words[0];
  const place = name === undefined ? undefined : findProgram(facts, name);
  const content = place?.entry.content;
  const text = textOf(content);
  if (place === undefined || text === undefined) return undefined;
  if (!isShell && !(content?.kind === 'script' && isShellScript(content))) return undefined;
  const whole = content !== undefined && content.kind !== 'elf' && content.whole;
  return { path: place.path, layer: place.entry.layer, text, whole, commands: readScript(text) };
}

function isShellScript({ interpreter, argument }: Script): boolean {
  const { name } = splitPath(interpreter);
  return shells.has(name === 'env' ? (argument.replace(/^-S\s+/, '').split(/\s+/)[0] ?? '') : name);
}

/** A program as a container's engine looks for it; undefined where there is none. */
export function findProgram({ config, tree }: ImageFacts, name: string): ReturnType<ImageFacts['tree']['resolve']> {
  const folders = name.includes('/') ? [config.workingDir] : pathOf(config.env);
  const path = (folder: string): string => (name.startsWith('/') ? name : `${folder}/${name}`);
  for (const folder of folders) {
    const place = tree.resolve(path(folder));
    if (place?.entry.kind === 'file') return place;
  }
  return undefined;
}

/** Folders of PATH. */
export function pathOf(env: ReadonlyMap<string, string>): readonly string[] {
  const path = env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return path.split(':').filter((folder) => folder.startsWith('/'));
}

/** The field of the configuration that says what is started last. */
export function startField({ config }: Pick<ImageFacts, 'config'>): Subject {
  return { kind: 'config', field: config.cmd.length > 0 ? 'Cmd' : 'Entrypoint' };
}
