import type { PlatformBytecode } from '../model/bytecode.ts';
import type { Digest } from '../model/digest.ts';
import type { ImageIdentity } from '../model/image-identity.ts';
import type { Place } from '../model/place.ts';
import type { Platform } from '../model/platform.ts';

/** A finding of BuildKit's own about the Dockerfile. */
export interface BuildWarning {
  /** Begins with the check's name: `FromAsCasing: …`. */
  readonly text: string;
  readonly url: string;
  /** By the path within the work tree; undefined where BuildKit names no line. */
  readonly place: Place | undefined;
}

/** The first step of the Dockerfile that had to be run. */
export interface UncachedStep {
  /** Its text as BuildKit tells it: variables have their values. */
  readonly step: string;
  /** By the path within the work tree; undefined where it cannot be told which line it is. */
  readonly place: Place | undefined;
  /** Why, as far as that is known; empty otherwise. */
  readonly because: string;
}

/** The image of one platform of those that `platforms` asks for. */
export interface PlatformImage {
  readonly platform: Platform;
  /** Of its manifest; undefined where the engine does not have it. */
  readonly digest: Digest | undefined;
  /** Bytes as a registry keeps them; undefined where the engine does not have it. */
  readonly size: number | undefined;
}

/** The image that this run is about. */
export interface BuiltImage {
  /** What was tested: what is published must be this. */
  readonly identity: ImageIdentity;
  /** The engine's name for it; undefined for an image that did not come to it. */
  readonly localId: Digest | undefined;
  /** Digest of the manifest or index; undefined where it is made by the push and nothing was pushed. */
  readonly digest: Digest | undefined;
  readonly configDigest: Digest | undefined;
  /** Bytes as the engine counts them; undefined for an image that did not come to it. */
  readonly size: number | undefined;
  /** `linux/amd64`, as the engine tells it; undefined for an image that did not come to it. */
  readonly platform: string | undefined;
  /** Empty where the image is for what the builder builds for anyway. */
  readonly platforms: readonly PlatformImage[];
  readonly reused: boolean;
  readonly steps: { readonly cached: number; readonly total: number };
  /** Whether a step of its own ran: where none did, it was made of what caches hold. */
  readonly changed: boolean;
  /** undefined where every step came from a cache, or none ran. */
  readonly uncached: UncachedStep | undefined;
  /** What the compile step says, for each platform that is asked for; empty where none ran. */
  readonly bytecode: readonly PlatformBytecode[];
  /** BuildKit's checks of the Dockerfile (docs.docker.com/reference/build-checks); empty for a reused image. */
  readonly warnings: readonly BuildWarning[];
  /** What docker/build-push-action calls metadata; empty for a reused image. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The image once a registry has it. What docker/build-push-action calls metadata names the registry's digest then, on either store. */
export function settleImage(image: BuiltImage, digest: Digest): BuiltImage {
  const key = 'containerimage.digest';
  return { ...image, digest, metadata: key in image.metadata ? { ...image.metadata, [key]: digest } : image.metadata };
}
