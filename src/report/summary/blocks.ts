/** A part of a summary that is shown whole or not at all. */
export interface Block {
  /** What is missing where it is left out. */
  readonly name: string;
  /** Markdown that opens nothing it does not close; empty: nothing to show. */
  readonly text: string;
}

/** How long a document may be, and what is said where it would be longer. */
interface Limit {
  readonly bytes: number;
  readonly because: string;
  /** Where to look. */
  readonly rest: string;
}

/** The runner refuses a step's summary of more than 1,024 KiB and shows none of it. */
const summaryLimit: Limit = {
  bytes: 1_000_000,
  because: 'because GitHub shows no summary beyond 1 MiB',
  rest: 'The receipt has it all.',
};
/** Rows that people take in without scrolling. */
export const mostOpenRows = 12;
const mostRows = 200;

/** The blocks as one document. Those that do not fit are left out, and that is said. */
export function fitBlocks(blocks: readonly Block[], limit = summaryLimit): string {
  const shown: string[] = [];
  const cut: string[] = [];
  let bytes = 0;
  for (const { name, text } of blocks.filter((block) => block.text !== '')) {
    const more = Buffer.byteLength(text) + 2;
    if (bytes + more > limit.bytes) {
      cut.push(name);
      continue;
    }
    bytes += more;
    shown.push(text);
  }
  if (cut.length > 0) shown.push(`> ✂️ Left out, ${limit.because}: ${cut.join(', ')}. ${limit.rest}`);
  return `${shown.join('\n\n')}\n`;
}

/** A table; a long one folds, and one that nobody would read to its end is cut, with a row that counts the rest. */
export function renderTable(head: readonly string[], rows: readonly string[], what: string): string {
  if (rows.length === 0) return '';
  const more = rows.length - mostRows;
  const rest = more > 0 ? [`| … ${more} more, in the receipt ${'| '.repeat(head.length).trimEnd()}`] : [];
  const rule = head.map((one) => (one.endsWith(' ') ? '--:' : '---')).join('|');
  const lines = [`| ${head.map((one) => one.trim()).join(' | ')} |`, `|${rule}|`, ...rows.slice(0, mostRows), ...rest];
  return rows.length > mostOpenRows ? fold(`${rows.length} ${what}`, lines.join('\n')) : lines.join('\n');
}

/** A list that folds and is cut like a table. */
export function renderList(items: readonly string[], what: string): string {
  const more = items.length - mostRows;
  const lines = [...items.slice(0, mostRows).map((one) => `- ${one}`), ...(more > 0 ? [`- … ${more} more`] : [])];
  return items.length > mostOpenRows ? fold(`${items.length} ${what}`, lines.join('\n')) : lines.join('\n');
}

/** Something that is there for who opens it. */
export function fold(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;
}

/** The beginning of a text that is too long to be read. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
