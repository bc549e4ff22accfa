/** What the last lines of a failed solve say. */
export interface BuildTail {
  /** In BuildKit's words; undefined where it said nothing. */
  readonly cause: string | undefined;
  /** The target that failed, where it is named. */
  readonly target: string | undefined;
  /** `FILE:LINE` and the lines of the Dockerfile around it. */
  readonly excerpt: readonly string[];
  /** Of the Dockerfile. */
  readonly line: number | undefined;
}

/** Reads the plain text that buildx ends a failed solve with. */
export function readTail(tail: readonly string[]): BuildTail {
  const at = tail.findLastIndex((line) => line.startsWith('ERROR: '));
  if (at < 0)
    return { cause: tail.findLast((line) => line.trim() !== ''), target: undefined, excerpt: [], line: undefined };
  const [, target, cause] =
    /^ERROR: (?:failed to build: )?(?:target (\S+): )?(?:failed to solve: )?(?:rpc error: code = \w+ desc = )?([\s\S]*)$/.exec(
      [tail[at], ...tail.slice(at + 1).filter((line) => line.trim() !== '')].join('\n'),
    ) ?? [];
  const from = tail.slice(0, at).findLastIndex((line) => /^\S.*:\d+$/.test(line));
  if (from < 0) return { cause, target, excerpt: [], line: undefined };
  return { cause, target, excerpt: tail.slice(from, at), line: Number(/\d+$/.exec(tail[from] ?? '')?.[0]) };
}
