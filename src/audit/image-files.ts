import type { FileEntry } from '../model/layer-record.ts';
import type { Place } from '../model/tree-node.ts';
import type { Sighting } from './finding.ts';
import type { FileContent, ImageFacts } from './image-facts.ts';

/** A file that ships, seen or not. */
export interface ShippedFile {
  readonly path: string;
  readonly entry: FileEntry<FileContent>;
  readonly layer: number;
  /** The layer that hides it; undefined for what a container sees. */
  readonly hiddenBy: number | undefined;
}

const seen = new WeakMap<ImageFacts['tree'], readonly Place<FileContent>[]>();

/** Everything that a container sees, folders too; gone over once for all rules. */
export function visibleEntries({ tree }: Pick<ImageFacts, 'tree'>): readonly Place<FileContent>[] {
  const known = seen.get(tree) ?? [...tree.walk()];
  seen.set(tree, known);
  return known;
}

const shipped = new WeakMap<ImageFacts['tree'], readonly ShippedFile[]>();

/** Everything that ships and is no folder: what a container sees, and what a later layer hides. */
export function shippedFiles(facts: Pick<ImageFacts, 'tree' | 'hidden'>): readonly ShippedFile[] {
  const known = shipped.get(facts.tree) ?? [
    ...visibleEntries(facts).flatMap(({ path, entry }) =>
      entry.kind === 'directory' ? [] : [{ path, entry, layer: entry.layer, hiddenBy: undefined }],
    ),
    ...facts.hidden.map(({ path, entry, by }) => ({ path, entry, layer: entry.layer, hiddenBy: by })),
  ];
  shipped.set(facts.tree, known);
  return known;
}

/** What was seen at a file. */
export function atFile({ path, layer }: Pick<ShippedFile, 'path' | 'layer'>, detail: string): Sighting {
  return { subject: { kind: 'file', path, layer }, detail };
}

/** Whether the Dockerfile put it there, and no base. */
export function isOwn({ layers }: Pick<ImageFacts, 'layers'>, layer: number): boolean {
  return layers[layer]?.from === 'line';
}

/** Whether it is known which layers are the Dockerfile's own. */
export function knowsOwn({ layers }: Pick<ImageFacts, 'layers'>): boolean {
  return layers.some(({ from }) => from === 'line');
}

/** What comes with an interpreter, a distribution or a package: nobody's own file. */
export function isOfPackage(path: string): boolean {
  return /\/(?:site|dist)-packages\/|\/lib\/python\d|\/node_modules\/|^\/usr\/(?:lib|share|include|src)\/|^\/lib\//.test(
    path,
  );
}

/** `12.3 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
