import { digestOf } from '../../../src/model/digest.ts';
import type { Repository } from '../../../src/model/image-ref.ts';
import type { ManifestBytes } from '../../../src/model/manifest.ts';
import type { MemoryRegistries } from '../memory-registry.ts';

/** An image that says of which commit it is; its config lies in the repository. */
export function labelledImage(
  registries: MemoryRegistries,
  repository: Repository,
  { name, head, revision }: { readonly name: string; readonly head: string; readonly revision: string },
): ManifestBytes {
  const labels = { 'io.slipway.head': head, 'io.slipway.revision': revision, 'io.slipway.dirty': 'false' };
  const text = JSON.stringify({ name, config: { Labels: labels } });
  const config = registries.addBlob(repository, Buffer.from(text));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const described = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: text.length };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers: [] }));
  return { digest: digestOf(bytes), mediaType, bytes };
}
