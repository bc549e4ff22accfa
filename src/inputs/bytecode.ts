import type { BytecodePlan } from '../model/bytecode.ts';
import { globPattern } from '../model/glob-pattern.ts';
import type { InputReader } from './reader.ts';

/** The inputs that say what is compiled; undefined: nothing is. */
export function readBytecodeInputs(read: InputReader): BytecodePlan | undefined {
  const mode = read.choice('bytecode', ['off', 'on', 'require']);
  const plan = {
    invalidation: read.choice('bytecode-mode', ['unchecked-hash', 'checked-hash']),
    paths: read.parsedAll('bytecode-paths', read.lines('bytecode-paths'), parseFolder),
    exclude: read.parsedAll('bytecode-exclude', read.lines('bytecode-exclude'), parseGlob),
  };
  return mode === 'off' ? undefined : { mode, ...plan };
}

function parseFolder(text: string): string {
  if (!text.includes('\0')) return text;
  throw new Error('a folder of the image is needed, absolute or relative to its WORKDIR');
}

function parseGlob(text: string): string {
  globPattern(text);
  return text;
}
