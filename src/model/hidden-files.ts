import { plainPath } from './image-path.ts';
import { type Place, type TreeNode, walkNode } from './tree-node.ts';

/** What a layer holds, and a later one hides: it ships all the same. */
export interface HiddenEntry<Content> extends Place<Content> {
  /** Index of the layer that hides it. */
  readonly by: number;
}

/** What is no folder and was deleted or replaced, in the order in which that happened. */
export class HiddenFiles<Content> {
  readonly #all: HiddenEntry<Content>[] = [];

  get all(): readonly HiddenEntry<Content>[] {
    return this.#all;
  }

  /** Keeps what a layer takes away at a path, and all below it; what the layer brought itself was never seen. */
  add(path: string, node: TreeNode<Content> | undefined, by: number): void {
    if (node === undefined) return;
    for (const place of walkNode(plainPath(path), node))
      if (place.entry.kind !== 'directory' && place.entry.layer !== by) this.#all.push({ ...place, by });
  }
}
