const hidden = '***';

/** A value that no log, report or JSON may show: whoever needs it has to say so. */
export class Secret {
  readonly #bytes: Buffer;

  constructor(value: string | Uint8Array) {
    this.#bytes = Buffer.from(value as Uint8Array); // a string is taken as UTF-8
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The value as text; bytes that are no UTF-8 are lost. */
  reveal(): string {
    return this.#bytes.toString('utf8');
  }

  isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** What a masker has to look for: each line of at least 4 characters. Shorter ones would blot out the log. */
  lines(): readonly string[] {
    return this.reveal()
      .split(/\r?\n|\r/)
      .map((line) => line.trim())
      .filter((line) => line.length >= 4);
  }

  /** Whether the value can travel as a variable of a process: text without NUL, within Linux's 128 KiB for one variable. */
  fitsVariable(): boolean {
    const fits = this.#bytes.length < 100_000 && !this.#bytes.includes(0);
    return fits && Buffer.from(this.reveal(), 'utf8').equals(this.#bytes);
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }
}
