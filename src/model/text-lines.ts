/** Cuts a text into lines while its bytes pass. Of a line that is longer than `longest` characters the beginning is handed on and the rest
 * dropped, so memory stays bounded; bytes that are no UTF-8 become U+FFFD. */
export function cutLines(longest: number, emit: (line: string) => void): TextLines {
  const decoder = new TextDecoder();
  let line = '';
  const keep = (text: string): void => {
    if (line.length < longest) line += text.slice(0, longest - line.length);
  };
  const take = (text: string): void => {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      keep(text.slice(from, at));
      emit(line.endsWith('\r') ? line.slice(0, -1) : line);
      line = '';
      from = at + 1;
    }
    keep(text.slice(from));
  };
  return {
    write: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      take(decoder.decode());
      if (line !== '') emit(line);
    },
  };
}

/** A text on its way. */
export interface TextLines {
  readonly write: (chunk: Uint8Array) => void;
  readonly end: () => void;
}
