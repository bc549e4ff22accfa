import { posix } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { ActionError } from '../errors.ts';
import { readFlags, readWords } from './dockerfile-words.ts';

/** An instruction that takes files of the context into a layer. */
export interface ContextCopy {
  /** Counted from 1. */
  readonly line: number;
  readonly keyword: string;
  readonly sources: readonly string[];
  /** `--from`; undefined: the build context. */
  readonly from?: string;
}

const tokenFile = '.git/config';

/** Refuses a context whose `.git/config` holds a checkout's credentials where the Dockerfile copies that file into a layer: whoever
 * can pull the image, or main's cache, could read them. Any stage counts, since the cache holds the layers of all.
 * @throws ActionError `context-refused` naming the line and the ways out. */
export function requireCleanContext(
  dockerfile: string,
  {
    sendsToken,
    tokenContexts = [],
    context,
  }: {
    readonly sendsToken: boolean;
    readonly tokenContexts?: readonly string[];
    readonly context: { readonly file: string };
  },
): void {
  if (!sendsToken && tokenContexts.length === 0) return;
  const sends = (from: string | undefined): boolean =>
    from === undefined ? sendsToken : tokenContexts.some((name) => name === from || from.includes('$'));
  const copy = readCopies(dockerfile).find(
    ({ sources, from }) => sends(from) && sources.some((source) => covers(source, tokenFile)),
  );
  if (copy === undefined) return;
  const where = `${context.file}:${copy.line}`;
  throw new ActionError(
    'context-refused',
    `${where}: ${copy.keyword} ${copy.sources.join(' ')} would put the checkout’s token (${tokenFile}) into a layer`,
    {
      hint: 'add `.git` to .dockerignore, or give actions/checkout `persist-credentials: false`',
    },
  );
}

/** Every COPY and ADD that reads the build context (not `--from` a stage, not a here-document, not a URL). */
export function readContextCopies(dockerfile: string): readonly ContextCopy[] {
  return readCopies(dockerfile).filter(({ from }) => from === undefined);
}

/** Every COPY and ADD, and every FROM as the copy of a whole image or context that it is. */
function readCopies(dockerfile: string): readonly ContextCopy[] {
  return DockerfileParser.parse(dockerfile)
    .getInstructions()
    .flatMap((instruction) => {
      const keyword = instruction.getKeyword().toUpperCase();
      const line = instruction.getRange().start.line + 1;
      if (keyword === 'FROM') return [{ line, keyword, sources: ['.'], from: readWords(instruction)[0] ?? '' }];
      if (keyword !== 'COPY' && keyword !== 'ADD') return [];
      const flags = readFlags(instruction);
      const from = flags.find(([name]) => name === 'from')?.[1];
      const excluded = flags.flatMap(([name, value]) => (name === 'exclude' ? [value] : []));
      if (excluded.some((pattern) => covers(pattern, '.git'))) return [];
      const sources = readWords(instruction)
        .slice(0, -1)
        .filter((word) => !/^(?:<<|https?:\/\/|git@)/.test(word));
      if (sources.length === 0) return [];
      return [{ line, keyword, sources, ...(from === undefined ? {} : { from }) }];
    });
}

/** Tells whether a source of COPY takes in a path: as the file, a folder above it, or a pattern for one of them (Go's
 * filepath.Match, where `*` takes in names that begin with a dot). A variable may be anything. */
export function covers(source: string, path: string): boolean {
  if (source.includes('$')) return true;
  const parts = posix
    .normalize(`/${source}`)
    .split('/')
    .filter((part) => part !== '');
  const wanted = path.split('/');
  return parts.length <= wanted.length && parts.every((part, at) => part === '**' || matches(part, wanted[at] ?? ''));
}

function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(
    /\\(.)|\[(\^?)([^\]]+)\]|[*?]|[.+^${}()|]/g,
    (all, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return `\\x${escaped.charCodeAt(0).toString(16).padStart(2, '0')}`;
      if (set !== undefined) return `[${not}${set.replace(/[\\\]]/g, '\\$&')}]`;
      if (all === '*') return '.*';
      return all === '?' ? '.' : `\\${all}`;
    },
  );
  try {
    return new RegExp(`^${source}$`, 's').test(name);
  } catch {
    return true; // a pattern that cannot be read may be anything
  }
}
