// Base images for two platforms, this machine's and a foreign one, in the mirror of base images.

import { ensureBaseImage } from './base-image.mjs';
import { busyboxRecipe } from './busybox-base.mjs';
import { ensureEmulation, FOREIGN, NATIVE } from './emulation.mjs';
import { smallPythonRecipe } from './small-python-base.mjs';

/** What a program of either platform may be built on. @type {Record<string, (architecture: string) => import('./base-image.mjs').Recipe>} */
const RECIPES = { busybox: busyboxRecipe, python: smallPythonRecipe };
const TAG = 'stable';
const TYPES =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';

/**
 * Makes the mirror serve a base image for both platforms, and the kernel run both.
 * @param {{ host: string, env: NodeJS.ProcessEnv, base?: 'busybox' | 'python', log?: (line: string) => void }} options the mirror, and how to reach an engine
 * @returns {Promise<string>} what a Dockerfile calls it
 */
export async function ensureBaseOfBoth({ host, env, base = 'busybox', log = () => {} }) {
  await ensureEmulation(log);
  const repository = `${base}-both`;
  const both = [NATIVE, FOREIGN];
  for (const { architecture, platform } of both) {
    const made = RECIPES[base](architecture);
    // both lie in one repository, where the salt tells whose recipe a tag is of
    const recipe = { ...made, repository, tag: architecture, salt: `${architecture}\0${made.salt}`, platform };
    await ensureBaseImage({ recipe, host, env, log });
  }
  await writeIndex(`http://${host}/v2/library/${repository}`);
  return `${repository}:${TAG}`;
}

/** The same images, the same index: one of an older recipe is replaced. @param {string} repository its address */
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
  if (!reply.ok) throw new Error(`the mirror refuses ${repository}:${TAG}: ${reply.status} ${await reply.text()}`);
}
