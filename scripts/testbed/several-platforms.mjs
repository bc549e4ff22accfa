// A base image for two platforms, this machine's and a foreign one, in the mirror of base images.

import { ensureBaseImage } from './base-image.mjs';
import { hasBase } from './bases.mjs';
import { busyboxRecipe } from './busybox-base.mjs';
import { ensureEmulation, FOREIGN, NATIVE } from './emulation.mjs';

const REPOSITORY = 'busybox-both';
const TAG = 'stable';
const TYPES =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';

/**
 * Makes the mirror serve busybox for both platforms, and the kernel run both.
 * @param {{ host: string, env: NodeJS.ProcessEnv, log?: (line: string) => void }} options the mirror, and how to reach an engine
 * @returns {Promise<string>} what a Dockerfile calls it
 */
export async function ensureBaseOfBoth({ host, env, log = () => {} }) {
  await ensureEmulation(log);
  const both = [NATIVE, FOREIGN];
  for (const { architecture, platform } of both) {
    const recipe = { ...busyboxRecipe(architecture), repository: REPOSITORY, tag: architecture, platform };
    await ensureBaseImage({ recipe, host, env, log });
  }
  if (!(await hasBase(host, `library/${REPOSITORY}`, TAG))) await writeIndex(`http://${host}/v2/library/${REPOSITORY}`);
  return `${REPOSITORY}:${TAG}`;
}

/** @param {string} repository its address */
async function writeIndex(repository) {
  const manifests = await Promise.all(
    [NATIVE, FOREIGN].map(async ({ architecture }) => {
      const reply = await fetch(`${repository}/manifests/${architecture}`, { headers: { accept: TYPES } });
      const size = (await reply.arrayBuffer()).byteLength;
      const mediaType = reply.headers.get('content-type');
      const digest = reply.headers.get('docker-content-digest');
      return { mediaType, digest, size, platform: { architecture, os: 'linux' } };
    }),
  );
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const headers = { 'content-type': mediaType };
  const reply = await fetch(`${repository}/manifests/${TAG}`, { method: 'PUT', headers, body });
  if (!reply.ok) throw new Error(`the mirror refuses ${REPOSITORY}:${TAG}: ${reply.status} ${await reply.text()}`);
}
