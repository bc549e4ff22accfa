/** A program or shared object, as far as starting it depends on others (ELF specification; `elf(5)`). */
export interface Elf {
  /** `e_machine` (62 is x86-64, 183 is AArch64). */
  readonly machine: number;
  readonly bits: 32 | 64;
  /** `PT_INTERP`; empty for what has none: a library, or linked statically. */
  readonly interpreter: string;
  /** `DT_NEEDED`. */
  readonly needed: readonly string[];
  /** `DT_RUNPATH`, else `DT_RPATH`, as written. */
  readonly runPath: string;
  /** False where what it needs lies beyond what was read of it, or is broken: `needed` and `runPath` are empty then. */
  readonly whole: boolean;
}

/** Bytes of a file; fewer than asked for where they end, or were not kept. */
export type ReadBytes = (offset: number, length: number) => Buffer;

export const elfMagic = Buffer.from('\x7fELF', 'latin1');

const mostSegments = 1_000;
const mostDynamic = 10_000;
const mostNeeded = 1_000;
const longestName = 4_096;

/** Reads what an ELF file says of itself; undefined for what is none, or a broken one. */
export function parseElf(read: ReadBytes): Elf | undefined {
  const head = read(0, 64);
  const [bits, little] = [head[4] === 2 ? 64 : 32, head[5] !== 2] as const;
  if (!head.subarray(0, 4).equals(elfMagic) || head.length < (bits === 64 ? 64 : 52)) return undefined;
  const form = { bits, little };
  const segments = readSegments(read, head, form);
  const interp = segments.find(({ type }) => type === 3);
  const interpreter = interp === undefined ? '' : readName(read, interp.offset, interp.size);
  const machine = number(head, 18, 2, form);
  return { machine, bits, interpreter, ...readDynamic(read, segments, form) };
}

interface Form {
  readonly bits: 32 | 64;
  readonly little: boolean;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function readSegments(read: ReadBytes, head: Buffer, form: Form): readonly Segment[] {
  const is64 = form.bits === 64;
  const start = word(head, is64 ? 32 : 28, form);
  const each = number(head, is64 ? 54 : 42, 2, form);
  const count = Math.min(number(head, is64 ? 56 : 44, 2, form), mostSegments);
  const all = read(start, each * count);
  const least = is64 ? 56 : 32;
  if (each < least) return [];
  return Array.from({ length: Math.floor(all.length / each) }, (_, at) => {
    const one = all.subarray(at * each);
    return {
      type: number(one, 0, 4, form),
      offset: word(one, is64 ? 8 : 4, form),
      address: word(one, is64 ? 16 : 8, form),
      size: word(one, is64 ? 32 : 16, form),
    };
  });
}

const [loaded, dynamic] = [1, 2];
const tags = { end: 0, needed: 1, strings: 5, rpath: 15, runpath: 29 } as const;

function readDynamic(
  read: ReadBytes,
  segments: readonly Segment[],
  form: Form,
): Pick<Elf, 'needed' | 'runPath' | 'whole'> {
  const nothing = { needed: [], runPath: '' };
  const segment = segments.find(({ type }) => type === dynamic);
  if (segment === undefined) return { ...nothing, whole: segments.length > 0 };
  const each = form.bits / 4;
  const length = Math.min(segment.size, mostDynamic * each);
  const bytes = read(segment.offset, length);
  if (bytes.length < length) return { ...nothing, whole: false };
  const rows = Array.from({ length: Math.floor(length / each) }, (_, at) => ({
    tag: word(bytes, at * each, form),
    value: word(bytes, at * each + each / 2, form),
  }));
  const end = rows.findIndex(({ tag }) => tag === tags.end);
  const entries = end < 0 ? rows : rows.slice(0, end);
  const find = (wanted: number): number | undefined => entries.find(({ tag }) => tag === wanted)?.value;
  const strings = offsetOf(segments, find(tags.strings));
  const wanted = entries.filter(({ tag }) => tag === tags.needed).slice(0, mostNeeded);
  const path = find(tags.runpath) ?? find(tags.rpath);
  if (wanted.length === 0 && path === undefined) return { ...nothing, whole: true };
  const name = (at: number | undefined): string =>
    at === undefined || strings === undefined ? '' : readName(read, strings + at, longestName);
  const needed = wanted.map(({ value }) => name(value));
  if (needed.includes('')) return { ...nothing, whole: false };
  return { needed, runPath: name(path), whole: true };
}

/** Where in the file the bytes are that are loaded at an address. */
function offsetOf(segments: readonly Segment[], address: number | undefined): number | undefined {
  if (address === undefined) return undefined;
  const found = segments.find(
    (one) => one.type === loaded && address >= one.address && address < one.address + one.size,
  );
  return found === undefined ? undefined : found.offset + (address - found.address);
}

/** Empty where it does not end within the bytes that are there. */
function readName(read: ReadBytes, offset: number, most: number): string {
  const bytes = read(offset, Math.min(most, longestName));
  const end = bytes.indexOf(0);
  return end < 0 ? '' : bytes.toString('utf8', 0, end);
}

function word(bytes: Buffer, at: number, form: Form): number {
  if (form.bits === 32) return number(bytes, at, 4, form);
  const [first, second] = [number(bytes, at, 4, form), number(bytes, at + 4, 4, form)];
  return form.little ? first + second * 2 ** 32 : first * 2 ** 32 + second;
}

function number(bytes: Buffer, at: number, length: 2 | 4, { little }: Form): number {
  if (at + length > bytes.length) return 0;
  return little ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
}
