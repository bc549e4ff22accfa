import { StringDecoder } from 'node:string_decoder';
import { knownSecrets } from './known-secrets.ts';

const longestLine = 64 * 1024;

/** Cuts a stream into lines at LF, CRLF and bare CR; a line longer than 64 KiB is handed on in pieces, so memory stays bounded. No known
 * secret is cut in two. */
export function lineSplitter(emit: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let afterCr = false;
  const take = (text: string): void => {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char !== 10 && char !== 13) {
        afterCr = false;
        continue;
      }
      if (char === 10 && afterCr && at === from && rest === '') {
        afterCr = false;
        from = at + 1;
        continue;
      }
      emit(rest + text.slice(from, at));
      rest = '';
      from = at + 1;
      afterCr = char === 13;
    }
    rest += text.slice(from);
    for (let end = knownSecrets.cut(rest, longestLine); end > 0; end = knownSecrets.cut(rest, longestLine)) {
      emit(rest.slice(0, end));
      rest = rest.slice(end);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== '') emit(rest);
      rest = '';
    },
  };
}
