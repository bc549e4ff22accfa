import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import type { FileEntry, LayerRecord } from '../../src/model/layer-record.ts';

/** An entry of a tar, in short. */
export interface TarEntry {
  readonly name: string;
  readonly type?: tar.Header['type'];
  readonly content?: string | Uint8Array;
  readonly linkname?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly mtime?: Date;
  readonly pax?: Readonly<Record<string, string>>;
}

/** The bytes of a tar with these entries. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { content, ...header } of entries)
    if (content === undefined || content.length === 0) pack.entry({ ...header, size: 0 }, '');
    else pack.entry(header, Buffer.from(content));
  pack.finalize();
  return buffer(pack);
}

/** Some bytes as a stream brings them. */
export async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A record of a layer; what is not said is as plain as it can be. */
export function entryAt<Content>(path: string, change: Partial<FileEntry<Content>> = {}): LayerRecord<Content> {
  const entry = {
    kind: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtime: 1_700_000_000,
    target: '',
    content: undefined,
    ...change,
  } as const;
  return { change: 'entry', path, entry };
}

export function folderAt(path: string): LayerRecord<never> {
  return entryAt(path, { kind: 'directory', mode: 0o755, size: 0 });
}

export function linkAt(path: string, target: string): LayerRecord<never> {
  return entryAt(path, { kind: 'symlink', mode: 0o777, size: 0, target });
}
