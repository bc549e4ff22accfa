import type { ImageConfig } from './image-config.ts';
import type { Descriptor } from './manifest.ts';

/** A layer as manifest and configuration tell of it together. */
export interface ImageLayer {
  /** Digest of its content unpacked: equal where the content is. */
  readonly diffId: string;
  /** Its blob; the size is that of the bytes as a registry keeps them. */
  readonly blob: Descriptor;
  /** Where it stands in the history; undefined where the history does not fit the layers. */
  readonly entry: number | undefined;
  /** What made it, as a Dockerfile says it: `RUN make`; empty where that is not known. */
  readonly instruction: string;
}

/** Engines refuse images of more than 127. */
const mostLayers = 1_000;

/** The layers of an image, the lowest first.
 * @throws Error where manifest and configuration differ in their number, or that is beyond all measure. */
export function listLayers(
  blobs: readonly Descriptor[],
  { diffIds, history }: Pick<ImageConfig, 'diffIds' | 'history'>,
): readonly ImageLayer[] {
  if (blobs.length !== diffIds.length)
    throw new Error(`the manifest has ${blobs.length} layers and the configuration ${diffIds.length}`);
  if (blobs.length > mostLayers) throw new Error(`the image has ${blobs.length} layers`);
  const entries = [...history.keys()].filter((at) => history[at]?.hasLayer === true);
  const fits = entries.length === blobs.length;
  return blobs.map((blob, at) => {
    const entry = fits ? entries[at] : undefined;
    const createdBy = entry === undefined ? '' : (history[entry]?.createdBy ?? '');
    return { diffId: diffIds[at] ?? '', blob, entry, instruction: formatInstruction(createdBy) };
  });
}

const longest = 300;

/** What a history says, as a Dockerfile does: without the builder's shell, build arguments (which change with every commit, and nobody
 * needs to see their values) and remarks; on one line. */
export function formatInstruction(createdBy: string): string {
  const plain = createdBy
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/ # buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\) */, '')
    .replace(/^RUN \|\d+ .*? (?=\/bin\/(?:ba)?sh -)/, 'RUN ')
    .replace(/^(?:RUN )?\/bin\/(?:ba)?sh (?:-\S+ |pipefail )*?-\w*c /, 'RUN ');
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}
