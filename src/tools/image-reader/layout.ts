import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../model/digest.ts';
import { takeManifest } from '../../model/manifest.ts';
import type { CacheReader } from '../registry/cache-reader.ts';

/** Reads a folder in the OCI image layout as a registry is read; nothing in it is verified but manifests.
 * @throws Error from its methods where a file cannot be read, or a manifest is another one than its name says. */
export function openLayout(folder: string): CacheReader {
  const pathOf = (digest: Digest): string => join(folder, 'blobs', ...digest.split(':'));
  return {
    manifest: async (digest) => {
      const found = takeManifest(await readFile(pathOf(digest)), undefined);
      if (found.digest !== digest) throw new Error(`${pathOf(digest)} holds ${found.digest}`);
      return found;
    },
    openBlob: async (digest, offset) => createReadStream(pathOf(digest), { start: offset }),
  };
}
