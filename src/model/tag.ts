import type { Brand } from './brand.ts';

/** A legal tag of a registry: 1 to 128 characters (OCI distribution spec, "Pulling manifests"). */
export type Tag = Brand<string, 'Tag'>;

const shape = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Tells whether a text is a legal tag. */
export function isTag(text: string): text is Tag {
  return shape.test(text);
}

/** Reads a tag.
 * @throws Error naming the text where it is none. */
export function parseTag(text: string): Tag {
  if (!isTag(text)) throw new Error(`not a legal tag: ${JSON.stringify(text)}`);
  return text;
}
