import { globPattern } from './glob-pattern.ts';

/** JUnit files that are looked for in containers of `test-image`. */
export interface ContainerGlob {
  /** As given. */
  readonly glob: string;
  /** The deepest path that every match is, or lies below. */
  readonly base: string;
  readonly matches: (path: string) => boolean;
}

/** Reads an absolute glob with `*`, `**` and `?`.
 * @throws Error where it has other wildcards, or none of its folders is named: the whole of an image is not read. */
export function parseContainerGlob(glob: string): ContainerGlob {
  if (/[[\]{}]/.test(glob)) throw new Error('within a container the wildcards are *, ** and ?, e.g. /reports/**/*.xml');
  const pattern = new RegExp(`^(?:${globPattern(glob)})$`, 's');
  const [, base = ''] = /^((?:\/[^/*?]+)*)(?:\/|$)/.exec(glob) ?? [];
  if (base === '')
    throw new Error('within a container a folder without wildcards must come first, e.g. /reports/**/*.xml');
  return { glob, base, matches: (path) => pattern.test(path) };
}

/** Parts globs by where they look: what begins with `/` in containers of `test-image`, everything else in the work tree, as does what
 * begins with the work tree's own path.
 * @param workspace absolute path of the work tree */
export function splitReportGlobs(
  globs: readonly string[],
  workspace: string,
): { readonly workTree: readonly string[]; readonly container: readonly ContainerGlob[] } {
  const inside = `${workspace}/`;
  const relative = globs.map((glob) => (glob.startsWith(inside) ? glob.slice(inside.length) : glob));
  return {
    workTree: relative.filter((glob) => !glob.startsWith('/')),
    container: relative.filter((glob) => glob.startsWith('/')).map(parseContainerGlob),
  };
}
