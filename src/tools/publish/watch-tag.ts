import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '../../model/digest.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';

/** Looks at a tag again and again while an upload to it is under way: the engine writes the tag when the last layer is there, minutes
 * after the last look at it, and what it replaces then could not be put back by anybody who had not seen it.
 * @returns a function that ends this and tells which other image the tag came to hold meanwhile. */
export function watchTag(
  registry: Pick<Registry, 'head'>,
  tag: Tag,
  { before, every }: { readonly before: Digest | undefined; readonly every: number },
): (ours: Digest | undefined) => Promise<Digest | undefined> {
  const over = new AbortController();
  const seen: Digest[] = [];
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await delay(every, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
      if (over.signal.aborted) return;
      const held = await registry.head(tag).catch(ignoreFault);
      if (held !== undefined && held !== before) seen.push(held);
    }
  };
  const watching = watch();
  watching.catch(() => undefined); // told where it is ended: until then nobody waits for it, and node would end the run
  return async (ours) => {
    over.abort();
    await watching;
    return seen.filter((digest) => digest !== ours).at(-1);
  };
}

/** A look that fails is no reason to fail: the write itself tells whether the registry is there. */
function ignoreFault(error: unknown): undefined {
  if (error instanceof RegistryError) return undefined;
  throw error;
}
