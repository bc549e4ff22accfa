import { elfMagic, parseElf } from '../model/elf.ts';
import type { ContentReader, Look } from '../model/layer-record.ts';
import type { FileContent } from './image-facts.ts';
import { longestScript, mayRun, wantedText } from './wanted-files.ts';

/** Bytes of one program that are held while it passes; what is larger is told from its beginning. */
const mostProgram = 64 * 1024 ** 2;
/** Bytes of text that are kept of a whole image. */
const mostText = 64 * 1024 ** 2;

/** Reads of an image's files what rules ask for. One for each image: it counts what is kept. */
export function lookForAudit(): Look<FileContent> {
  const left = { bytes: mostText };
  return (path, { mode }) => {
    const wanted = wantedText(path);
    return wanted > 0 || mayRun(path, mode) ? readContent(wanted, left) : undefined;
  };
}

type Form = 'elf' | 'script' | 'text' | 'none';

function readContent(wanted: number, left: { bytes: number }): ContentReader<FileContent | undefined> {
  const chunks: Uint8Array[] = [];
  let [kept, size] = [0, 0];
  let form: Form | undefined;
  const tell = (): Form => tellForm(openBytes(chunks)(0, 4), wanted);
  const most = (): number => {
    form ??= kept < 4 ? undefined : tell();
    return form === undefined ? 4 : mostOf(form, wanted);
  };
  return {
    write: (chunk) => {
      size += chunk.byteLength;
      if (kept >= most()) return;
      chunks.push(chunk);
      kept += chunk.byteLength;
      if (most() === 0) chunks.length = 0;
    },
    end: () => {
      const is = form ?? tell();
      if (is === 'none') return undefined;
      if (is === 'elf') {
        const elf = parseElf(openBytes(chunks));
        return elf && { kind: 'elf', ...elf };
      }
      const limit = Math.min(most(), left.bytes, kept);
      left.bytes -= limit;
      const text = openBytes(chunks)(0, limit).toString('utf8');
      const told = { text, whole: limit === size };
      return is === 'text' ? { kind: 'text', ...told } : { kind: 'script', ...readInterpreter(text), ...told };
    },
  };
}

/** Bytes that are held of a file of this form. */
function mostOf(form: Form, wanted: number): number {
  switch (form) {
    case 'elf':
      return mostProgram;
    case 'script':
      return Math.max(wanted, longestScript);
    case 'text':
      return wanted;
    case 'none':
      return 0;
  }
}

function tellForm(head: Buffer, wanted: number): Form {
  if (head.equals(elfMagic)) return 'elf';
  if (head[0] === 0x23 && head[1] === 0x21) return 'script';
  return wanted > 0 ? 'text' : 'none';
}

/** As the kernel reads it (`execve(2)`): one word, and what follows it as one argument. */
function readInterpreter(text: string): { readonly interpreter: string; readonly argument: string } {
  const [, interpreter = '', argument = ''] = /^#![ \t]*([^ \t\n]*)[ \t]*([^\n]*)/.exec(text) ?? [];
  return { interpreter, argument: argument.trimEnd() };
}

/** Reads across pieces; only what is asked for is copied. */
function openBytes(chunks: readonly Uint8Array[]): (offset: number, length: number) => Buffer {
  return (offset, length) => {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const chunk of chunks) {
      const [from, to] = [Math.max(offset - at, 0), Math.min(offset + length - at, chunk.byteLength)];
      if (from < to) parts.push(chunk.subarray(from, to));
      at += chunk.byteLength;
      if (at >= offset + length) break;
    }
    return Buffer.concat(parts);
  };
}
