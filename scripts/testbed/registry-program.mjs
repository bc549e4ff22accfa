// The registry's program (CNCF distribution): the machine's own, or one unpacked into the cache folder.

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readRelease, unpackPackages } from './apt.mjs';
import { engineSuites } from './engine.mjs';
import { cacheFolder, makeFolderOnce } from './folders.mjs';

const NAMES = ['docker-registry', 'registry'];

/** The registry's program where one is there already. @returns {string | undefined} */
export function findRegistryProgram() {
  const unpacked = join(registryFolder(), 'usr', 'bin', 'docker-registry');
  if (existsSync(unpacked)) return unpacked;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

/**
 * The registry's program, fetched where apt can; undefined on other machines.
 * @param {(line: string) => void} log
 */
export async function obtainRegistryProgram(log) {
  const found = findRegistryProgram();
  if (found !== undefined || readRelease() === undefined) return found;
  await makeFolderOnce(registryFolder(), async (folder) => {
    log('registry: fetching docker-registry from the package mirror');
    await unpackPackages({ suites: engineSuites(), packages: ['docker-registry'], folder });
  });
  return findRegistryProgram();
}

function registryFolder() {
  return join(cacheFolder(), 'registry-program');
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
