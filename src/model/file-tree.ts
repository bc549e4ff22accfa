import { type HiddenEntry, HiddenFiles } from './hidden-files.ts';
import { pathParts, splitPath } from './image-path.ts';
import type { FileEntry, LayerRecord } from './layer-record.ts';
import { impliedFolder, type Place, type TreeEntry, type TreeNode, walkNode } from './tree-node.ts';

const mostLinks = 40; // as the kernel's

/** The files of an image, as a container of it sees them. */
export class FileTree<Content> {
  readonly #root: TreeNode<Content> = { entry: impliedFolder, children: new Map() };
  readonly #hidden = new HiddenFiles<Content>();

  /** Lays layers upon each other, the lowest first.
   * @throws Error where a hard link leads nowhere, or links lead in circles on the way to an entry. */
  constructor(layers: readonly (readonly LayerRecord<Content>[])[]) {
    for (const [index, records] of layers.entries()) {
      // a layer's deletions are about the layers below, wherever among its records they stand
      for (const record of records) this.#remove(record, index);
      for (const record of records) this.#add(record, index);
    }
  }

  /** The entry at a path; links on the way are followed, a link at its end is not. */
  at(path: string): TreeEntry<Content> | undefined {
    return this.#find(path, 'before')?.node.entry;
  }

  /** What a path leads to in the end; undefined where that is nothing. */
  resolve(path: string): Place<Content> | undefined {
    const found = this.#find(path, 'all');
    return found === undefined ? undefined : { path: found.path, entry: found.node.entry };
  }

  /** Names in a folder, behind links; empty where there is no folder. */
  list(path: string): readonly string[] {
    return [...(this.#find(path, 'all')?.node.children.keys() ?? [])];
  }

  /** Everything below a folder and the folder itself, behind a link at its own path and no other. */
  *walk(from = '/'): Generator<Place<Content>> {
    const start = this.#find(from, 'all');
    if (start !== undefined) yield* walkNode(start.path, start.node);
  }

  /** What is no folder and was deleted or replaced, in the order in which that happened. */
  get hidden(): readonly HiddenEntry<Content>[] {
    return this.#hidden.all;
  }

  // links are never followed here: a layer that puts a folder in a link's place names it so, and means nothing behind the link
  #remove(record: LayerRecord<Content>, layer: number): void {
    if (record.change === 'opaque') {
      const { children } = this.#find(record.path, 'none')?.node ?? { children: new Map<string, TreeNode<Content>>() };
      for (const [name, node] of children) this.#hidden.add(`${record.path}/${name}`, node, layer);
      children.clear();
    }
    if (record.change !== 'whiteout') return;
    const { parent, name } = splitPath(record.path);
    const children = this.#find(parent, 'none')?.node.children;
    this.#hidden.add(record.path, children?.get(name), layer);
    children?.delete(name);
  }

  #add(record: LayerRecord<Content>, layer: number): void {
    if (record.change !== 'entry' && record.change !== 'hardlink') return;
    if (record.path === '/') {
      if (record.change === 'entry') this.#root.entry = { ...record.entry, layer };
      return;
    }
    const entry = record.change === 'entry' ? record.entry : this.#linked(record.path, record.to);
    const { parent, name } = splitPath(record.path);
    const { children } = this.#folder(parent, layer);
    const before = children.get(name);
    const stays = entry.kind === 'directory' && before?.entry.kind === 'directory';
    if (!stays && before !== undefined)
      this.#hidden.add(this.#find(record.path, 'before')?.path ?? record.path, before, layer);
    children.set(name, { entry: { ...entry, layer }, children: stays ? before.children : new Map() });
  }

  #linked(path: string, to: string): FileEntry<Content> {
    const found = this.#find(to, 'before')?.node.entry;
    if (found !== undefined && found.kind !== 'directory') return found;
    throw new Error(`${JSON.stringify(path)} is a hard link to ${JSON.stringify(to)}, which is no file`);
  }

  /** The folder at a path, made where no layer names it. */
  #folder(path: string, layer: number): TreeNode<Content> {
    const found = this.#find(path, 'all');
    if (found?.node.entry.kind === 'directory') return found.node;
    const { parent, name } = splitPath(path);
    const made = { entry: impliedFolder, children: new Map() };
    const { children } = this.#folder(parent, layer);
    this.#hidden.add(path, children.get(name), layer);
    children.set(name, made);
    return made;
  }

  #find(path: string, follow: 'none' | 'before' | 'all'): { path: string; node: TreeNode<Content> } | undefined {
    let links = 0;
    let left = pathParts(path);
    let trail: { name: string; node: TreeNode<Content> }[] = [];
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '.') continue;
      if (name === '..') {
        trail.pop();
        continue;
      }
      const node = (trail.at(-1)?.node ?? this.#root).children.get(name);
      if (node === undefined) return undefined;
      const isLink = node.entry.kind === 'symlink';
      if (isLink && (follow === 'all' || (follow === 'before' && left.length > 0))) {
        links += 1;
        if (links > mostLinks) return undefined;
        if (node.entry.target.startsWith('/')) trail = [];
        left = [...pathParts(node.entry.target), ...left];
      } else trail.push({ name, node });
    }
    return { path: `/${trail.map((step) => step.name).join('/')}`, node: trail.at(-1)?.node ?? this.#root };
  }
}
