// Finds out what Docker engine answers here, and reads what kind of engine it is.

import { ask } from './http.mjs';
import { finish } from './process.mjs';

/** @typedef {{ dockerHost: string, store: 'containerd' | 'classic', version: string }} Engine */
/** @typedef {Engine & { buildx: string, docker: string }} FoundEngine `buildx` and `docker` are the client's programs. */

/**
 * The engine the docker CLI of this machine talks to, where one answers and the CLI has buildx.
 * @returns {Promise<FoundEngine | undefined>}
 */
export async function findEngine() {
  const info = await finish(['docker', 'info', '--format', '{{json .}}'], { timeoutMs: 20_000 });
  if (info.code !== 0) return undefined;
  const { ServerVersion, DriverStatus, ServerErrors, ClientInfo } = JSON.parse(info.stdout);
  const buildx = ClientInfo?.Plugins?.find((/** @type {{ Name: string }} */ plugin) => plugin.Name === 'buildx')?.Path;
  if (ServerErrors?.length > 0 || !ServerVersion || buildx === undefined) return undefined;
  const dockerHost = await readCurrentHost();
  return { dockerHost, store: readStore(DriverStatus), version: ServerVersion, buildx, docker: 'docker' };
}

/**
 * The engine behind a unix socket; undefined where none answers.
 * @param {string} socketPath
 * @returns {Promise<Engine | undefined>}
 */
export async function readEngine(socketPath) {
  const ping = await ask({ socketPath, path: '/_ping', timeoutMs: 3_000 });
  if (ping?.status !== 200) return undefined;
  const info = await ask({ socketPath, path: '/info', timeoutMs: 10_000 });
  if (info?.status !== 200) return undefined;
  const { ServerVersion, DriverStatus } = JSON.parse(info.body);
  return { dockerHost: `unix://${socketPath}`, store: readStore(DriverStatus), version: ServerVersion };
}

/** DOCKER_HOST wins over contexts, as in the CLI itself. */
async function readCurrentHost() {
  if (process.env.DOCKER_HOST) return process.env.DOCKER_HOST;
  const asked = await finish(['docker', 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  return asked.code === 0 && asked.stdout.trim() !== '' ? asked.stdout.trim() : 'unix:///var/run/docker.sock';
}

/** @param {Array<[string, string]> | null | undefined} driverStatus @returns {'containerd' | 'classic'} */
function readStore(driverStatus) {
  return (driverStatus ?? []).some(([, value]) => value.startsWith('io.containerd.snapshotter'))
    ? 'containerd'
    : 'classic';
}
