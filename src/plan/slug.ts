import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { branchRef } from '../model/git-ref.ts';
import { isTag, parseTag, type Tag } from '../model/tag.ts';
import { isHashShaped, type Protection, protectionOf, shapeOf } from './protected.ts';

const longest = 96;
const loneSurrogate = /\p{Surrogate}/u;

/** The own tag of a branch (INTERFACE, "Slug."): always legal, no two branches share one, and none but the production
 * branch reaches a protected one. `name` is raw, after `refs/heads/`.
 * @throws ActionError invalid-input where a glob of `protected-tags` leaves a branch no tag at all. */
export function planOwnTag(name: string, policy: Protection): Tag {
  if (name === policy.productionBranch) return policy.productionTag;
  const rule = (tag: string) => protectionOf(tag, policy) ?? shapeOf(tag);
  const plain = candidates(name).find((tag) => rule(tag) === undefined);
  if (plain !== undefined) return plain;
  const readable = readablePart(name, 'branch');
  const hashed = `${readable}-${refHash(branchRef(name))}`;
  const taken = rule(readable) !== undefined || rule(hashed) !== undefined;
  const tags = taken ? [`branch-${hashed}`, hashed] : [hashed, `branch-${hashed}`];
  const tag = tags.find((one) => rule(one) === undefined);
  if (tag !== undefined) return parseTag(tag);
  throw new ActionError(
    'invalid-input',
    `protected-tags leaves the branch ${JSON.stringify(name)} no tag: ${tags.map((one) => `${JSON.stringify(one)}: ${rule(one)}`).join('; ')}`,
    { hint: 'make the glob narrower, so that tags which begin with `branch-` are free' },
  );
}

/** The production branch's own tag, which is exempt from protection and the other kinds' shapes.
 * @throws ActionError invalid-input where it would be hashed or is `latest`. */
export function planProductionTag(name: string): Tag {
  const tag = spellings(name).find((text) => isTag(text) && text.length <= longest);
  if (tag !== undefined && isTag(tag) && tag.toLowerCase() !== 'latest') return tag;
  const rule =
    tag === undefined
      ? 'its name is no legal tag of at most 96 characters, also with `--` for `/`'
      : 'the tag `latest` is decided by the input `latest`';
  throw new ActionError('invalid-input', `production-branch: ${JSON.stringify(name)} cannot have an own tag: ${rule}`, {
    hint: 'rename the branch, or name another one with the input `production-branch`',
  });
}

/** The own tag of a git tag that is no version: `tag-` and the slug of its name. */
export function planGitTagTag(name: string): Tag {
  const slug = candidates(name)[0] ?? `${readablePart(name, 'tag')}-${refHash(`refs/tags/${name}`)}`;
  return parseTag(`tag-${slug}`);
}

/** The name of a run on a ref that is neither branch nor git tag: it writes nothing, and is always told by its hash. */
export function planOtherTag(ref: string): Tag {
  return parseTag(`ref-${readablePart(ref, 'none')}-${refHash(ref)}`);
}

/** False where the name came with bytes that are no UTF-8 and were replaced on the way: two such refs look the same. */
export function isFaithful(name: string): boolean {
  return !name.includes('\ufffd') && !loneSurrogate.test(name);
}

/** The legal spellings of a name that can be read back, so that no two names share one; hashed ones are told by their end. */
function candidates(name: string): Tag[] {
  return spellings(name).filter((text): text is Tag => isTag(text) && text.length <= longest && !isHashShaped(text));
}

/** With `--` standing for `/` alone, a run of hyphens has one reading: an even one is slashes, a single one itself. */
function spellings(name: string): readonly string[] {
  if (name.includes('--')) return [];
  return /-\/|\/-/.test(name) ? [name] : [name, name.replaceAll('/', '--')];
}

function readablePart(name: string, empty: string): string {
  const legal = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 40);
  return legal === '' ? empty : legal;
}

/** 16 hex digits of the SHA-256 of the ref's bytes; a lone surrogate has no bytes of its own in UTF-8 and keeps its code. */
function refHash(ref: string): string {
  const bytes = loneSurrogate.test(ref) ? Buffer.from(`\0${ref}`, 'utf16le') : Buffer.from(ref);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
