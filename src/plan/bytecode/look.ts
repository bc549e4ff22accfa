import type { BytecodeReport } from '../../model/bytecode.ts';
import type { ContentReader, Look } from '../../model/layer-record.ts';
import { type PycHead, parsePycHead, pycHeadLength, rawMagic, sourceHashRounds } from '../../model/pyc.ts';
import { SourceHash } from '../../model/source-hash.ts';

/** What the proof wants to know of a file: of a source its hash under each interpreter's magic number, of a `.pyc` its head. */
export type BytecodeContent =
  | { readonly kind: 'source'; readonly hashes: ReadonlyMap<number, string> }
  | { readonly kind: 'pyc'; readonly head: PycHead };

/** Reads what the proof needs of the sources in the folders that were compiled, and of every `.pyc`. */
export function lookForBytecode(report: BytecodeReport): Look<BytecodeContent> {
  const folders = [...new Set(report.roots.map(({ path }) => (path === '/' ? '/' : `${path}/`)))];
  const keys = new Map(report.interpreters.map((one) => [rawMagic(one.magic), sourceHashRounds(one.cacheTag)]));
  return (path) => {
    if (path.endsWith('.pyc')) return readHead();
    const wanted = path.endsWith('.py') && folders.some((folder) => path.startsWith(folder));
    return wanted ? readSource(keys) : undefined;
  };
}

function readSource(keys: ReadonlyMap<number, '1-3' | '2-4' | undefined>): ContentReader<BytecodeContent> {
  const hashes = [...keys].flatMap(([magic, rounds]) =>
    rounds === undefined ? [] : [[magic, new SourceHash(magic, rounds)] as const],
  );
  return {
    write: (chunk) => {
      for (const [, hash] of hashes) hash.update(chunk);
    },
    end: () => ({ kind: 'source', hashes: new Map(hashes.map(([magic, hash]) => [magic, hash.digest()])) }),
  };
}

function readHead(): ContentReader<BytecodeContent> {
  let head: Uint8Array = new Uint8Array(0);
  return {
    write: (chunk) => {
      if (head.length < pycHeadLength) head = Buffer.concat([head, chunk.subarray(0, pycHeadLength - head.length)]);
    },
    end: () => ({ kind: 'pyc', head: parsePycHead(head) }),
  };
}
