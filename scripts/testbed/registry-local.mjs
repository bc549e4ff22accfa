// A registry as a process of this machine.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalProcess, startTime, stopProcess } from './process.mjs';
import { renderRegistryConfig } from './registry-config.mjs';

/**
 * @typedef {object} RegistryHost
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop keeps what the registry stores
 * @property {() => Promise<string>} readLog everything logged since the first start
 * @property {() => boolean} isUp whether it was started and did not end
 * @property {() => void} destroyNow ends it and all it stores, synchronously
 * @property {string | undefined} storage
 */

/** Linux ends such a child together with its parent, however the parent ends. */
const DIE_WITH_PARENT =
  process.platform === 'linux' && existsSync('/usr/bin/setpriv')
    ? ['/usr/bin/setpriv', '--pdeathsig', 'SIGKILL', '--']
    : [];

/**
 * @typedef {{ tls?: { certificate: string, key: string }, token?: import('./registry-config.mjs').TokenAuth }} RegistryExtras
 */

/**
 * @param {{ program: string, folder: string, port: number, htpasswd: string | undefined, extras: RegistryExtras }} options
 *   `htpasswd` is the text of the password file
 * @returns {RegistryHost}
 */
export function localRegistry({ program, folder, port, htpasswd, extras }) {
  const storage = join(folder, 'storage');
  const logFile = join(folder, 'registry.log');
  const config = writeFiles({ folder, storage, port, htpasswd, extras });
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const identity = () =>
    child?.pid === undefined ? undefined : { pid: child.pid, started: startTime(child.pid) ?? '' };
  const isUp = () =>
    child !== undefined && child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    storage,
    isUp,
    start: async () => {
      const log = openSync(logFile, 'a');
      const [file, ...args] = [...DIE_WITH_PARENT, program, 'serve', config];
      const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }; // version 3 looks for a collector
      child = spawn(file, args, { detached: true, stdio: ['ignore', log, log], cwd: '/', env });
      child.on('error', () => {}); // it is not up then, and the caller says so
      child.unref();
      closeSync(log);
    },
    stop: async () => {
      if (isUp()) await stopProcess(identity(), { graceMs: 2_000 });
      child = undefined;
    },
    readLog: async () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    destroyNow: () => {
      if (isUp() && child?.pid !== undefined) signalProcess(child.pid, 'SIGKILL');
    },
  };
}

/** @param {{ folder: string, storage: string, port: number, htpasswd: string | undefined, extras: RegistryExtras }} wanted */
function writeFiles({ folder, storage, port, htpasswd, extras }) {
  mkdirSync(storage, { recursive: true });
  const passwords = join(folder, 'htpasswd');
  if (htpasswd !== undefined) writeFileSync(passwords, htpasswd, { mode: 0o600 });
  const config = join(folder, 'config.yml');
  writeFileSync(
    config,
    renderRegistryConfig({ ...extras, port, storage, htpasswd: htpasswd === undefined ? undefined : passwords }),
  );
  return config;
}
