import { parse } from 'shell-quote';

/** Splits a command line into its words the way people expect of quotes and backslashes, and nothing more: no shell runs it.
 * @throws Error naming what only a shell could do (`&&`, `|`, `$VAR`), with the way out; also for an open quote. */
export function splitCommandLine(text: string): string[] {
  const words = parse(text, (key) => ({ op: `$${key}` }) as unknown as string).map((entry) => {
    if (typeof entry === 'string') return entry;
    if ('pattern' in entry) return entry.pattern;
    throw new Error(
      `${'op' in entry ? entry.op : '#'} needs a shell and this runs without one: write sh -c '…' around it`,
    );
  });
  if (isQuoteOpen(text)) throw new Error('a quote is opened and never closed');
  if (words[0] === undefined || words[0] === '') throw new Error('a program is needed');
  return words;
}

function isQuoteOpen(text: string): boolean {
  let open = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && open !== "'") at++;
    else if (open === '' && (char === '"' || char === "'")) open = char;
    else if (char === open) open = '';
  }
  return open !== '';
}
