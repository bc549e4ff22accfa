// The test bench: a Docker engine, a mirror of base images, registries and a Node 24, brought up where they are missing.

import { realpathSync } from 'node:fs';
import { delimiter } from 'node:path';
import { canInstall } from './apt.mjs';
import { ensureBaseImage } from './base-image.mjs';
import { startBases, stopBases } from './bases.mjs';
import { busyboxRecipe } from './busybox-base.mjs';
import { ensureClientConfig } from './client-config.mjs';
import {
  ENGINE_KINDS,
  engineBuildx,
  engineClientFolders,
  enginePlaces,
  installEngine,
  startEngine,
  stopEngine,
} from './engine.mjs';
import { findEngine, readEngine } from './engine-found.mjs';
import { withLock } from './lock.mjs';
import { obtainNode24 } from './node24.mjs';
import { pythonRecipe } from './python-base.mjs';
import { startRegistry } from './registry.mjs';
import { obtainRegistryProgram } from './registry-program.mjs';

/** @typedef {'python' | 'python-3.13'} Extra */
/** @type {Record<Extra, import('./python-base.mjs').PythonVersion>} */
const VERSIONS = { python: '3.11', 'python-3.13': '3.13' };

/** What may be wanted beside busybox. */
export const EXTRAS = /** @type {readonly Extra[]} */ (Object.keys(VERSIONS));

/** @typedef {(line: string) => void} Log */
/** @typedef {import('./engine.mjs').EngineKind} EngineKind */
/** @typedef {{ dockerHost: string, store: 'containerd' | 'classic', version: string, ours: boolean }} TestbedEngine */
/**
 * @typedef {object} Testbed
 * @property {TestbedEngine} engine
 * @property {Record<string, string>} env what a child needs to use the engine: PATH, DOCKER_HOST, DOCKER_CONFIG
 * @property {string} node24 absolute path of a Node 24 binary
 * @property {string | undefined} bases host of the mirror of base images; undefined where images come from Docker Hub
 * @property {(options?: import('./registry.mjs').RegistryOptions) => Promise<import('./registry.mjs').Registry>} startRegistry
 * @property {() => Promise<void>} down stops what we started, and nothing else
 */

/**
 * Makes the test bench ready and returns what is needed to use it. What is there already is used as it is; engines of
 * another kind than `default` are always our own, each beside the others.
 * @param {{ log?: Log, want?: Iterable<Extra>, engine?: EngineKind }} [options]
 * @returns {Promise<Testbed>}
 */
export async function ensureTestbed({ log = () => {}, want = [], engine: kind = 'default' } = {}) {
  const extras = new Set(want);
  return withLock('bench', log, async () => {
    const node24 = obtainNode24(log);
    node24.catch(() => {}); // awaited below, after the engine's own errors
    const found = kind === 'default' ? await findEngine() : undefined;
    const isForeign = found !== undefined && !isOurs(found.dockerHost);
    const parts = isForeign ? await useFound(found, log) : await useOurs(kind, extras, log);
    return {
      ...parts,
      node24: await node24,
      startRegistry: (options) => startRegistry({ ...options, env: parts.env }),
      down: () => stopTestbed(log),
    };
  });
}

/** Stops what the test bench started on this machine, whichever process did. @param {Log} [log] */
export async function stopTestbed(log = () => {}) {
  await withLock('bench', log, async () => {
    if (process.platform !== 'linux') return; // nothing of ours outlives its parent there
    for (const kind of ENGINE_KINDS) await stopEngine(kind);
    await stopBases();
  });
}

/** @param {string} dockerHost */
function isOurs(dockerHost) {
  return ENGINE_KINDS.some((kind) => dockerHost === `unix://${enginePlaces(kind).socket}`);
}

/** @param {import('./engine-found.mjs').FoundEngine} found @param {Log} log */
async function useFound({ dockerHost, store, version, buildx }, log) {
  await fetchRegistryWhereRoot(log);
  const env = {
    PATH: process.env.PATH ?? '',
    DOCKER_HOST: dockerHost,
    DOCKER_CONFIG: ensureClientConfig(realpathSync(buildx), 'default'),
  };
  return { engine: { dockerHost, store, version, ours: false }, env, bases: undefined };
}

/** With a foreign engine a registry can be a container as well, so a mirror that has none is no reason to stop. @param {Log} log */
async function fetchRegistryWhereRoot(log) {
  if (!canInstall()) return;
  try {
    await obtainRegistryProgram(log);
  } catch (error) {
    log(`registry: registries will be containers, because ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {EngineKind} kind @param {Set<Extra>} extras @param {Log} log */
async function useOurs(kind, extras, log) {
  await installEngine(kind, log);
  const program = await obtainRegistryProgram(log);
  if (program === undefined)
    throw new Error('the mirror of base images needs docker-registry, and it cannot be installed here');
  const bases = await startBases({ log, program });
  await startEngine({ kind, log, mirror: bases });
  const engine = await readEngine(enginePlaces(kind).socket);
  if (engine === undefined) throw new Error('the engine came up and stopped answering');
  const env = {
    PATH: [...engineClientFolders(kind), process.env.PATH ?? ''].join(delimiter),
    DOCKER_HOST: engine.dockerHost,
    DOCKER_CONFIG: ensureClientConfig(engineBuildx(kind), kind),
  };
  const buildEnv = { ...process.env, ...env };
  await ensureBaseImage({ recipe: busyboxRecipe(), host: bases, env: buildEnv, log });
  await Promise.all(
    [...extras].map(async (extra) =>
      ensureBaseImage({ recipe: await pythonRecipe(VERSIONS[extra]), host: bases, env: buildEnv, log }),
    ),
  );
  return { engine: { ...engine, ours: true }, env, bases };
}
