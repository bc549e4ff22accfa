import type { Digest } from '../../model/digest.ts';
import { type ImageConfig, parseImageConfig } from '../../model/image-config.ts';
import { type ImageLayer, listLayers } from '../../model/image-layers.ts';
import { isAttestation, type ManifestBytes, parseManifest } from '../../model/manifest.ts';
import type { Registry } from '../../model/registry.ts';
import { knownSecrets } from '../known-secrets.ts';

/** What the two small documents of an image say: nothing of its layers is read. */
export interface ImageDocuments {
  /** Of the manifest or index that was asked for. */
  readonly digest: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
}

const longestConfig = 4 * 1024 * 1024;

/** Reads manifest and configuration of an image.
 * @param found its manifest, or an index of one image alone.
 * @throws RegistryError; Error where there is no such image, or none that can be read. */
export async function readDocuments(registry: Registry, found: ManifestBytes): Promise<ImageDocuments> {
  const manifest = parseManifest(found);
  if (manifest.kind === 'image') {
    const read = parseImageConfig(await registry.blob(manifest.config.digest, longestConfig));
    // before anything of it is cut: a builder's arguments are in it
    const history = read.history.map((one) => ({ ...one, createdBy: knownSecrets.redact(one.createdBy) }));
    const config = { ...read, history };
    return { digest: found.digest, config, layers: listLayers(manifest.layers, config) };
  }
  const [image, ...others] = manifest.manifests.filter((entry) => !isAttestation(entry));
  if (image === undefined || others.length > 0)
    throw new Error(`the index ${found.digest} has ${others.length + Number(image !== undefined)} images`);
  const child = await registry.manifest(image.digest);
  if (child === undefined || parseManifest(child).kind !== 'image') throw new Error(`${found.digest} has no image`);
  return { ...(await readDocuments(registry, child)), digest: found.digest };
}
