import type { Instruction } from 'dockerfile-ast';
import { readFlags, readWords } from '../plan/dockerfile-words.ts';
import { readCommands, readScript, type ShellCommand } from './shell-commands.ts';

/** An instruction. */
export interface Written {
  /** In capitals. */
  readonly keyword: string;
  /** Counted from 1. */
  readonly line: number;
  readonly flags: readonly (readonly [string, string])[];
  readonly words: readonly string[];
  /** Whether it is written as JSON. */
  readonly isJson: boolean;
  /** Of RUN. */
  readonly commands: readonly ShellCommand[];
  /** Names and values of ENV and ARG; undefined for an ARG that has no value of its own. */
  readonly variables: readonly (readonly [string, string | undefined])[];
}

/** Stages and images that an instruction takes files from. */
export function sourcesOf({ flags }: Written): readonly string[] {
  return flags.flatMap(([name, value]) => {
    if (name === 'from') return [value];
    return name === 'mount' ? (/(?:^|,)from=([^,]+)/.exec(value)?.slice(1) ?? []) : [];
  });
}

/** Reads an instruction.
 * @param mark with which a line goes on in the next one: the file's `escape`. */
export function readInstruction(one: Instruction, mark: string): Written {
  const keyword = one.getKeyword().toUpperCase();
  const words = readWords(one);
  return {
    keyword,
    line: one.getRange().start.line + 1,
    flags: readFlags(one),
    words,
    isJson: (one.getArguments()[0]?.getValue() ?? '').startsWith('[') && words[0]?.startsWith('[') !== true,
    commands: keyword === 'RUN' ? commandsOf(one, words, mark) : [],
    variables: keyword === 'ENV' || keyword === 'ARG' ? variablesOf(one) : [],
  };
}

function variablesOf(one: Instruction): Written['variables'] {
  if (!('getPropertyArguments' in one)) return [];
  const holder = one as unknown as { getProperties(): { getName(): string; getValue(): string | null }[] };
  return holder.getProperties().map((property) => [property.getName(), property.getValue() ?? undefined] as const);
}

function commandsOf(one: Instruction, words: readonly string[], mark: string): readonly ShellCommand[] {
  const raw = (one.getRawArgumentsContent() ?? '').replace(/^(?:\s*--[a-z]+(?:=\S+)?(?:\s+|\\\r?\n))*/, '');
  const [, , end] = /<<-?(['"]?)([A-Za-z_]\w*)\1/.exec(raw.split(/\r?\n/)[0] ?? '') ?? [];
  if (end !== undefined) return readDocument(raw);
  if ((one.getArguments()[0]?.getValue() ?? '').startsWith('[') && words[0]?.startsWith('[') !== true)
    return readCommands(words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '));
  const lines = raw.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  return readCommands(lines.map((line) => trimEnd(line, mark)).join(' '));
}

function trimEnd(line: string, mark: string): string {
  const kept = line.trimEnd();
  return kept.endsWith(mark) ? kept.slice(0, -1) : kept;
}

/** A here-document is a script only where a shell reads it; what else stands on its first line is a command. */
function readDocument(raw: string): readonly ShellCommand[] {
  const [head = '', ...body] = raw.split(/\r?\n/);
  const own = head.replace(/<<-?(['"]?)[A-Za-z_]\w*\1/g, '').trim();
  const isShell =
    own === '' ? !/^#!.*python/.test(body[0] ?? '') : /^(?:\/bin\/)?(?:ba|da|a)?sh(?:\s+-\w+)*$/.test(own);
  return isShell ? readScript(body.slice(0, -1).join('\n')) : readCommands(own);
}
