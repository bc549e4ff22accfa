import { stripControls } from './log-line.ts';
import { secretForms, shortestSecret } from './secret-forms.ts';

const hidden = '***';
const slotBits = 20;
const slots = 1 << slotBits;

/** From where to where a text shows secrets. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Finds known secrets in text, in time that does not grow with their number. */
export class Masker {
  /** By the first characters of a form. */
  readonly #forms = new Map<string, string[]>();
  /** Whether some form may begin with characters of this hash: nearly all places are passed over by it. */
  readonly #begins = new Uint8Array(slots);
  #longest = 0;

  /** Learns a secret in all its forms. */
  learn(secret: Uint8Array): void {
    for (const form of secretForms(secret)) for (const one of new Set([form, stripControls(form)])) this.#add(one);
  }

  /** The text with every secret as `***`. */
  redact(text: string): string {
    let shown = '';
    let at = 0;
    for (const { from, to } of this.#spans(text)) {
      shown += text.slice(at, from) + hidden;
      at = to;
    }
    return at === 0 ? text : shown + text.slice(at);
  }

  /** Where to cut the first piece of about `limit` characters off a line so that no secret is cut in two; 0 where more of the line has
   * to be seen first. */
  cut(text: string, limit: number): number {
    if (text.length <= limit + this.#longest) return 0;
    const start = Math.max(0, limit - this.#longest);
    for (const { from, to } of this.#spans(text.slice(start, limit + this.#longest))) {
      if (start + from < limit && limit < start + to) return start + from > 0 ? start + from : start + to;
    }
    return limit;
  }

  #add(form: string): void {
    if (form.length < shortestSecret) return;
    const key = form.slice(0, shortestSecret);
    const known = this.#forms.get(key) ?? [];
    if (known.includes(form)) return;
    known.push(form);
    known.sort((a, b) => b.length - a.length);
    this.#forms.set(key, known);
    this.#begins[hashOf(key)] = 1;
    this.#longest = Math.max(this.#longest, form.length);
  }

  /** Secrets that overlap are one span. */
  #spans(text: string): readonly Span[] {
    const spans: Span[] = [];
    if (this.#longest === 0) return spans;
    const begins = this.#begins;
    let last: { from: number; to: number } | undefined;
    let hash = 0;
    for (let index = 0; index < text.length; index++) {
      hash = roll(hash, text.charCodeAt(index));
      if (begins[hash] === 0) continue;
      const at = index + 1 - shortestSecret;
      const end = this.#endAt(text, at);
      if (end === 0) continue;
      if (last === undefined || at > last.to) {
        last = { from: at, to: end };
        spans.push(last);
      } else last.to = Math.max(last.to, end);
    }
    return spans;
  }

  /** Where the longest secret ends that begins here; 0 where none does. */
  #endAt(text: string, at: number): number {
    if (at < 0) return 0;
    const form = this.#forms.get(text.slice(at, at + shortestSecret))?.find((one) => text.startsWith(one, at));
    return form === undefined ? 0 : at + form.length;
  }
}

/** The hash of the last four characters: each moves out of the 20 bits by 5 a step. */
function roll(hash: number, char: number): number {
  return ((hash << (slotBits / shortestSecret)) ^ char) & (slots - 1);
}

function hashOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = roll(hash, key.charCodeAt(at));
  return hash;
}
