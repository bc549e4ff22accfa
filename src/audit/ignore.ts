import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';
import { globPattern } from '../model/glob-pattern.ts';

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
  return { ...parseOne(text), from: { kind: 'input' } };
}

/** What a Dockerfile's comments say: `# slipway ignore=id: reason` above an instruction or within it, ids separated by commas.
 * `problems` has a sentence for each comment that cannot be read, or has no instruction below it. */
export function readIgnores(dockerfile: string): {
  readonly ignores: readonly Ignore[];
  readonly problems: readonly string[];
} {
  const parsed = DockerfileParser.parse(dockerfile);
  const instructions = parsed
    .getInstructions()
    .map((one) => one.getRange())
    .map(({ start, end }) => ({ first: start.line + 1, last: end.line + 1 }));
  const ignores: Ignore[] = [];
  const problems: string[] = [];
  for (const { line, text } of readComments(dockerfile, parsed)) {
    const [, written] = /^slipway\s+ignore\s*=\s*(.*)$/i.exec(text) ?? [];
    if (written === undefined) continue;
    const about = instructions.find(({ last }) => last >= line);
    if (about === undefined) {
      problems.push(`line ${line} ignores a finding, and no instruction stands below it`);
      continue;
    }
    const [ids = '', ...rest] = written.split(':');
    for (const id of ids.split(',')) {
      try {
        ignores.push({ ...parseOne([id, ...rest].join(':')), from: { kind: 'comment', line, ...about } });
      } catch (error) {
        problems.push(`line ${line} ignores nothing: ${(error as Error).message}`);
      }
    }
  }
  return { ignores, problems };
}

/** The parser takes a comment at the top that has a `=` for a directive, whatever its name, and loses its words: hence the text itself. */
function readComments(
  dockerfile: string,
  parsed: Dockerfile,
): readonly { readonly line: number; readonly text: string }[] {
  const lines = dockerfile.split(/\r?\n/);
  return [...parsed.getDirectives(), ...parsed.getComments()].map((one) => {
    const at = one.getRange().start.line;
    return { line: at + 1, text: (lines[at] ?? '').replace(/^\s*#\s*/, '') };
  });
}

function parseOne(text: string): Omit<Ignore, 'from'> {
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
