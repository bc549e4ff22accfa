import { assembleFacts } from '../../audit/assemble-facts.ts';
import type { DockerfileFacts } from '../../audit/dockerfile-facts.ts';
import type { FileContent, ImageFacts } from '../../audit/image-facts.ts';
import { lookForAudit } from '../../audit/read-content.ts';
import type { Digest } from '../../model/digest.ts';
import { layerPatience } from '../../model/limits.ts';
import type { Engine } from '../engine/call.ts';
import { type ImageContents, readEngineImage } from '../image-reader/read-image.ts';
import { readRegistryImage } from '../image-reader/read-registry-image.ts';
import { knownSecrets } from '../known-secrets.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** Where an image is read; `platform` says which one where there are several. */
export type ImageSource =
  /** By name or id. */
  | { readonly kind: 'engine'; readonly engine: Engine; readonly image: string; readonly platform: string | undefined }
  /** By the digest of a manifest or index. */
  | {
      readonly kind: 'registry';
      readonly reader: CacheReader;
      readonly digest: Digest;
      readonly platform: string | undefined;
    };

/** Reads what rules ask of an image, streaming: nothing is unpacked to disk, and memory holds a record a file and the text that rules want,
 * 64 MiB of it at most. Both sources give the same facts. Nothing is run: `probes` is undefined.
 * @throws ActionError `image-unreadable` where the image is broken or beyond all measure; `engine-missing`, `cancelled`; RegistryError. */
export async function readImageFacts(
  source: ImageSource,
  dockerfile: DockerfileFacts | undefined,
  cancel: AbortSignal,
): Promise<ImageFacts> {
  const look = lookForAudit();
  const read = (): Promise<ImageContents<FileContent>> => {
    switch (source.kind) {
      case 'engine':
        return readEngineImage(source.engine, source, { look, cancel });
      case 'registry':
        return readRegistryImage(source.reader, { ...source, patience: layerPatience }, look);
    }
  };
  const day = new Date().toISOString().slice(0, 10);
  return assembleFacts({ day, ...(await read()) }, dockerfile, (text) => knownSecrets.redact(text));
}
