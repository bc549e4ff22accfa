import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { plainPath, splitPath } from '../../model/image-path.ts';
import type { FileEntry, LayerRecord, Look } from '../../model/layer-record.ts';

/** What may still be read of an image, counted down over its layers. */
export interface Allowance {
  entries: number;
  /** Bytes as unpacked. */
  bytes: number;
}

/** Well above what real images hold, so that a made-up one ends with an error before memory and time do. */
export function fullAllowance(): Allowance {
  return { entries: 1_000_000, bytes: 64 * 1024 ** 3 };
}

/** Reads a layer as it streams by: a tar, plain or packed by gzip or zstd. Nothing is unpacked to disk.
 * @throws Error where it is cut off, no tar, or holds more than is allowed. */
export async function readLayer<Content>(
  chunks: AsyncIterable<Uint8Array>,
  look: Look<Content>,
  allowance: Allowance,
): Promise<readonly LayerRecord<Content>[]> {
  const records: LayerRecord<Content>[] = [];
  const extract = tar.extract();
  extract.on('entry', (header, stream, next) => {
    allowance.entries -= 1;
    if (allowance.entries < 0) return next(new Error('the image has more than a million files'));
    const record = readHeader(header);
    const isFile = record?.change === 'entry' && record.entry.kind === 'file';
    const reader = isFile ? look(record.path, record.entry) : undefined;
    if (reader !== undefined) stream.on('data', (chunk) => reader.write(chunk as Uint8Array));
    stream.on('error', next);
    stream.on('end', () => {
      if (isFile && reader !== undefined)
        records.push({ ...record, entry: { ...record.entry, content: reader.end() } });
      else if (record !== undefined) records.push(record);
      next();
    });
    stream.resume();
  });
  const { packing, all } = await lookAhead(chunks);
  const unpacker = openUnpacker(packing);
  const counted = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => count(bytes, allowance);
  if (unpacker === undefined) await pipeline(all, counted, extract);
  else await pipeline(all, unpacker, counted, extract);
  return records;
}

type Packing = 'none' | 'gzip' | 'zstd';

/** How the first bytes say that a layer is packed; media types lie, and an archive's blobs have none. */
async function lookAhead(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ packing: Packing; all: AsyncIterable<Uint8Array> }> {
  const reader = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const next = await reader.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const [a, b, c, d] = head;
  const packing =
    a === 0x1f && b === 0x8b ? 'gzip' : a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : 'none';
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) yield next.value;
  }
  return { packing, all: all() };
}

function openUnpacker(packing: Packing): Transform | undefined {
  const zlib = process.getBuiltinModule('node:zlib'); // most runs read no layer
  const options = { chunkSize: 1024 * 1024 }; // fewer and larger pieces: less to collect, a fifth of the time
  switch (packing) {
    case 'none':
      return undefined;
    case 'gzip':
      return zlib.createGunzip(options);
    case 'zstd':
      // the action's Node 24 has it, the oldest that unit tests run on has not
      if (!('createZstdDecompress' in zlib))
        throw new Error('a layer is packed by zstd, which needs Node 22.15 or later');
      return zlib.createZstdDecompress(options);
  }
}

async function* count(bytes: AsyncIterable<Uint8Array>, allowance: Allowance): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    allowance.bytes -= chunk.byteLength;
    if (allowance.bytes < 0) throw new Error('the image unpacks to more than 64 GiB');
    yield chunk;
  }
}

const kinds: Readonly<Record<string, FileEntry<never>['kind']>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  'character-device': 'device',
  'block-device': 'device',
  fifo: 'fifo',
};

/** What a header says; undefined for what is no part of the file system (OCI image spec, "Whiteouts"; `.wh..wh.*` are of AUFS). */
function readHeader(header: tar.Header): LayerRecord<never> | undefined {
  const path = plainPath(header.name);
  const { parent, name } = splitPath(path);
  if (name === '.wh..wh..opq') return { change: 'opaque', path: parent };
  if (path.includes('/.wh..wh.')) return undefined;
  if (name.startsWith('.wh.')) return { change: 'whiteout', path: plainPath(`${parent}/${name.slice(4)}`) };
  const target = header.linkname ?? '';
  if (header.type === 'link') return { change: 'hardlink', path, to: plainPath(target) };
  const kind = kinds[header.type ?? ''];
  if (kind === undefined) return undefined;
  const entry = {
    kind,
    mode: (header.mode ?? 0) & 0o7777,
    uid: readPax(header, 'uid') ?? header.uid ?? 0,
    gid: readPax(header, 'gid') ?? header.gid ?? 0,
    size: kind === 'file' ? (header.size ?? 0) : 0,
    mtime: readPax(header, 'mtime') ?? Math.floor((header.mtime?.getTime() ?? 0) / 1000),
    target: kind === 'symlink' ? target : '',
    content: undefined,
  };
  return { change: 'entry', path, entry };
}

/** What a header of the old kind cannot say: large ids, times before 1970 and fractions of a second, which are cut off. */
function readPax({ pax }: tar.Header, field: string): number | undefined {
  const value: unknown = typeof pax === 'object' && pax !== null ? Reflect.get(pax, field) : undefined;
  // as text: a number of seconds with nine places is rounded up by reading it
  const [, whole, places = ''] = /^(-?\d+)(?:\.(\d*))?$/.exec(typeof value === 'string' ? value : '') ?? [];
  if (whole === undefined) return undefined;
  return Number(whole) - (whole.startsWith('-') && /[1-9]/.test(places) ? 1 : 0);
}
