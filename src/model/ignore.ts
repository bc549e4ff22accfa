import { globPattern } from './glob-pattern.ts';

/** What somebody chose not to be told, and why. */
export interface Ignore {
  /** Of a rule of ours or a check of BuildKit's. */
  readonly id: string;
  /** Glob of the image's paths that it is about; undefined: all that the rule finds. */
  readonly path: string | undefined;
  /** As written; may be empty. */
  readonly reason: string;
  readonly from: IgnoreSource;
}

/** Where it was said: in the input `checks-ignore`, or in a comment, which speaks for one instruction of the Dockerfile. */
export type IgnoreSource =
  | { readonly kind: 'input' }
  | {
      readonly kind: 'comment';
      /** Of the comment; lines count from 1. */
      readonly line: number;
      /** Of the instruction. */
      readonly first: number;
      readonly last: number;
    };

/** Reads a line of `checks-ignore`: `id`, `id: reason`, `id: /path/of/the/image reason`; a path may have `*`, `**` and `?`.
 * @throws Error saying what is wrong. */
export function parseIgnore(text: string): Ignore {
  return { ...parseIgnoreText(text), from: { kind: 'input' } };
}

/** What is said alike in the input and in a comment.
 * @throws Error saying what is wrong. */
export function parseIgnoreText(text: string): Omit<Ignore, 'from'> {
  const [, id, about = ''] = /^\s*([A-Za-z][\w-]*)\s*(?::\s*(.*?)\s*)?$/s.exec(text) ?? [];
  if (id === undefined)
    throw new Error(
      `${JSON.stringify(text.trim())} is neither \`id\` nor \`id: path or reason\`, e.g. runs-as-root: it binds port 80`,
    );
  if (!about.startsWith('/')) return { id, path: undefined, reason: about };
  const [, path = '', reason = ''] = /^(\S+)\s*(.*)$/s.exec(about) ?? [];
  globPattern(path);
  return { id, path, reason };
}
