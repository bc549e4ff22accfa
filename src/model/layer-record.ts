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

/** Makes something of a file's bytes while they pass; what it keeps is its own to bound. */
export interface ContentReader<Content> {
  write(chunk: Uint8Array): void;
  end(): Content;
}

/** Chooses what is read of a layer; undefined for a file whose bytes nobody needs, or which turns out to be such a file. */
export type Look<Content> = (path: string, entry: FileEntry<never>) => ContentReader<Content | undefined> | undefined;
