import { ActionError, formatThrown } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { FileTree } from '../../model/file-tree.ts';
import { type ImageConfig, parseImageConfig } from '../../model/image-config.ts';
import type { LayerRecord, Look } from '../../model/layer-record.ts';
import { type Engine, messageOf, streamEngine } from '../engine/call.ts';
import { type Archive, readArchive } from './archive.ts';
import { findImage } from './find-image.ts';
import { fullAllowance } from './layer.ts';
import { readStoredImage } from './read-stored-image.ts';

/** What an image holds, read once; `Content` is what the reader's `look` made of the files it chose. */
export interface ImageContents<Content> {
  readonly configDigest: Digest;
  readonly config: ImageConfig;
  readonly tree: FileTree<Content>;
  /** Records of each layer, the lowest first: what a layer added and took away. */
  readonly layers: readonly (readonly LayerRecord<Content>[])[];
}

/** Reads an image of the engine's store by streaming it: blob by blob where the engine hands those out, else as `docker save` does. Nothing
 * is unpacked to disk, and what stays in memory is a record a file and what `look` keeps.
 * @param at name or id of the image, and the platform to read where the engine has several.
 * @throws ActionError `image-unreadable` where the image is broken or beyond all measure; `engine-missing`, `cancelled`. */
export async function readEngineImage<Content>(
  engine: Engine,
  at: { readonly image: string; readonly platform: string | undefined },
  work: { readonly look: Look<Content>; readonly cancel: AbortSignal },
): Promise<ImageContents<Content>> {
  const stored = await readStoredImage(engine, at, work);
  if (stored !== undefined) return stored;
  const path = ['images', at.image, 'get'];
  const stream = await streamEngine(engine, { method: 'GET', path, query: {}, headers: {}, cancel: work.cancel });
  if (stream.status !== 200) throw unreadable(at.image, await refusal(stream.status, stream.chunks));
  try {
    const archive = await readArchive(stream.chunks, work.look, fullAllowance());
    return assemble(archive, at.platform);
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw unreadable(at.image, formatThrown(error), error);
  }
}

function assemble<Content>(archive: Archive<Content>, platform: string | undefined): ImageContents<Content> {
  const image = findImage(archive, platform);
  const layers = image.layers.map((path) => {
    const records = archive.layers.get(path) ?? archive.layers.get(archive.links.get(path) ?? '');
    if (records === undefined) throw new Error(`the archive lacks the layer ${path.slice(1)}`);
    return records;
  });
  const config = parseImageConfig(image.config);
  return { configDigest: image.configDigest, config, tree: new FileTree(layers), layers };
}

async function refusal(status: number, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  try {
    return messageOf({ status, body: JSON.parse(Buffer.concat(all).toString('utf8')) });
  } catch (error) {
    if (error instanceof SyntaxError) return `status ${status}`;
    throw error;
  }
}

function unreadable(image: string, reason: string, cause?: unknown): ActionError {
  return new ActionError('image-unreadable', `the image ${image} cannot be read: ${reason}`, {
    hint: 'if `docker save` of it works on this runner, please report this with the image’s Dockerfile',
    cause,
  });
}
