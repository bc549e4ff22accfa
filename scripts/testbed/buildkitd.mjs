// A BuildKit that runs by itself on this machine, with a folder for all that it keeps.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { obtainBuildkit } from './buildkit.mjs';
import { finish, startDetached, stopProcess, until } from './process.mjs';

/**
 * Loopback registries are plain HTTP, and docker.io is the bench's mirror where it has one.
 * @param {string} folder where the file goes @param {string | undefined} bases the mirror's host
 * @returns {string} the file
 */
export function writeBuildkitSettings(folder, bases) {
  const file = join(folder, 'buildkitd.toml');
  const mirror = JSON.stringify(bases);
  const rules = `[registry."docker.io"]\n  mirrors = [${mirror}]\n[registry.${mirror}]\n  http = true\n`;
  writeFileSync(file, bases === undefined ? '' : rules);
  return file;
}

/**
 * Returns when it answers; it is ended, and an Error thrown, where it does not within a minute.
 * @param {{ folder: string, bases: string | undefined, endpoint: string, tls?: { ca: string, certificate: string, key: string } }} options `tls`: what it
 *   shows, and whose clients it lets in
 */
export async function startBuildkitd({ folder, bases, endpoint, tls }) {
  const programs = await obtainBuildkit();
  const identity = tls === undefined ? [] : ['--tlscacert', tls.ca, '--tlscert', tls.certificate, '--tlskey', tls.key];
  const where = ['--config', writeBuildkitSettings(folder, bases), '--root', join(folder, 'root'), '--addr', endpoint];
  const daemon = await startDetached([join(programs, 'buildkitd'), ...where, '--oci-worker-net=host', ...identity], {
    logFile: join(folder, 'log'),
    cwd: '/',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const ask = [join(programs, 'buildctl'), '--addr', endpoint, ...identity, 'debug', 'workers'];
  if (await until(async () => (await finish(ask)).code === 0, { timeoutMs: 60_000 })) return daemon;
  await stopProcess(daemon, { signal: 'SIGKILL' });
  throw new Error('buildkitd did not come up');
}
