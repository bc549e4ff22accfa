import { createHash } from 'node:crypto';
import { ActionError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { FileTree } from '../../model/file-tree.ts';
import { parseImageConfig } from '../../model/image-config.ts';
import type { LayerRecord, Look } from '../../model/layer-record.ts';
import type { Patience } from '../../model/limits.ts';
import { type Descriptor, isAttestation, parseManifest } from '../../model/manifest.ts';
import { HttpError } from '../http/http.ts';
import type { CacheReader } from '../registry/cache-reader.ts';
import { fullAllowance, readLayer } from './layer.ts';
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
    const image = await findImage(reader, at);
    const config = await collect(readBlob(reader, image.config, at.patience));
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

class BrokenImage extends Error {}

async function findImage(
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
  return findImage(reader, { digest: image.digest, platform, patience });
}

const mostBreaks = 5;

/** A blob of the size that its descriptor says, as it comes, taken up again where it broke off; its last piece is handed out once all of it is known to be right.
 * @throws Error where it is another; RegistryError, HttpError, ActionError `cancelled`. */
export async function* readBlob(
  reader: CacheReader,
  { digest, size }: Descriptor,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let offset = 0;
  for (let breaks = 0; offset < size; ) {
    try {
      for await (const chunk of await reader.openBlob(digest, offset, patience)) {
        offset += chunk.byteLength;
        if (offset > size) throw new BrokenImage(`${digest} is longer than the ${size} bytes it should have`);
        hash.update(chunk);
        if (offset === size) requireDigest(`sha256:${hash.digest('hex')}`, digest);
        yield chunk;
      }
      if (offset < size) throw new BrokenImage(`${digest} has ${offset} bytes and not ${size}`);
    } catch (error) {
      breaks += 1;
      if (!(error instanceof HttpError) || breaks > mostBreaks) throw error;
    }
  }
}

function requireDigest(is: string, digest: Digest): void {
  if (is !== digest) throw new BrokenImage(`the bytes of ${digest} are those of ${is}`);
}

const longestConfig = 4 * 1024 * 1024;

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > longestConfig) throw new BrokenImage('the configuration is longer than 4 MiB');
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
