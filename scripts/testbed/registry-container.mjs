// A registry as a container, for machines with an engine of their own and no registry program.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finish, run } from './process.mjs';
import { renderRegistryConfig } from './registry-config.mjs';

const IMAGE = 'registry:2';
const INNER_PORT = 5000;

/**
 * @param {{ folder: string, port: number, htpasswd: string | undefined, env: NodeJS.ProcessEnv }} options
 *   `htpasswd` is the text of the password file
 * @returns {Promise<import('./registry-local.mjs').RegistryHost>}
 */
export async function containerRegistry({ folder, port, htpasswd, env }) {
  const created = await run(
    [
      'docker',
      'create',
      '--label',
      'slipway-testbed=registry',
      '-p',
      `127.0.0.1:${port}:${INNER_PORT}`,
      IMAGE,
      'serve',
      '/testbed.yml',
    ],
    { env },
  );
  const id = created.trim().split('\n').at(-1) ?? '';
  writeFileSync(join(folder, 'container'), JSON.stringify({ id, dockerHost: env.DOCKER_HOST }));
  const inner = {
    port: INNER_PORT,
    storage: '/var/lib/registry',
    address: '0.0.0.0',
    htpasswd: htpasswd === undefined ? undefined : '/htpasswd',
  };
  await copyIn({ folder, id, env, name: 'testbed.yml', text: renderRegistryConfig(inner) });
  if (htpasswd !== undefined) await copyIn({ folder, id, env, name: 'htpasswd', text: htpasswd });
  let isStarted = false;
  return {
    storage: undefined,
    isUp: () => isStarted,
    start: async () => {
      await run(['docker', 'start', id], { env });
      isStarted = true;
    },
    stop: async () => {
      isStarted = false;
      await run(['docker', 'stop', '-t', '2', id], { env });
    },
    readLog: async () => {
      const logs = await finish(['docker', 'logs', id], { env });
      return logs.stdout + logs.stderr;
    },
    destroyNow: () => {
      spawnSync('docker', ['rm', '-f', '-v', id], { env, stdio: 'ignore', timeout: 20_000 });
    },
  };
}

/** Removes the container an orphaned folder names, where it names one. @param {string} folder @param {NodeJS.ProcessEnv} env */
export async function removeOrphanedContainer(folder, env) {
  try {
    const { id, dockerHost } = JSON.parse(readFileSync(join(folder, 'container'), 'utf8'));
    await finish(['docker', 'rm', '-f', '-v', id], {
      env: { ...env, ...(dockerHost ? { DOCKER_HOST: dockerHost } : {}) },
    });
  } catch {
    // the folder names no container
  }
}

/** @param {{ folder: string, id: string, env: NodeJS.ProcessEnv, name: string, text: string }} file */
async function copyIn({ folder, id, env, name, text }) {
  const local = join(folder, name);
  writeFileSync(local, text, { mode: 0o644 });
  await run(['docker', 'cp', local, `${id}:/${name}`], { env });
}
