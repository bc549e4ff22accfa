import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';
import { type Ignore, parseIgnoreText } from '../model/ignore.ts';

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
        ignores.push({ ...parseIgnoreText([id, ...rest].join(':')), from: { kind: 'comment', line, ...about } });
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
