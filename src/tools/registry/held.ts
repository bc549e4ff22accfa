import type { Digest } from '../../model/digest.ts';
import { isAttestation, type ManifestBytes, parseManifest } from '../../model/manifest.ts';
import { type Registry, RegistryError } from '../../model/registry.ts';
import type { Tag } from '../../model/tag.ts';
import type { Held } from '../../plan/adoption.ts';
import { commonLabels, type OurLabels, readLabels } from '../../plan/labels.ts';

const configLimit = 4 * 1024 * 1024;

/** What a tag or a digest holds, with our labels: of an index those that all its platforms share. What is there and is no image of a
 * kind we read is `unreadable`.
 * @throws RegistryError where the registry does not answer. */
export async function readHeld(registry: Registry, at: Tag | Digest): Promise<Held> {
  const found = await registry.manifest(at);
  if (found === undefined) return { kind: 'absent' };
  try {
    return { kind: 'held', digest: found.digest, labels: await readOurLabels(registry, found) };
  } catch (error) {
    if (error instanceof RegistryError || !(error instanceof Error)) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}

async function readOurLabels(registry: Registry, found: ManifestBytes): Promise<OurLabels | undefined> {
  const manifest = parseManifest(found);
  if (manifest.kind === 'image') {
    const config: unknown = JSON.parse(
      Buffer.from(await registry.blob(manifest.config.digest, configLimit)).toString('utf8'),
    );
    return readLabels((config as { config?: { Labels?: unknown } } | null)?.config?.Labels);
  }
  const images = manifest.manifests.filter((entry) => !isAttestation(entry));
  const children = await Promise.all(images.map(({ digest }) => registry.manifest(digest)));
  const labels = children.map(async (child) => (child === undefined ? undefined : readOurLabels(registry, child)));
  return commonLabels(await Promise.all(labels));
}
