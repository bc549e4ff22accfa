// The configuration folder of the docker client that children of the test bench use: nobody's logins are in it.

import { existsSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './folders.mjs';

/**
 * Makes the folder with the buildx plugin in it, and returns its path.
 * @param {string} buildx the plugin's program
 * @param {import('./engine.mjs').EngineKind} kind each engine's client has its own
 */
export function ensureClientConfig(buildx, kind) {
  const folder = join(cacheFolder(), kind === 'default' ? 'docker-config' : `docker-config-${kind}`);
  const plugin = join(folder, 'cli-plugins', 'docker-buildx');
  mkdirSync(join(folder, 'cli-plugins'), { recursive: true });
  if (readTarget(plugin) !== buildx) {
    rmSync(plugin, { force: true });
    symlinkSync(buildx, plugin);
  }
  const config = join(folder, 'config.json');
  if (!existsSync(config)) writeFileSync(config, '{}\n', { mode: 0o600 });
  return folder;
}

/** @param {string} link */
function readTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // no link there yet
  }
}
