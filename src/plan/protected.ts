import { isTag, type Tag } from '../model/tag.ts';
import { isVersionLike } from '../model/version.ts';

/** What branches and pull requests must keep clear of, beside the other kinds' shapes. */
export interface Protection {
  /** The production branch's name, raw. */
  readonly productionBranch: string;
  /** Its own tag. */
  readonly productionTag: Tag;
  readonly extraTags: readonly string[];
  /** Globs of `*` and `?`. */
  readonly protectedTags: readonly string[];
}

/** The rule by which a tag is protected, case folded; undefined where it is not. */
export function protectionOf(tag: string, policy: Protection): string | undefined {
  const folded = tag.toLowerCase();
  const is = (other: string) => other.toLowerCase() === folded;
  if (is(policy.productionTag))
    return `it is the tag of the production branch ${JSON.stringify(policy.productionBranch)}`;
  const extra = policy.extraTags.find(is);
  if (extra !== undefined) return `it is the extra tag ${JSON.stringify(extra)}`;
  const usual = ['main', 'master'].find(is);
  if (usual !== undefined) return `\`${usual}\` is what people take for the production branch`;
  const glob = policy.protectedTags.find((one) => matchesGlob(folded, one.toLowerCase()));
  if (glob !== undefined) return `\`protected-tags\` has ${JSON.stringify(glob)}`;
  return undefined;
}

/** The kind of tag that a text is shaped like, case folded, hashes aside; undefined where it is free. */
export function shapeOf(tag: string): string | undefined {
  const folded = tag.toLowerCase();
  const kind = /^(sha|tag|cache|pr|latest)(?:-|$)/.exec(folded)?.[1];
  if (kind !== undefined) return `\`${kind}\` and \`${kind}-…\` are kept for another kind of tag`;
  if (isVersionLike(folded)) return 'it looks like a version';
  return undefined;
}

/** Tells whether a tag ends the way that hashed slugs do. */
export function isHashShaped(tag: string): boolean {
  return /-[0-9a-f]{16}$/i.test(tag);
}

/** What is wrong with the input `extra-tags`, one sentence each; empty where nothing is. */
export function extraTagProblems(extraTags: readonly string[], productionTag: Tag): readonly string[] {
  return extraTags.flatMap((tag) => {
    const rule = extraTagRule(tag, productionTag);
    return rule === undefined ? [] : [`extra-tags: ${JSON.stringify(tag)}: ${rule}`];
  });
}

function extraTagRule(tag: string, productionTag: Tag): string | undefined {
  if (!isTag(tag)) return 'a tag has 1 to 128 characters of A-Z a-z 0-9 _ . - and begins with none of . -';
  if (tag.toLowerCase() === productionTag.toLowerCase())
    return 'it is the tag of the production branch, which is written anyway';
  if (tag.toLowerCase() === 'latest') return 'the input `latest` decides on it';
  return (
    shapeOf(tag) ??
    (isHashShaped(tag) ? '`-` and 16 hex digits at the end are kept for the slugs of branches' : undefined)
  );
}

/** Tells whether a text matches a glob whole: `*` is any run, `?` any one character, all else itself. In linear steps per
 * `*`, so that no glob and no branch can make it slow. */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    if (glob[next] === '*') {
      star = next++;
      retry = at;
    } else if (glob[next] === '?' || glob[next] === text[at]) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++retry;
    } else return false;
  }
  while (glob[next] === '*') next++;
  return next === glob.length;
}
