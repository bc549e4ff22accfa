import { parse } from 'shell-quote';

/** A simple command of a shell's text. What a shell would put in place of `$NAME` is not known, and stays as it is. */
export interface ShellCommand {
  /** The program first, without what only says how it is started: `exec`, `sudo`, `env`, assignments. */
  readonly words: readonly string[];
  /** `NAME=value` in front of it. */
  readonly assigned: readonly (readonly [string, string])[];
  readonly isExec: boolean;
  /** Whether it runs whatever happens: not within `if`, a loop, a function, or after a test. */
  readonly always: boolean;
  /** What stands between it and the command after it: `&&`, `|`; empty at the end. */
  readonly link: string;
}

/** Name of a program without its folder. */
export function programOf({ words }: Pick<ShellCommand, 'words'>): string {
  const [program = ''] = words;
  return program.slice(program.lastIndexOf('/') + 1);
}

/** The commands of one line, those of `sh -c` and of substitutions too; none where no shell could read it. */
export function readCommands(line: string): readonly ShellCommand[] {
  return readLines([line]);
}

/** The commands of a script, line by line; text of here-documents is no command. */
export function readScript(script: string): readonly ShellCommand[] {
  const joined = script.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  const lines: string[] = [];
  let end: string | undefined;
  for (const line of joined) {
    if (end !== undefined) {
      if (line.trim() === end) end = undefined;
      continue;
    }
    end = /<<-?\s*(['"]?)([A-Za-z_]\w*)\1/.exec(line)?.[2];
    if (!/^\s*(?:#|$)/.test(line)) lines.push(line);
  }
  return readLines(lines);
}

/** In the words of a command: whether it is the shell of `sh -c script`, and that script. */
export function scriptOf(words: readonly string[]): string | undefined {
  if (!shells.has(programOf({ words }))) return undefined;
  const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word));
  return at > 0 && words.slice(1, at).every((word) => /^[-+]|^pipefail$/.test(word)) ? words[at + 1] : undefined;
}

export const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']);

type Token = { readonly word: string } | { readonly op: string };

const opens = new Set(['if', 'while', 'until', 'for', 'case', 'select', '{']);
const closes = new Set(['fi', 'done', 'esac', '}']);
/** Words of the grammar that a command follows. */
const before = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '{', '!', 'time']);
/** Programs that start another one with the same words. */
const starters = new Set(['exec', 'command', 'builtin', 'sudo', 'env', 'nice', 'nohup', 'stdbuf']);
const tests = new Set(['[', '[[', 'test']);

function readLines(lines: readonly string[], nesting = 0): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  let depth = 0;
  for (const line of lines) {
    let [words, afterTest, skip]: [string[], boolean, boolean] = [[], false, false];
    const close = (link: string): void => {
      for (const word of words) {
        if (opens.has(word)) depth += 1;
        if (!before.has(word)) break;
      }
      if (closes.has(words[0] ?? '')) depth = Math.max(0, depth - 1);
      const command = plain(words, { always: depth === 0 && !afterTest, link });
      afterTest = (link === '&&' || link === '||') && (afterTest || tests.has(words[0] ?? ''));
      words = [];
      if (command === undefined) return;
      const script = nesting < 3 ? scriptOf(command.words) : undefined;
      if (script === undefined) found.push(command);
      else
        for (const inner of readLines([script], nesting + 1))
          found.push({ ...inner, always: inner.always && command.always });
    };
    for (const token of tokens(line)) {
      if ('word' in token) {
        if (!skip) words.push(token.word);
        skip = false;
      } else if (/^(?:[<>]|>>|<<<?|[<>]&|&>>?|<>|>\|)$/.test(token.op)) {
        if (/^\d$/.test(words.at(-1) ?? '')) words.pop();
        skip = true; // what follows is a file
      } else close(token.op);
    }
    close('');
  }
  return found;
}

function tokens(line: string): readonly Token[] {
  // shell-quote takes every # for a remark, a shell only one that begins a word
  const text = line.replace(/(?<=[^\s;&|()])#/g, hash);
  try {
    return parse(text, (name) => `$${name}`).flatMap((one): Token[] => {
      if (typeof one === 'string') return one === '' ? [] : [{ word: one.replaceAll(hash, '#') }];
      if ('comment' in one) return [];
      return one.op === 'glob' ? [{ word: one.pattern.replaceAll(hash, '#') }] : [{ op: one.op }];
    });
  } catch {
    return []; // `${` without an end: no shell reads it either
  }
}

const hash = '\ue000';

function plain(words: readonly string[], told: Pick<ShellCommand, 'always' | 'link'>): ShellCommand | undefined {
  const assigned: [string, string][] = [];
  let [at, isExec] = [0, false];
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) assigned.push([name, value]);
    else if (word === 'exec') isExec = true;
    else if (starters.has(word)) while ((words[at + 1] ?? '').startsWith('-')) at += 1;
    else if (!before.has(word)) break;
  }
  const left = words.slice(at);
  const [first = ''] = left;
  if (left.length === 0 && assigned.length === 0) return undefined;
  if (opens.has(first) || closes.has(first) || first === '$') return undefined;
  return { words: left, assigned, isExec, ...told };
}
