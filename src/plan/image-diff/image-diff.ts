import type { Digest } from '../../model/digest.ts';
import type { ImageLayer } from '../../model/image-layers.ts';
import type { Place } from '../../model/place.ts';
import { diffLayers } from './layers.ts';
import type { Origin } from './origin.ts';
import type { PackageChange } from './packages.ts';

/** In what an image differs from the production branch's. */
export interface ImageDiff {
  readonly against: { readonly reference: string; readonly digest: Digest };
  /** Bytes of all layers, packed as the registry keeps them. */
  readonly size: { readonly before: number; readonly after: number };
  /** Layers that are not equal byte for byte, those that grew most first. */
  readonly layers: readonly LayerGrowth[];
  readonly packages: PackageDiff;
}

/** A layer that is another one, new or gone. Sizes in bytes, packed; undefined where there is none. */
export interface LayerGrowth {
  /** What made it, as a Dockerfile says it; empty where that is not known. */
  readonly instruction: string;
  readonly from: 'line' | 'base' | 'bytecode' | 'unknown';
  /** The instruction in the work tree, where `from` is `line`. */
  readonly place: Place | undefined;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** The packages that differ. */
export interface PackageDiff {
  /** By kind and name, a thousand at most. */
  readonly changes: readonly PackageChange[];
  /** How many more there are. */
  readonly more: number;
  /** What was not compared and why, in sentences; empty where all was. */
  readonly unread: readonly string[];
}

/** An image as its documents tell of it. */
export interface ImageLayers {
  readonly digest: Digest;
  readonly layers: readonly ImageLayer[];
}

/** Compares two images by their documents; packages are another matter.
 * @param trace of the image now: where an entry of its history comes from.
 * @param file the Dockerfile's path within the work tree. */
export function diffImages(
  before: ImageLayers & { readonly reference: string },
  after: ImageLayers,
  { trace, file, packages }: { trace: readonly Origin[]; file: string; packages: PackageDiff },
): ImageDiff {
  const layers = diffLayers(before.layers, after.layers).map((change): LayerGrowth => {
    const entry = change.after?.entry;
    const origin: Origin = (entry === undefined ? undefined : trace[entry]) ?? { kind: 'unknown' };
    return {
      instruction: change.instruction,
      from: origin.kind,
      place: origin.kind === 'line' ? { file, line: origin.line } : undefined,
      before: change.before?.blob.size,
      after: change.after?.blob.size,
    };
  });
  return {
    against: { reference: before.reference, digest: before.digest },
    size: { before: sum(before.layers), after: sum(after.layers) },
    layers: layers.toSorted((a, b) => growthOf(b) - growthOf(a)),
    packages,
  };
}

/** Bytes by which a layer grew; less than nothing where it shrank. */
export function growthOf({ before, after }: Pick<LayerGrowth, 'before' | 'after'>): number {
  return (after ?? 0) - (before ?? 0);
}

/** The most that is told of packages; the rest is counted. */
const mostChanges = 1_000;

export function limitChanges(changes: readonly PackageChange[], unread: readonly string[]): PackageDiff {
  return { changes: changes.slice(0, mostChanges), more: Math.max(0, changes.length - mostChanges), unread };
}

function sum(layers: readonly ImageLayer[]): number {
  return layers.reduce((total, { blob }) => total + blob.size, 0);
}
