import { type ProgressRecords, parseProgressLine } from './build-progress-records.ts';

const longestSpread = 100_000;
const longestPiece = 8 * 1024 * 1024;
/** How buildx before 0.14 begins a record: over many lines, the braces of the whole one alone on theirs. */
const spreadOpen = '{';
const spreadClose = '}';

/** Reads line by line: what a line completes, records or plain text; undefined where more is to come. */
export function createRecordReader(): (line: string) => ProgressRecords | string | undefined {
  let piece = '';
  let spread: string[] | undefined;
  /** A record that is spread over many lines, once it is whole; undefined until then. */
  const gather = (line: string): string | undefined => {
    if (spread === undefined && line !== spreadOpen) return line;
    spread = [...(spread ?? []), line];
    if (line !== spreadClose && spread.length < longestSpread) return undefined;
    const whole = spread.join('');
    spread = undefined;
    return whole;
  };
  return (read) => {
    const line = gather(read);
    if (line === undefined) return undefined;
    const whole = piece + line;
    const records = parseProgressLine(whole);
    // A line longer than the splitter's limit comes in pieces: what begins like a record waits for its end.
    piece =
      records === undefined && /^\{"(?:vertexes|statuses|logs|warnings)"/.test(whole) && whole.length < longestPiece
        ? whole
        : '';
    return records ?? (piece === '' ? whole : undefined);
  };
}
