import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { FileTree } from '../../model/file-tree.ts';
import { parseImageConfig } from '../../model/image-config.ts';
import type { LayerRecord, Look } from '../../model/layer-record.ts';
import type { Patience } from '../../model/limits.ts';
import { type Descriptor, isAttestation, parseManifest } from '../../model/manifest.ts';
import type { CacheReader } from '../registry/cache-reader.ts';
import { fullAllowance, readLayer } from './layer.ts';
import { BrokenImage, collectConfig, readBlob } from './read-blob.ts';
import type { ImageContents } from './read-image.ts';

/** Reads an image of a registry, the same facts as of the engine's: its layers as they stream, two at a time, each byte verified.
 * @param at digest of a manifest or index, and the platform to read of an index of several.
 * @throws ActionError `image-unreadable` where the image is broken or beyond all measure, `cancelled`; RegistryError. */
export async function readRegistryImage<Content>(
  reader: CacheReader,
  at: { readonly digest: Digest; readonly platform: string | undefined; readonly patience: Patience },
  look: Look<Content>,
): Promise<ImageContents<Content>> {
  try {
    const image = await findRegistryImage(reader, at);
    const config = await collectConfig(readBlob(reader, image.config, at.patience));
    const layers = await readLayers(image.layers, (layer) => readBlob(reader, layer, at.patience), look);
    return {
      configDigest: image.config.digest,
      config: parseImageConfig(config),
      tree: new FileTree(layers),
      layers,
    };
  } catch (error) {
    if (!(error instanceof BrokenImage) && !isPlain(error)) throw error;
    throw new ActionError('image-unreadable', `the image ${at.digest} cannot be read: ${(error as Error).message}`, {
      hint: 'pull it and look: the registry’s copy may be damaged',
      cause: error,
    });
  }
}

/** While one is unpacked another is fetched; where one cannot be read, the other is given up. */
async function readLayers<Content>(
  all: readonly Descriptor[],
  open: (layer: Descriptor) => AsyncIterable<Uint8Array>,
  look: Look<Content>,
): Promise<readonly (readonly LayerRecord<Content>[])[]> {
  const allowance = fullAllowance();
  const read: (readonly LayerRecord<Content>[])[] = [];
  const waiting = [...all.entries()];
  let failed = false;
  async function* untilFailed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (failed) throw new Error('another layer cannot be read');
      yield chunk;
    }
  }
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !failed; next = waiting.shift()) {
      const [at, layer] = next;
      read[at] = await readLayer(untilFailed(open(layer)), look, allowance);
    }
  };
  const workOrStop = (): Promise<void> =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  const both = [workOrStop(), workOrStop()] as const;
  try {
    await Promise.all(both);
  } finally {
    await Promise.allSettled(both);
  }
  return read;
}

/** What a reader of tars and JSON throws; errors of the registry and of the run have names of their own. */
function isPlain(error: unknown): boolean {
  return error instanceof Error && (error.name === 'Error' || error instanceof SyntaxError);
}

/** Finds the manifest of one image.
 * @throws Error where it is not there, or it cannot be told which of several is meant; what the reader throws. */
export async function findRegistryImage(
  reader: CacheReader,
  { digest, platform, patience }: { digest: Digest; platform: string | undefined; patience: Patience },
): Promise<Extract<ReturnType<typeof parseManifest>, { kind: 'image' }>> {
  const bytes = await reader.manifest(digest, patience);
  if (bytes === undefined) throw new BrokenImage(`there is no manifest ${digest}`);
  const manifest = parseManifest(bytes);
  if (manifest.kind === 'image') return manifest;
  const images = manifest.manifests.filter((entry) => !isAttestation(entry));
  const [image, ...others] = images.length === 1 ? images : images.filter((entry) => entry.platform === platform);
  if (image === undefined || others.length > 0)
    throw new BrokenImage(
      `the index has ${images.length} images, and not one of ${platform ?? 'a platform that was named'}`,
    );
  return findRegistryImage(reader, { digest: image.digest, platform, patience });
}
