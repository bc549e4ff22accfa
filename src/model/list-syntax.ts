import { CsvError, parse } from 'csv-parse/sync';

/** Splits a list the way docker/build-push-action does: one value a line, quotes around a value keep line breaks in it (`""` is a quote
 * then), quotes inside a value are themselves (there, those that begin after a comma are lost), empty lines do not count. Lines
 * that begin with `#` are comments.
 * @param commas `split`: they separate values too, unless within quotes around a value; `keep`: they are part of it.
 * @throws Error where a quote is never closed; the text is not in the message. */
export function splitList(text: string, commas: 'split' | 'keep'): string[] {
  return splitRaw(text, commas)
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** As `splitList`, with the white space around values that are in quotes: secrets may end in a line break. */
export function splitRaw(text: string, commas: 'split' | 'keep'): string[] {
  const values = readRows(text, commas === 'split' ? ',' : nothing).flat();
  return values.filter((value) => value.trim() !== '');
}

/** No variable holds it. */
const nothing = '\0';

function readRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      columns: false,
      comment: '#',
      comment_no_infix: true,
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error('a quote is opened and never closed', { cause: error });
  }
}
