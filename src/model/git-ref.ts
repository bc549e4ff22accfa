/** A full git ref, told apart by its namespace; `name` is the raw text after the prefix, never trimmed or folded. */
export type GitRef =
  | { readonly kind: 'branch'; readonly ref: string; readonly name: string }
  | { readonly kind: 'tag'; readonly ref: string; readonly name: string }
  | { readonly kind: 'pull'; readonly ref: string; readonly name: string }
  | { readonly kind: 'other'; readonly ref: string; readonly name: string };

const namespaces = [
  ['branch', 'refs/heads/'],
  ['tag', 'refs/tags/'],
  ['pull', 'refs/pull/'],
] as const;

/** Reads a full ref. The prefix is taken off once and at the start only: the branch `refs/heads/main` is not `main`. */
export function parseGitRef(ref: string): GitRef {
  for (const [kind, prefix] of namespaces)
    if (ref.startsWith(prefix) && ref.length > prefix.length) return { kind, ref, name: ref.slice(prefix.length) };
  return { kind: 'other', ref, name: ref };
}

/** The full ref of a branch. */
export function branchRef(name: string): string {
  return `refs/heads/${name}`;
}

/** A commit id, in full: 40 hex digits, or 64 in a SHA-256 repository. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
