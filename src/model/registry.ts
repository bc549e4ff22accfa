import type { Digest } from './digest.ts';
import type { Repository } from './image-ref.ts';
import type { ManifestBytes } from './manifest.ts';
import type { Tag } from './tag.ts';

/** Why a registry did not do what was asked; the retries that make sense have been made by then. `overtaken`: another
 * writer moved the tag while a write of ours had to be repeated; `untrusted`: no https, or a certificate nobody vouches for; `full`:
 * it says that its storage has no room. */
export type RegistryFailure =
  | 'unauthorized'
  | 'forbidden'
  | 'rate-limited'
  | 'unavailable'
  | 'full'
  | 'unreachable'
  | 'untrusted'
  | 'timeout'
  | 'invalid-reply'
  | 'rejected'
  | 'overtaken';

/** Whether the login may write: `anonymous` there is none and one is asked for, `unauthorized` it is refused, `forbidden`
 * it is good but not for this repository, `absent` the registry wants the repository to be created first. */
export type PushRight = 'yes' | 'anonymous' | 'unauthorized' | 'forbidden' | 'absent';

/** What a registry refused or got wrong. No field ever holds a credential or a query string. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly kind: RegistryFailure;
  /** Host and port as people write it. */
  readonly registry: string;
  /** The request in short: `HEAD v2/acme/app/manifests/main`. */
  readonly request: string;
  /** The HTTP status; undefined where there was no reply. */
  readonly status: number | undefined;

  constructor(kind: RegistryFailure, reason: string, at: RegistryRequest) {
    super(`${at.registry}: ${at.request}: ${reason}`, at.cause === undefined ? undefined : { cause: at.cause });
    this.kind = kind;
    this.registry = at.registry;
    this.request = at.request;
    this.status = at.status;
  }
}

/** What a RegistryError is about. */
export interface RegistryRequest {
  readonly registry: string;
  readonly request: string;
  readonly status: number | undefined;
  readonly cause: unknown;
}

/** A config or layer that can be read from its start as often as that takes. */
export interface BlobSource {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** One repository in one registry. Every method repeats what was a passing fault and verifies what it hands out.
 * @throws RegistryError from every method; ActionError `cancelled` where the run was cancelled. */
export interface Registry {
  readonly repository: Repository;
  /** The digest a tag points at, or the digest itself where it is there; undefined only on a 404. Some registries answer
   * 403 for what does not exist: that is `forbidden`, and only who knows that `mayPush` is `yes` may read it as absent. */
  head(at: Tag | Digest): Promise<Digest | undefined>;
  /** The manifest's very bytes, hashed here: they equal the digest asked for and the one the registry names. */
  manifest(at: Tag | Digest): Promise<ManifestBytes | undefined>;
  /** A small blob, verified; one that is missing or longer than `limit` bytes is an error. */
  blob(digest: Digest, limit: number): Promise<Uint8Array>;
  hasBlob(digest: Digest): Promise<boolean>;
  /** Makes a blob of another repository of this registry one of this repository's too, without sending it. False where the
   * registry does not: it knows no such way, or the login may not read there. */
  mount(digest: Digest, from: Repository): Promise<boolean>;
  /** Sends a blob where the repository lacks it, which is asked first; the registry holds it to its digest.
   * @returns whether it was sent. */
  send(blob: BlobSource): Promise<boolean>;
  /** Points a tag at a manifest, byte for byte, or stores it under its own digest alone. `seen` is what the tag held when the caller decided: registries have no
   * compare-and-swap, so before a write is repeated the tag is read, and a third digest there is `overtaken`. Resolves as
   * well where the registry refuses (immutable tags) but the tag holds this manifest already. */
  put(at: Tag | Digest, manifest: ManifestBytes, seen: Digest | undefined): Promise<void>;
  /** Every tag, in the registry's order; empty where there is no repository. */
  tags(): Promise<readonly string[]>;
  /** Asks by opening and dropping an upload: nothing is left behind. */
  mayPush(): Promise<PushRight>;
}
