/** How many bytes of a `.pyc` tell all that is asked here: the header, and the first byte of the code behind it. */
export const pycHeadLength = 17;

/** The head of a `.pyc` (PEP 552; `importlib._bootstrap_external`, 3.7 to 3.14). `magic` is the first four bytes as a little-endian
 * number. `broken`: too short for a header, or what follows it is no code. */
export type PycHead =
  | { readonly kind: 'timestamp'; readonly magic: number; readonly mtime: number; readonly size: number }
  | { readonly kind: 'hash'; readonly magic: number; readonly checked: boolean; readonly hash: string }
  | { readonly kind: 'unknown-flags'; readonly magic: number; readonly flags: number }
  | { readonly kind: 'broken' };

// marshal's TYPE_CODE, with and without the flag that says that it is referred to
const codeObject = [0x63, 0xe3];

/** Reads the head of a `.pyc` from its first bytes; more than the head does no harm. */
export function parsePycHead(bytes: Uint8Array): PycHead {
  if (bytes.length < pycHeadLength || !codeObject.includes(bytes[16] ?? 0)) return { kind: 'broken' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  const flags = view.getUint32(4, true);
  if (flags > 0b11) return { kind: 'unknown-flags', magic, flags };
  // the lowest bit alone decides, so that CPython takes flags 2 for a time stamp
  if ((flags & 0b1) === 0)
    return { kind: 'timestamp', magic, mtime: view.getUint32(8, true), size: view.getUint32(12, true) };
  const hash = Buffer.from(bytes.subarray(8, 16)).toString('hex');
  return { kind: 'hash', magic, checked: flags === 0b11, hash };
}

/** What of a source decides whether a `.pyc` stands for it. */
export interface Source {
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Bytes. */
  readonly size: number;
  /** As `SourceHash` tells it under the interpreter's magic number. */
  readonly hash: string;
}

/** Why an interpreter does not load a `.pyc`, or loads code that is not the source's: that is `unchecked-stale`. */
export type PycFault =
  | 'missing'
  | 'truncated'
  | 'wrong-magic'
  | 'wrong-flags'
  | 'mtime-stale'
  | 'size-stale'
  | 'hash-stale'
  | 'unchecked-stale';

/** What an interpreter with this magic number makes of a `.pyc`; `undefined` for a source without one. */
export function judgePyc(head: PycHead | undefined, source: Source, magic: number): 'ok' | PycFault {
  if (head === undefined) return 'missing';
  if (head.kind === 'broken') return 'truncated';
  if (head.magic !== magic) return 'wrong-magic';
  switch (head.kind) {
    case 'unknown-flags':
      return 'wrong-flags';
    case 'timestamp':
      if (head.mtime !== source.mtime >>> 0) return 'mtime-stale';
      return head.size === source.size >>> 0 ? 'ok' : 'size-stale';
    case 'hash':
      if (head.hash === source.hash) return 'ok';
      return head.checked ? 'hash-stale' : 'unchecked-stale';
  }
}

/** The rounds of SipHash by which the interpreter with this cache tag hashes sources; undefined for an interpreter that is not CPython. */
export function sourceHashRounds(cacheTag: string): '1-3' | '2-4' | undefined {
  const minor = /^cpython-3(\d+)t?$/.exec(cacheTag)?.[1];
  if (minor === undefined) return undefined;
  return Number(minor) >= 11 ? '1-3' : '2-4';
}

/** Path of the `.pyc` that an interpreter looks for (`importlib.util.cache_from_source`, 3.8 to 3.14).
 * @param source absolute path of the source, as `__file__` has it.
 * @param prefix PYTHONPYCACHEPREFIX, or empty. @param level PYTHONOPTIMIZE as a number. */
export function pycPath(
  source: string,
  { cacheTag, prefix, level }: { readonly cacheTag: string; readonly prefix: string; readonly level: number },
): string {
  const cut = source.lastIndexOf('/');
  const folder = source.slice(0, cut);
  const stem = source.slice(cut + 1).replace(/(?<=.)\.[^.]*$/, '');
  const name = `${stem}.${cacheTag}${level === 0 ? '' : `.opt-${level}`}.pyc`;
  return prefix === '' ? `${folder}/__pycache__/${name}` : `${prefix.replace(/\/+$/, '')}${folder}/${name}`;
}

/** The first four bytes of a `.pyc` as a little-endian number: the magic number, and the two that end it, `\r\n`. */
export function rawMagic(magic: number): number {
  return 0x0a0d_0000 + magic;
}
