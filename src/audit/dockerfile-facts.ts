/** The Dockerfile that an image was built from, and what lies beside it. Rules parse its text by dockerfile-ast. */
export interface DockerfileFacts {
  /** Path within the work tree. */
  readonly file: string;
  readonly text: string;
  /** The stage that was built; undefined for the last one. */
  readonly target: string | undefined;
  /** Text of .dockerignore that holds for it; undefined where there is none. */
  readonly ignore: string | undefined;
  /** Paths in the build context after .dockerignore, relative to it, at most 50,000. */
  readonly contextFiles: readonly string[];
  /** Text of the small files of the context that rules ask for, by path: requirements, lock files, pyproject.toml, entry scripts. */
  readonly contextTexts: ReadonlyMap<string, string>;
}
