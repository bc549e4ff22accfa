import { stripControls } from './log-line.ts';

const colours = /\u001b\[[\d;:]*m/g;
/** They turn the order of what follows, ours too (Unicode TR9; CVE-2021-42574). */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it can be shown to people outside of a terminal: without control characters, colours and what turns the direction of writing. Lines stay. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .split(/(\r\n|\n|\r)/)
    .map((line, at) => (at % 2 === 1 ? '\n' : stripControls(line.replace(colours, '')).replace(turns, '')))
    .join('');
}
