/** A text without terminal sequences and control characters: one line, whatever a build printed. */
export function printable(text: string): string {
  return text
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g, '')
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}

/** Where to cut the first piece of about `limit` characters off a line that has no end yet; 0 where it may grow. */
export type CutLine = (line: string, limit: number) => number;

/** A text of about `limit` characters at most. */
export function shorten(text: string, limit: number, cut: CutLine): string {
  return text.slice(0, cut(text, limit) || text.length);
}
