import { normalizeName } from './package-names.ts';

/** A package that a requirements file names. */
export interface RequirementLine {
  readonly name: string;
  /** Exact, where the line says so. */
  readonly version: string | undefined;
  /** Whether it can only ever mean one file or commit. */
  readonly isPinned: boolean;
  readonly hasHash: boolean;
  /** Counted from 1. */
  readonly line: number;
}

/** The packages that a requirements file names (pip's "Requirements File Format"). */
export function readRequirementLines(text: string): readonly RequirementLine[] {
  const found: RequirementLine[] = [];
  let whole = '';
  let first = 1;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (whole === '') first = at + 1;
    whole += line.replace(/(?:^|\s)#.*$/, '');
    if (whole.endsWith('\\')) {
      whole = `${whole.slice(0, -1)} `;
      continue;
    }
    const read = readRequirement(whole.trim());
    if (read !== undefined) found.push({ ...read, line: first });
    whole = '';
  }
  return found;
}

function readRequirement(text: string): Omit<RequirementLine, 'line'> | undefined {
  const hasHash = /\s--hash[=\s]/.test(text);
  const [, name, rest = ''] = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)/.exec(text) ?? [];
  if (name === undefined || /^[\w.-]*[/\\]|:\/\//.test(text.split(/[\s;@]/)[0] ?? '')) return undefined;
  const spec = rest.replace(/\s--.*$/, '').trim();
  if (spec.startsWith('@')) return { name: normalizeName(name), version: undefined, isPinned: true, hasHash }; // another rule looks at addresses
  const [, version] = /^\(?\s*={2,3}\s*([^\s,*)]+)\s*\)?$/.exec(spec) ?? [];
  return { name: normalizeName(name), version, isPinned: version !== undefined || hasHash, hasHash };
}
