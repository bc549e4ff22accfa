/** How GitHub's runner finds commands in what a step prints: ports of ActionCommand.TryParseV2 and TryParse, of ReadLine, and of what
 * ActionCommandManager does about `stop-commands` (actions/runner, src/Runner.Common and src/Runner.Worker). Apart from the test bench's
 * own reader, so that the two cannot share a mistake. */

export interface Command {
  readonly name: string;
  readonly data: string;
}

/** .NET compares by culture here, and ICU passes over characters without weight: a match may begin before them or behind them. */
export type Comparison = 'ordinal' | 'culture, from before' | 'culture, from behind';
export const comparisons: readonly Comparison[] = ['ordinal', 'culture, from before', 'culture, from behind'];

const registered = [
  ...['error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'echo', 'stop-commands', 'internal-set-repo-path'],
  ...['add-mask', 'add-matcher', 'remove-matcher', 'set-env', 'add-path', 'set-output', 'save-state'],
];
const weightless = /[\p{Cf}\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]/u;

/** Lines as StreamReader.ReadLine gives them: LF, CRLF and bare CR end one, and nothing else does. */
export function readLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

/** The commands that the runner carries out in this output. */
export function commandsIn(text: string, comparison: Comparison = 'ordinal'): readonly Command[] {
  const done: Command[] = [];
  let token: string | undefined;
  for (const line of readLines(text)) {
    const known = new Set([...registered, ...(token === undefined ? [] : [token.toLowerCase()])]);
    const found = tryParseV2(line, known, comparison) ?? tryParse(line, known, comparison);
    if (found === undefined) continue;
    if (token === undefined) {
      if (found.name === 'stop-commands') token = found.data;
      done.push(found);
    } else if (found.name === token.toLowerCase()) token = undefined;
  }
  return done;
}

function tryParseV2(line: string, known: ReadonlySet<string>, comparison: Comparison): Command | undefined {
  const message = line.trimStart();
  if (indexOf(message, '::', 0, comparison) !== 0) return undefined;
  const end = indexOf(message, '::', 2, comparison);
  if (end < 2) return undefined;
  return command(message.slice(2, end), message.slice(end + 2), known);
}

function tryParse(line: string, known: ReadonlySet<string>, comparison: Comparison): Command | undefined {
  const start = indexOf(line, '##[', 0, comparison);
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < start + 3) return undefined;
  return command(line.slice(start + 3, end), line.slice(end + 1), known);
}

function command(head: string, data: string, known: ReadonlySet<string>): Command | undefined {
  const name = (head.split(' ')[0] ?? '').toLowerCase();
  return known.has(name) ? { name, data } : undefined;
}

function indexOf(text: string, wanted: string, from: number, comparison: Comparison): number {
  if (comparison === 'ordinal') return text.indexOf(wanted, from);
  for (let start = from; start < text.length; start++) {
    if (comparison === 'culture, from behind' && weightless.test(text[start] ?? '')) continue;
    if (matchesAt(text, wanted, start)) return start;
  }
  return -1;
}

function matchesAt(text: string, wanted: string, start: number): boolean {
  let matched = 0;
  for (let at = start; at < text.length && matched < wanted.length; at++) {
    if (text[at] === wanted[matched]) matched++;
    else if (!weightless.test(text[at] ?? '')) return false;
  }
  return matched === wanted.length;
}
