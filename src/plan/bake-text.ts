/** A value as it goes to bake: inside the definition where JSON carries it unchanged, else as a `--set` option, which nobody interprets. */
export interface BakeTexts {
  readonly inDefinition: Readonly<Record<string, string>>;
  /** Values of options, without the targets that they are for: `labels.title=Café`. */
  readonly overrides: readonly string[];
}

/** Tells whether bake keeps a text of its definition as it is. Strings there are HCL templates: `${` and `%{` begin expressions, and doubling
 * the first character, which is the way to say them, fails after a carriage return; HCL also rewrites strings to Unicode's NFC and
 * drops a leading byte order mark. Printable ASCII without those is certain. */
export function isKeptByBake(text: string): boolean {
  return /^[\t\n\u0020-\u007e]*$/.test(text) && !/[$%]\{/.test(text);
}

/** Says a text of a list or a single field in the definition, where there is no option to carry it.
 * @throws Error where bake would alter it. */
export function escapeTemplate(text: string): string {
  if (text.normalize('NFC') !== text || /^\ufeff|\r/.test(text))
    throw new Error(
      `docker-buildx bake would alter ${JSON.stringify(text)}: no carriage returns, and Unicode in its composed form (NFC)`,
    );
  return text.replace(/[$%](?=\{)/g, '$&$&');
}

/** Splits named texts (`args`, `labels`, `contexts`) into those for the definition and those for `--set`.
 * @throws Error where a name cannot be said either way: an entry for `--set` whose name has `=` or ends in `+`. */
export function planTexts(field: string, texts: ReadonlyMap<string, string>): BakeTexts {
  const inDefinition: [string, string][] = [];
  const overrides: string[] = [];
  for (const [name, value] of texts) {
    if (isKeptByBake(name) && isKeptByBake(value)) inDefinition.push([name, value]);
    else if (/=|\+$/.test(name))
      throw new Error(`${field}: ${JSON.stringify(name)} cannot hold the value ${JSON.stringify(value)}`);
    else overrides.push(`${field}.${name}=${value}`);
  }
  // fromEntries defines own properties: a label called `__proto__` is a label
  return { inDefinition: Object.fromEntries(inDefinition), overrides };
}

/** One field of a line of comma-separated values, as buildx reads `secret` and `ssh` (RFC 4180). */
export function quoteCsvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
