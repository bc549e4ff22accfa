// Registries for tests: fresh, empty, on loopback, and able to say who asked them what.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { htpasswdLine } from './bcrypt.mjs';
import { ask, findFreePort, isPortFree } from './http.mjs';
import { until } from './process.mjs';
import { obtainRegistry3 } from './registry-3.mjs';
import { containerRegistry, removeOrphanedContainer } from './registry-container.mjs';
import { localRegistry } from './registry-local.mjs';
import { OWN_AGENT, parseAccessLog } from './registry-log.mjs';
import { findOrphans, makeOwnFolder, removeFolder, undoAtExit } from './registry-owner.mjs';
import { findRegistryProgram } from './registry-program.mjs';

const ATTEMPTS = 4;

/** @typedef {import('./registry-log.mjs').RegistryRequest} RegistryRequest */
/** @typedef {{ port: number, scheme: 'http' | 'https' }} Place */
/**
 * @typedef {{ htpasswd?: { username: string, password: string }, port?: number, env?: NodeJS.ProcessEnv, kind?: 'process' | 'container',
 *   version?: 2 | 3 } & import('./registry-local.mjs').RegistryExtras} RegistryOptions
 *   `kind` is a process where the registry's program is there, else a container; `version` 3, `tls` and `token` are always a process
 */
/**
 * @typedef {object} Registry
 * @property {string} host `127.0.0.1:PORT`
 * @property {string} url `http://127.0.0.1:PORT`, or https
 * @property {string | undefined} storage the folder of its files, where this machine can see it
 * @property {() => Promise<RegistryRequest[]>} requests every request finished so far, oldest first; also while it is down
 * @property {() => Promise<() => Promise<RegistryRequest[]>>} mark the result lists the requests after this moment only
 * @property {() => Promise<void>} stop it refuses connections then, and keeps what it stores
 * @property {() => Promise<void>} start the same registry on the same port with what it stored
 * @property {() => Promise<void>} restart `stop` and `start`
 * @property {() => Promise<void>} remove stops it and deletes what it stored; done at the end of this process in any case
 */

/**
 * Starts a fresh empty registry that allows deletes. It ends with this process and never keeps it running.
 * @param {RegistryOptions} [options]
 * @returns {Promise<Registry>}
 */
export async function startRegistry(options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // a free port is anybody's until the registry listens there
      if (attempt === ATTEMPTS || options.port !== undefined || !isPortTaken(error)) throw error;
    }
  }
}

/** @param {RegistryOptions} options @returns {Promise<Registry>} */
async function startOnce({ htpasswd, port: wanted, env, kind, version = 2, ...extras }) {
  const childEnv = { ...process.env, ...env };
  await sweepOrphans(childEnv);
  const port = await choosePort(wanted);
  const folder = makeOwnFolder();
  const passwords = htpasswd === undefined ? undefined : htpasswdLine(htpasswd);
  const found = version === 3 ? await obtainRegistry3() : findRegistryProgram();
  const program = kind === 'container' ? undefined : found;
  const host =
    program === undefined
      ? await containerRegistry({ folder, port, htpasswd: passwords, env: childEnv })
      : localRegistry({ program, folder, port, htpasswd: passwords, extras });
  const destroy = () => {
    host.destroyNow();
    removeFolder(folder);
  };
  const keep = undoAtExit(destroy);
  const scheme = extras.tls === undefined ? 'http' : 'https';
  const registry = wrap(host, { port, scheme }, async () => {
    keep();
    destroy();
  });
  try {
    await registry.start();
  } catch (error) {
    await registry.remove();
    throw error;
  }
  return registry;
}

/**
 * @param {import('./registry-local.mjs').RegistryHost} host
 * @param {Place} place
 * @param {() => Promise<void>} remove
 * @returns {Registry}
 */
function wrap(host, place, remove) {
  const { port, scheme } = place;
  const start = async () => {
    if (host.isUp()) return;
    for (let attempt = 1; ; attempt += 1) {
      await host.start();
      try {
        return await waitUntilUp(host, place);
      } catch (error) {
        if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
        await sleep(200 * attempt); // a connection of somebody's that began on this very port
      }
    }
  };
  const stop = () => (host.isUp() ? host.stop() : Promise.resolve());
  const requests = async () => parseAccessLog(await readSettledLog(host, place));
  return {
    host: `127.0.0.1:${port}`,
    url: `${scheme}://127.0.0.1:${port}`,
    storage: host.storage,
    requests,
    mark: async () => {
      const before = (await requests()).length;
      return async () => (await requests()).slice(before);
    },
    stop,
    start,
    restart: async () => {
      await stop();
      await start();
    },
    remove: async () => {
      await stop();
      await remove();
    },
  };
}

/** @param {import('./registry-local.mjs').RegistryHost} host @param {Place} place */
async function waitUntilUp(host, place) {
  const up = await until(async () => !host.isUp() || (await askAs(place, OWN_AGENT)) !== undefined, {
    timeoutMs: 15_000,
    everyMs: 15,
  });
  if (up && host.isUp()) return;
  throw new Error(`the registry on 127.0.0.1:${place.port} did not come up: ${(await host.readLog()).slice(-600)}`);
}

/** The log once it holds a question asked now: whatever was answered before is written by then. */
async function readSettledLog(
  /** @type {import('./registry-local.mjs').RegistryHost} */ host,
  /** @type {Place} */ place,
) {
  const agent = `${OWN_AGENT}/${randomBytes(6).toString('hex')}`;
  const isAsked = host.isUp() && (await askAs(place, agent)) !== undefined;
  let log = await host.readLog();
  for (let round = 0; isAsked && !log.includes(agent); round += 1) {
    if (round === 100) throw new Error(`the registry on 127.0.0.1:${place.port} does not log what it answers`);
    await sleep(10);
    log = await host.readLog();
  }
  return log;
}

/** @param {Place} place @param {string} agent */
function askAs({ port, scheme }, agent) {
  return ask({ port, scheme, path: '/v2/', headers: { 'user-agent': agent }, timeoutMs: 2_000 });
}

/** @param {unknown} error */
function isPortTaken(error) {
  return /address already in use|port is already allocated/i.test(String(error));
}

/** @param {number | undefined} wanted */
async function choosePort(wanted) {
  if (wanted === undefined) return findFreePort();
  if (await isPortFree(wanted)) return wanted;
  throw new Error(`port ${wanted} of 127.0.0.1 is taken`);
}

/** @param {NodeJS.ProcessEnv} env */
async function sweepOrphans(env) {
  for (const folder of findOrphans()) {
    await removeOrphanedContainer(folder, env);
    removeFolder(folder);
  }
}
