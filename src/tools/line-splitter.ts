import { StringDecoder } from 'node:string_decoder';
import { knownSecrets } from './known-secrets.ts';

const longestLine = 64 * 1024;
const lf = 10;
const cr = 13;

/** Cuts a stream into lines at LF, CRLF and bare CR; a line longer than 64 KiB is handed on in pieces, so memory stays bounded. No known
 * secret is cut in two. Each line is read when it is its turn: text of a whole chunk would live as long as the chunk. */
export function lineSplitter(emit: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isBegun = false;
  let afterCr = false;
  const begin = (part: Buffer): void => {
    if (part.length === 0) return;
    isBegun = true;
    rest += decoder.write(part);
    for (let end = knownSecrets.cut(rest, longestLine); end > 0; end = knownSecrets.cut(rest, longestLine)) {
      emit(rest.slice(0, end));
      rest = rest.slice(end);
    }
  };
  const finish = (): void => {
    const line = rest + decoder.end();
    rest = '';
    isBegun = false;
    emit(line);
  };
  const endLine = (chunk: Buffer, from: number, to: number): void => {
    if (!isBegun && to - from <= longestLine) {
      emit(chunk.toString('utf8', from, to));
      return;
    }
    begin(chunk.subarray(from, to));
    finish();
  };
  return {
    write: (chunk) => {
      let from = 0;
      let nextLf = chunk.indexOf(lf);
      let nextCr = chunk.indexOf(cr);
      while (nextLf >= 0 || nextCr >= 0) {
        const isLf = nextLf >= 0 && (nextCr < 0 || nextLf < nextCr);
        const at = isLf ? nextLf : nextCr;
        const isPair = isLf && afterCr && at === from && !isBegun;
        if (!isPair) endLine(chunk, from, at);
        from = at + 1;
        afterCr = !isLf;
        if (isLf) nextLf = chunk.indexOf(lf, from);
        else nextCr = chunk.indexOf(cr, from);
      }
      begin(chunk.subarray(from));
    },
    end: () => {
      if (isBegun) finish();
    },
  };
}
