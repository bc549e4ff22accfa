import { createHash } from 'node:crypto';
import type { Brand } from './brand.ts';

/** `sha256:` and 64 lower-case hex digits: the name of a manifest, index, config or layer (OCI image spec, "Digests"). */
export type Digest = Brand<string, 'Digest'>;

const shape = /^sha256:[0-9a-f]{64}$/;

/** Tells whether a text is a sha256 digest in its canonical spelling. */
export function isDigest(text: string): text is Digest {
  return shape.test(text);
}

/** Reads a digest.
 * @throws Error naming the text where it is none; callers give it its context. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new Error(`not a sha256 digest: ${JSON.stringify(text)}`);
  return text;
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
