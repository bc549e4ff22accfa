// The mirror of docker.io for machines that cannot reach it: a registry of our own with the base images in it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, forget, recall, remember, writeWhole } from './folders.mjs';
import { ask, findFreePort, isPortFree } from './http.mjs';
import { isRunning, startDetached, stopProcess, until } from './process.mjs';
import { renderRegistryConfig } from './registry-config.mjs';

const PREFERRED_PORT = 5000;
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/**
 * Starts the mirror where it does not run, on the port it had before where that is still free.
 * @param {{ log: (line: string) => void, program: string }} options
 * @returns {Promise<string>} its host, `127.0.0.1:PORT`
 */
export async function startBases({ log, program }) {
  const known = recall('bases');
  if (isRunning(known) && (await answers(known.port))) return `127.0.0.1:${known.port}`;
  await stopProcess(known, { graceMs: 2_000 });
  const port = await findFreePort(known?.port ?? PREFERRED_PORT);
  log(`bases: starting the mirror of base images on 127.0.0.1:${port}`);
  const folder = join(cacheFolder(), 'bases');
  mkdirSync(join(folder, 'storage'), { recursive: true });
  const config = join(folder, 'config.yml');
  writeWhole(config, renderRegistryConfig({ port, storage: join(folder, 'storage'), htpasswd: undefined }));
  const identity = await startDetached([program, 'serve', config], { logFile: join(folder, 'registry.log'), cwd: '/' });
  remember('bases', { ...identity, port });
  const up = await until(async () => !isRunning(identity) || (await answers(port)), { timeoutMs: 10_000, everyMs: 25 });
  if (!up || !isRunning(identity))
    throw new Error(`the mirror of base images did not come up: see ${join(folder, 'registry.log')}`);
  return `127.0.0.1:${port}`;
}

/** Stops the mirror; it comes back on the same port. */
export async function stopBases() {
  const known = recall('bases');
  await stopProcess(known, { graceMs: 2_000 });
  if (known === undefined) forget('bases');
  else remember('bases', { pid: 0, started: '', port: known.port });
}

/** Whether the mirror answers right now. */
export async function areBasesUp() {
  const known = recall('bases');
  return isRunning(known) && (await answers(known.port));
}

/** Whether the mirror has this image. @param {string} host @param {string} repository @param {string} tag */
export async function hasBase(host, repository, tag) {
  const port = Number(host.split(':')[1]);
  const path = `/v2/${repository}/manifests/${tag}`;
  const answer = await ask({ port, path, method: 'HEAD', headers: { accept: MANIFESTS } });
  return answer?.status === 200;
}

/** @param {number} port */
async function answers(port) {
  if (await isPortFree(port)) return false;
  return (await ask({ port, path: '/v2/', timeoutMs: 2_000 }))?.status === 200;
}
