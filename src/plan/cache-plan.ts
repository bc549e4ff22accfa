import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import type { Repository } from '../model/image-ref.ts';
import { namePlatform, type Platform } from '../model/platform.ts';
import { parseTag, type Tag } from '../model/tag.ts';
import type { Role } from './rights.ts';

/** What the user asked for: input `cache`. */
export type CacheMode = 'auto' | 'registry' | 'inline' | 'none';

/** A reference that may hold a cache: ask the registry for its digest, with a deadline, before BuildKit hears of it. */
export interface CacheCandidate {
  readonly repository: Repository;
  readonly tag: Tag;
  /** `cache`: a cache manifest; `image`: an image with inline cache. */
  readonly holds: 'cache' | 'image';
}

/** Where this run's cache is looked for and where it goes, before anything was probed. */
export interface CacheIntent {
  readonly probe: readonly CacheCandidate[];
  /** The cache reference that this run writes after publication; main alone. */
  readonly write: CacheCandidate | undefined;
  /** True where the image itself carries inline cache records. */
  readonly inline: boolean;
}

/** A cache that was found: read by digest only, a tag could have moved since. */
export interface CacheSource {
  readonly repository: Repository;
  /** Where it was found, for people. */
  readonly tag: Tag;
  readonly digest: Digest;
}

/** What a build reads and writes; refs are values by type, so that no text reaches BuildKit's comma-parsed options. */
export interface CachePlan {
  readonly from: readonly CacheSource[];
  readonly inline: boolean;
  readonly write: { readonly repository: Repository; readonly tag: Tag } | undefined;
}

export interface CacheQuestion {
  readonly mode: CacheMode;
  readonly role: Role;
  /** Where main writes: `protected-image`, else `image`. */
  readonly protectedRepository: Repository;
  /** Where this run writes. */
  readonly repository: Repository;
  /** The production branch's own tag. */
  readonly productionTag: Tag;
  /** This run's own tag; `undefined` where it has none. */
  readonly ownTag: Tag | undefined;
  /** Whether the builder can write a cache to a registry: the own one of an engine with the classic image store cannot. */
  readonly exports: boolean;
  /** Platforms that are solved by themselves, beside the first: each has a cache of its own, or one machine would replace another's. */
  readonly apart: readonly Platform[];
}

const longestTag = 128;

/** The tag of the production branch's cache: `cache-` and its own tag; where that is longer than a tag may be, the own tag is cut
 * and 16 hex of its SHA-256 follow. */
export function cacheTag(productionTag: Tag): Tag {
  return shortenTag(`cache-${productionTag}`, productionTag);
}

/** The tag of what one machine of several leaves: that of the cache, and its platform. */
export function cacheTagOf(tag: Tag, platform: Platform): Tag {
  const plain = `${tag}-${namePlatform(platform)}`;
  return shortenTag(plain, plain);
}

function shortenTag(plain: string, hashed: string): Tag {
  if (plain.length <= longestTag) return parseTag(plain);
  const hash = createHash('sha256').update(hashed).digest('hex').slice(0, 16);
  return parseTag(`${plain.slice(0, longestTag - hash.length - 1)}-${hash}`);
}

/** Decides where a run looks for a cache and where it leaves one. Main's cache is the source of all: every run reads it first, then the
 * image that this ref had before; main alone writes it, after publication. Branches and pull requests carry inline records, and where
 * the builder cannot write a registry's cache, main's image does too.
 * @throws ActionError `invalid-input` where a cache is asked for that the builder cannot write. */
export function planCache(question: CacheQuestion): CacheIntent {
  const { mode, role, exports, apart, protectedRepository, productionTag } = question;
  if (mode === 'none') return { probe: [], write: undefined, inline: false };
  if (mode === 'registry' && !exports)
    throw new ActionError(
      'invalid-input',
      'cache: `registry` cannot be written by this builder; that of an engine with the classic image store cannot',
      {
        hint: 'set `cache: auto`, which keeps the cache in the images there, switch the engine to the containerd image store, or make a builder with docker/setup-buildx-action',
      },
    );
  const byRegistry = mode !== 'inline' && exports;
  const shared: CacheCandidate = { repository: protectedRepository, tag: cacheTag(productionTag), holds: 'cache' };
  const others = apart.map((platform): CacheCandidate => ({ ...shared, tag: cacheTagOf(shared.tag, platform) }));
  const production: CacheCandidate = { repository: protectedRepository, tag: productionTag, holds: 'image' };
  const probe = [
    ...(mode === 'inline' ? [] : [shared, ...others]),
    ...(byRegistry ? [] : [production]),
    ...ownImage(question),
  ];
  return {
    probe,
    write: role === 'main' && byRegistry ? shared : undefined,
    inline: role === 'branch' || role === 'pull-request' || (role === 'main' && !byRegistry),
  };
}

function ownImage({ role, repository, ownTag }: CacheQuestion): readonly CacheCandidate[] {
  const carriesInline = role === 'branch' || role === 'pull-request';
  return carriesInline && ownTag !== undefined ? [{ repository, tag: ownTag, holds: 'image' }] : [];
}

/** The plan for a build, from what the probes found (same order as `intent.probe`; `undefined`: not there, or not in time). */
export function settleCache(intent: CacheIntent, found: readonly (Digest | undefined)[]): CachePlan {
  const from = new Map<string, CacheSource>();
  intent.probe.forEach(({ repository, tag }, at) => {
    const digest = found[at];
    const name = `${repository.name}@${digest}`;
    if (digest !== undefined && !from.has(name)) from.set(name, { repository, tag, digest });
  });
  const { write } = intent;
  return {
    from: [...from.values()],
    inline: intent.inline,
    write: write === undefined ? undefined : { repository: write.repository, tag: write.tag },
  };
}
