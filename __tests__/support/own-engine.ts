import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { canBringUp, enginePlaces, installEngine } from '../../scripts/testbed/engine.mjs';
import { readEngine } from '../../scripts/testbed/engine-found.mjs';
import { ensureNetwork, removeNetwork } from '../../scripts/testbed/engine-network.mjs';
import { isRunning, run, startDetached, stopProcess, until } from '../../scripts/testbed/process.mjs';
import { bench } from './project.ts';

/** An engine of a test's own: it may be killed, and its disk may be full. */
export interface OwnEngine {
  readonly env: Readonly<Record<string, string>>;
  /** Ends dockerd at once, as a crash would; what it had started lives on. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Whether this machine can run one: as root on Debian, like the bench's further engines. */
export const canOwnEngine = canBringUp('default');

/** What a killed engine leaves mounted, the innermost first. */
function mountsBelow(folder: string): readonly string[] {
  const all = readFileSync('/proc/mounts', 'utf8').split('\n');
  const paths = all.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`));
  return paths.reverse();
}

/** Starts an engine in folders of its own.
 * @param options `megabytes`: the size of its disk, a tmpfs. */
export async function startOwnEngine(options: {
  readonly store: 'containerd' | 'classic';
  readonly megabytes?: number;
}): Promise<OwnEngine> {
  await installEngine('default', () => undefined);
  const { programs } = enginePlaces('default');
  const folder = mkdtempSync('/tmp/slipway-own-'); // a socket's path is short
  const at = (name: string): string => join(folder, name);
  const number = randomInt(60, 250);
  const network = { bridge: `slipway-own${number}`, subnet: `172.29.${number}` };
  const socket = at('docker.sock');
  mkdirSync(at('data'));
  if (options.megabytes !== undefined)
    await run(['mount', '-t', 'tmpfs', '-o', `size=${options.megabytes}m`, 'tmpfs', at('data')]);
  const mirrors = bench.bases === undefined ? [] : [bench.bases];
  const config = {
    'insecure-registries': mirrors,
    'registry-mirrors': mirrors.map((host) => `http://${host}`),
    features: { 'containerd-snapshotter': options.store === 'containerd' },
    bridge: network.bridge,
    iptables: false,
    ip6tables: false,
  };
  writeFileSync(at('daemon.json'), JSON.stringify(config));
  const folders = [
    join(programs, 'usr/sbin'),
    join(programs, 'usr/bin'),
    process.env['PATH'] ?? '',
    '/usr/sbin',
    '/sbin',
  ];
  const argv = [join(programs, 'usr/sbin/dockerd'), '--config-file', at('daemon.json'), '--data-root', at('data')];
  argv.push('--exec-root', at('run'), '-H', `unix://${socket}`, '--pidfile', at('docker.pid'), '--group', 'root');
  let dockerd: Awaited<ReturnType<typeof startDetached>> | undefined;
  const start = async (): Promise<void> => {
    await ensureNetwork(network);
    rmSync(at('docker.pid'), { force: true });
    const env = { ...process.env, PATH: folders.join(delimiter) };
    dockerd = await startDetached(argv, { logFile: at('log'), cwd: '/', env, append: true });
    const isUp = await until(async () => (await readEngine(socket)) !== undefined, { timeoutMs: 60_000 });
    if (!isUp) throw new Error(`dockerd did not come up: ${readFileSync(at('log'), 'utf8').slice(-2_000)}`);
  };
  const env = { ...bench.env, DOCKER_HOST: `unix://${socket}` };
  const own: OwnEngine = {
    env,
    start,
    kill: () => stopProcess(dockerd, { signal: 'SIGKILL' }),
    remove: async () => {
      if (!isRunning(dockerd)) await start().catch(() => undefined); // it ends what a killed one has left
      await stopProcess(dockerd, { graceMs: 20_000 });
      await removeNetwork(network);
      for (const mount of mountsBelow(folder)) await run(['umount', '-l', mount]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await start();
    return own;
  } catch (error) {
    await own.remove();
    throw error;
  }
}
