import { ActionError } from '../errors.ts';
import { splitList } from '../model/list-syntax.ts';

/** Reads single inputs strictly; collects problems instead of stopping at the first. */
export class InputReader {
  readonly #raw: ReadonlyMap<string, string>;
  readonly #problems: string[] = [];
  readonly notices: string[] = [];

  /** @param raw names as the runner spells them: upper case, without `INPUT_`. */
  constructor(raw: ReadonlyMap<string, string>) {
    this.#raw = raw;
  }

  /** The names that were given a value, as the runner spells them. */
  given(): readonly string[] {
    return [...this.#raw].filter(([, value]) => value.trim() !== '').map(([name]) => name);
  }

  /** The value without the white space around it; undefined where it is empty: not given. */
  text(name: string): string | undefined {
    const value = this.untrimmed(name).trim();
    return value === '' ? undefined : value;
  }

  /** The value as it came. */
  untrimmed(name: string): string {
    return this.#raw.get(name.toUpperCase()) ?? '';
  }

  /** One value a line; lines that begin with `#` are comments. */
  lines(name: string): string[] {
    return (this.text(name) ?? '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  }

  /** A list in the syntax of docker/build-push-action, see `splitList`. */
  list(name: string, commas: 'split' | 'keep'): string[] {
    return this.parse(name, undefined, () => splitList(this.text(name) ?? '', commas)) ?? [];
  }

  choice<const T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.text(name) ?? allowed[0];
    const spelled = isBoolean(value) ? value.toLowerCase() : value;
    const found = allowed.find((one) => one === spelled);
    if (found === undefined) this.problem(name, value, `allowed are ${allowed.join(', ')}`);
    return found ?? allowed[0];
  }

  /** A boolean of YAML 1.2 core; undefined where it is not given. */
  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!isBoolean(value)) this.problem(name, value, 'allowed are true, false');
    return value.toLowerCase() === 'true';
  }

  /** A text that `parse` accepts; undefined where it is not given or wrong. */
  parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : this.parse(name, value, parse);
  }

  /** Those of `values` that `parse` accepts, parsed. */
  parsedAll<T>(name: string, values: readonly string[], parse: (text: string) => T): T[] {
    return values.flatMap((value) => {
      const made = this.parse(name, value, parse);
      return made === undefined ? [] : [made];
    });
  }

  /** @param value what the message quotes; undefined where it must not be shown. */
  problem(name: string, value: string | undefined, rule: string): void {
    this.#problems.push([name, ...(value === undefined ? [] : [JSON.stringify(value)]), rule].join(': '));
  }

  notice(name: string, text: string): void {
    this.notices.push(`${name}: ${text}`);
  }

  /** @throws ActionError `invalid-input` with all problems, where there is one. */
  finish(): void {
    if (this.#problems.length === 0) return;
    const count = this.#problems.length === 1 ? 'an input is wrong' : `${this.#problems.length} inputs are wrong`;
    throw new ActionError('invalid-input', `${count}:\n${this.#problems.map((one) => `  - ${one}`).join('\n')}`, {
      hint: 'correct the `with:` block of the step; nothing has been run',
    });
  }

  /** Parses a value; what is thrown becomes a problem that quotes `shown`. */
  parse<T, Shown extends string | undefined>(name: string, shown: Shown, parse: (text: Shown) => T): T | undefined {
    try {
      return parse(shown);
    } catch (error) {
      this.problem(name, shown, (error as Error).message);
      return undefined;
    }
  }
}

function isBoolean(value: string): boolean {
  return /^(?:true|True|TRUE|false|False|FALSE)$/.test(value);
}
