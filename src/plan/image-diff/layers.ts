import type { ImageLayer } from '../../model/image-layers.ts';

/** A layer that one of two images has alone, or that an instruction made anew. Sizes in bytes as a registry keeps them. */
export interface LayerChange {
  /** What made it, as a Dockerfile says it; empty where that is not known. */
  readonly instruction: string;
  /** Undefined where the image before had none of this instruction. */
  readonly before: ImageLayer | undefined;
  /** Undefined where the image now has none of this instruction. */
  readonly after: ImageLayer | undefined;
}

/** Finds the layers in which two images differ: those that are equal byte for byte are left out wherever they stand, of the others those
 * of the same instruction belong together. */
export function diffLayers(before: readonly ImageLayer[], after: readonly ImageLayer[]): readonly LayerChange[] {
  const [gone, come] = [without(before, after), without(after, before)];
  const waiting = new Set(gone);
  const changed = come.map((layer): LayerChange => {
    const { instruction } = layer;
    const partner =
      instruction === '' ? undefined : gone.find((one) => waiting.has(one) && one.instruction === instruction);
    if (partner !== undefined) waiting.delete(partner);
    return { instruction, before: partner, after: layer };
  });
  const removed = [...waiting].map(
    (layer): LayerChange => ({ instruction: layer.instruction, before: layer, after: undefined }),
  );
  return [...changed, ...removed];
}

/** How many layers two images have in common from the lowest on. */
export function countShared(before: readonly ImageLayer[], after: readonly ImageLayer[]): number {
  const differs = before.findIndex(({ diffId }, at) => after[at]?.diffId !== diffId);
  return differs < 0 ? Math.min(before.length, after.length) : differs;
}

/** The layers that the other image has not, or not as often. */
function without(layers: readonly ImageLayer[], others: readonly ImageLayer[]): readonly ImageLayer[] {
  const left = new Map<string, number>();
  for (const { diffId } of others) left.set(diffId, (left.get(diffId) ?? 0) + 1);
  return layers.filter(({ diffId }) => {
    const count = left.get(diffId) ?? 0;
    left.set(diffId, count - 1);
    return count <= 0;
  });
}
