// The registry's program in version 3 (CNCF distribution), built by Go into the cache folder: no distribution of Linux ships it yet.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, makeFolderOnce } from './folders.mjs';
import { withLock } from './lock.mjs';
import { run } from './process.mjs';

const MODULE = 'github.com/distribution/distribution/v3/cmd/registry@v3.1.1';
const BUILD_MS = 10 * 60_000;

/** The program; built where it is missing, which takes Go and some minutes. @param {(line: string) => void} [log] */
export async function obtainRegistry3(log = () => {}) {
  const folder = join(cacheFolder(), 'registry-3');
  if (existsSync(folder)) return join(folder, 'registry');
  await withLock(log, () =>
    makeFolderOnce(folder, async (target) => {
      log('registry: building distribution 3');
      await run(['go', 'install', MODULE], {
        env: { ...process.env, GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '' },
        timeoutMs: BUILD_MS,
      });
    }),
  );
  return join(folder, 'registry');
}
