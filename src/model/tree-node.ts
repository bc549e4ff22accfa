import type { FileEntry } from './layer-record.ts';

/** An entry of the merged tree. */
export interface TreeEntry<Content> extends FileEntry<Content> {
  /** Index of the layer that it comes from; -1 for a folder that no layer names. */
  readonly layer: number;
}

/** An entry with what is below it. */
export interface TreeNode<Content> {
  entry: TreeEntry<Content>;
  readonly children: Map<string, TreeNode<Content>>;
}

/** A path that is there, behind all links. */
export interface Place<Content> {
  /** Without a link in it. */
  readonly path: string;
  readonly entry: TreeEntry<Content>;
}

/** A folder that no layer names, as a container has it. */
export const impliedFolder = {
  kind: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  target: '',
  content: undefined,
  layer: -1,
} as const;

/** A node and everything below it. */
export function* walkNode<Content>(path: string, node: TreeNode<Content>): Generator<Place<Content>> {
  const waiting = [{ path, node }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield { path: next.path, entry: next.node.entry };
    const prefix = next.path === '/' ? '/' : `${next.path}/`;
    for (const [name, child] of next.node.children) waiting.push({ path: `${prefix}${name}`, node: child });
  }
}
