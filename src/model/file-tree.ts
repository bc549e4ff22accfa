/** What a file system says of one entry; `Content` is what a reader made of a file's bytes. */
export interface FileEntry<Content> {
  readonly kind: 'file' | 'directory' | 'symlink' | 'device' | 'fifo';
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file; 0 for all others. */
  readonly size: number;
  /** Seconds since 1970, whole: what is left of a second counts as nothing, as for an interpreter. */
  readonly mtime: number;
  /** Where a symlink leads, as written; empty for all others. */
  readonly target: string;
  /** Undefined for what nobody wanted to read. */
  readonly content: Content | undefined;
}

/** One line of a layer (OCI image spec, "Image Layer Filesystem Changeset"). Paths are absolute and plain. */
export type LayerRecord<Content> =
  | { readonly change: 'entry'; readonly path: string; readonly entry: FileEntry<Content> }
  | { readonly change: 'hardlink'; readonly path: string; readonly to: string }
  /** The path is gone from the layers below. */
  | { readonly change: 'whiteout'; readonly path: string }
  /** What the layers below hold in the folder is gone. */
  | { readonly change: 'opaque'; readonly path: string };

/** An entry of the merged tree. */
export interface TreeEntry<Content> extends FileEntry<Content> {
  /** Index of the layer that it comes from; -1 for a folder that no layer names. */
  readonly layer: number;
}

/** Makes something of a file's bytes while they pass; what it keeps is its own to bound. */
export interface ContentReader<Content> {
  write(chunk: Uint8Array): void;
  end(): Content;
}

/** Chooses what is read of a layer; undefined for a file whose bytes nobody needs, or which turns out to be such a file. */
export type Look<Content> = (path: string, entry: FileEntry<never>) => ContentReader<Content | undefined> | undefined;

interface Node<Content> {
  entry: TreeEntry<Content>;
  readonly children: Map<string, Node<Content>>;
}

/** A path that is there, behind all links. */
export interface Place<Content> {
  /** Without a link in it. */
  readonly path: string;
  readonly entry: TreeEntry<Content>;
}

/** What a layer holds, and a later one hides: it ships all the same. */
export interface HiddenEntry<Content> extends Place<Content> {
  /** Index of the layer that hides it. */
  readonly by: number;
}

const mostLinks = 40; // as the kernel's

/** The files of an image, as a container of it sees them. */
export class FileTree<Content> {
  readonly #root: Node<Content> = { entry: impliedFolder, children: new Map() };
  readonly #hidden: HiddenEntry<Content>[] = [];

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
    return this.#hidden;
  }

  // links are never followed here: a layer that puts a folder in a link's place names it so, and means nothing behind the link
  #remove(record: LayerRecord<Content>, layer: number): void {
    if (record.change === 'opaque') {
      const { children } = this.#find(record.path, 'none')?.node ?? { children: new Map<string, Node<Content>>() };
      for (const [name, node] of children) this.#hide(`${record.path}/${name}`, node, layer);
      children.clear();
    }
    if (record.change !== 'whiteout') return;
    const { parent, name } = splitPath(record.path);
    const children = this.#find(parent, 'none')?.node.children;
    this.#hide(record.path, children?.get(name), layer);
    children?.delete(name);
  }

  #hide(path: string, node: Node<Content> | undefined, by: number): void {
    if (node === undefined) return;
    for (const place of walkNode(plainPath(path), node))
      if (place.entry.kind !== 'directory' && place.entry.layer !== by) this.#hidden.push({ ...place, by });
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
      this.#hide(this.#find(record.path, 'before')?.path ?? record.path, before, layer);
    children.set(name, { entry: { ...entry, layer }, children: stays ? before.children : new Map() });
  }

  #linked(path: string, to: string): FileEntry<Content> {
    const found = this.#find(to, 'before')?.node.entry;
    if (found !== undefined && found.kind !== 'directory') return found;
    throw new Error(`${JSON.stringify(path)} is a hard link to ${JSON.stringify(to)}, which is no file`);
  }

  /** The folder at a path, made where no layer names it. */
  #folder(path: string, layer: number): Node<Content> {
    const found = this.#find(path, 'all');
    if (found?.node.entry.kind === 'directory') return found.node;
    const { parent, name } = splitPath(path);
    const made = { entry: impliedFolder, children: new Map() };
    const { children } = this.#folder(parent, layer);
    this.#hide(path, children.get(name), layer);
    children.set(name, made);
    return made;
  }

  #find(path: string, follow: 'none' | 'before' | 'all'): { path: string; node: Node<Content> } | undefined {
    let links = 0;
    let left = parts(path);
    let trail: { name: string; node: Node<Content> }[] = [];
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
        left = [...parts(node.entry.target), ...left];
      } else trail.push({ name, node });
    }
    return { path: `/${trail.map((step) => step.name).join('/')}`, node: trail.at(-1)?.node ?? this.#root };
  }
}

const impliedFolder = {
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

function* walkNode<Content>(path: string, node: Node<Content>): Generator<Place<Content>> {
  const waiting = [{ path, node }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield { path: next.path, entry: next.node.entry };
    const prefix = next.path === '/' ? '/' : `${next.path}/`;
    for (const [name, child] of next.node.children) waiting.push({ path: `${prefix}${name}`, node: child });
  }
}

/** The absolute path that an entry of a layer stands for; nothing leads out of the image. */
export function plainPath(name: string): string {
  const kept: string[] = [];
  for (const part of parts(name)) {
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** The folder of a plain path, and the name in it. */
export function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const cut = path.lastIndexOf('/');
  return { parent: cut <= 0 ? '/' : path.slice(0, cut), name: path.slice(cut + 1) };
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
