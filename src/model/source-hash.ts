/** Hashes a source the way CPython does for hash-based `.pyc` files (PEP 552): SipHash with the raw magic number as the first half of
 * the key. Rounds: 2-4 up to Python 3.10, 1-3 from 3.11 on. Works in 32-bit halves: BigInt takes seconds for what takes this
 * milliseconds. */
export class SourceHash {
  readonly #state: Int32Array; // v0 to v3, low half first
  readonly #perBlock: number;
  readonly #atEnd: number;
  readonly #rest = new Uint8Array(8);
  #length = 0;

  /** @param magic the first four bytes of the interpreter's `.pyc` files, as a little-endian number. */
  constructor(magic: number, rounds: '1-3' | '2-4') {
    this.#perBlock = rounds === '1-3' ? 1 : 2;
    this.#atEnd = rounds === '1-3' ? 3 : 4;
    // SipHash's constants "somepseudorandomlygeneratedbytes"; the second half of the key is zero
    this.#state = new Int32Array([
      0x70736575 ^ magic,
      0x736f6d65,
      0x6e646f6d,
      0x646f7261,
      0x6e657261 ^ magic,
      0x6c796765,
      0x79746573,
      0x74656462,
    ]);
  }

  update(bytes: Uint8Array): void {
    const held = this.#length & 7;
    this.#length += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(8 - held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < 8) return;
      compress(this.#state, this.#rest, this.#perBlock);
    }
    const end = at + ((bytes.length - at) & ~7);
    compress(this.#state, bytes.subarray(at, end), this.#perBlock);
    this.#rest.set(bytes.subarray(end));
  }

  /** The hash in the order of the file's bytes, as 16 hex digits. Ends the hash. */
  digest(): string {
    const last = new Uint8Array(8);
    last.set(this.#rest.subarray(0, this.#length & 7));
    last[7] = this.#length & 0xff;
    compress(this.#state, last, this.#perBlock);
    const [, , , , flagged = 0] = this.#state;
    this.#state[4] = flagged ^ 0xff;
    compress(this.#state, new Uint8Array(8), this.#atEnd); // a block of zeros is rounds and nothing else
    const [a = 0, A = 0, b = 0, B = 0, c = 0, C = 0, d = 0, D = 0] = this.#state;
    return `${littleEndian(a ^ b ^ c ^ d)}${littleEndian(A ^ B ^ C ^ D)}`;
  }
}

/** Takes whole blocks in, some rounds for each: 64-bit additions, rotations and exclusive-ors on pairs of halves (v0 to v3 are a to d, the
 * high half in upper case). */
function compress(state: Int32Array, blocks: Uint8Array, rounds: number): void {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  let [a = 0, A = 0, b = 0, B = 0, c = 0, C = 0, d = 0, D = 0] = state;
  for (let i = 0; i < blocks.length; i += 8) {
    const low = view.getInt32(i, true);
    const high = view.getInt32(i + 4, true);
    d ^= low;
    D ^= high;
    for (let round = 0; round < rounds; round++) {
      let t = (a >>> 0) + (b >>> 0);
      A = (A + B + (t > 0xffffffff ? 1 : 0)) | 0;
      a = t | 0;
      t = b;
      b = ((b << 13) | (B >>> 19)) ^ a;
      B = ((B << 13) | (t >>> 19)) ^ A;
      t = a;
      a = A;
      A = t;
      t = (c >>> 0) + (d >>> 0);
      C = (C + D + (t > 0xffffffff ? 1 : 0)) | 0;
      c = t | 0;
      t = d;
      d = ((d << 16) | (D >>> 16)) ^ c;
      D = ((D << 16) | (t >>> 16)) ^ C;
      t = (a >>> 0) + (d >>> 0);
      A = (A + D + (t > 0xffffffff ? 1 : 0)) | 0;
      a = t | 0;
      t = d;
      d = ((d << 21) | (D >>> 11)) ^ a;
      D = ((D << 21) | (t >>> 11)) ^ A;
      t = (c >>> 0) + (b >>> 0);
      C = (C + B + (t > 0xffffffff ? 1 : 0)) | 0;
      c = t | 0;
      t = b;
      b = ((b << 17) | (B >>> 15)) ^ c;
      B = ((B << 17) | (t >>> 15)) ^ C;
      t = c;
      c = C;
      C = t;
    }
    a ^= low;
    A ^= high;
  }
  state.set([a, A, b, B, c, C, d, D]);
}

function littleEndian(half: number): string {
  const bytes = [half, half >>> 8, half >>> 16, half >>> 24];
  return bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join('');
}
