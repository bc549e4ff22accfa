import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { plainPath, splitPath } from '../../model/image-path.ts';
import type { LayerRecord, Look } from '../../model/layer-record.ts';
import { type Allowance, readLayer } from './layer.ts';

/** The parts of an archive as `docker save` writes it, in whatever order: layers already read, everything else as bytes. */
export interface Archive<Content> {
  readonly layers: ReadonlyMap<string, readonly LayerRecord<Content>[]>;
  /** Manifests, indexes and configs, by path. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** An older engine writes a layer that occurs twice as a link to the first. */
  readonly links: ReadonlyMap<string, string>;
}

const longestDocument = 4 * 1024 * 1024;

/** Reads an archive as it streams by. Layers come before what names them, so a blob is told by its first byte: JSON begins with a brace.
 * @throws Error as `readLayer`. */
export async function readArchive<Content>(
  chunks: AsyncIterable<Uint8Array>,
  look: Look<Content>,
  allowance: Allowance,
): Promise<Archive<Content>> {
  const layers = new Map<string, readonly LayerRecord<Content>[]>();
  const documents = new Map<string, Uint8Array>();
  const links = new Map<string, string>();
  const read = async (path: string, stream: AsyncIterable<Uint8Array>): Promise<void> => {
    const { first, all } = await lookAhead(stream);
    const isLayer = path.endsWith('/layer.tar') || (path.startsWith('/blobs/') && first !== brace);
    if (isLayer) layers.set(path, await readLayer(all, look, allowance));
    else documents.set(path, await readDocument(all, path));
  };
  const extract = tar.extract();
  extract.on('entry', (header, stream, next) => {
    const path = plainPath(header.name);
    if (header.type === 'symlink') links.set(path, plainPath(`${splitPath(path).parent}/${header.linkname}`));
    if (header.type === 'link') links.set(path, plainPath(header.linkname ?? ''));
    if (header.type === 'file' && (header.size ?? 0) > 0)
      read(path, stream as AsyncIterable<Uint8Array>).then(() => next(), next);
    else stream.on('end', next).resume();
  });
  await pipeline(chunks, extract);
  return { layers, documents, links };
}

const brace = 0x7b;

async function lookAhead(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ first: number | undefined; all: AsyncIterable<Uint8Array> }> {
  const reader = chunks[Symbol.asyncIterator]();
  const first = await reader.next();
  async function* all(): AsyncGenerator<Uint8Array> {
    for (let next = first; next.done !== true; next = await reader.next()) yield next.value;
  }
  return { first: first.done === true ? undefined : first.value[0], all: all() };
}

async function readDocument(chunks: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > longestDocument) throw new Error(`${path} is longer than a manifest or config can be`);
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
