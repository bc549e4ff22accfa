import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuildkitImage } from '../../scripts/testbed/buildkit.mjs';
import { startBuildkitd, writeBuildkitSettings } from '../../scripts/testbed/buildkitd.mjs';
import type { Certificates } from '../../scripts/testbed/certificates.mjs';
import { findFreePort } from '../../scripts/testbed/http.mjs';
import { run, stopProcess } from '../../scripts/testbed/process.mjs';
import { bench } from './project.ts';

/** Builders of a test's own, made as docker/setup-buildx-action makes them, and what knows them: an environment for runs. */
export interface Builders {
  readonly env: Readonly<Record<string, string>>;
  /** Makes one of the driver `docker-container`, and makes it current where it is the first. */
  readonly addContainer: () => Promise<string>;
  /** Makes one of the driver `remote`, with options of it such as `cacert=PATH`. */
  readonly addRemote: (endpoint: string, ...options: readonly string[]) => string;
  /** Makes one of the driver `remote` whose nodes have a platform each. */
  readonly addShared: (nodes: readonly (readonly [platform: string, endpoint: string])[]) => string;
  /** Gives a builder another node. */
  readonly addNode: (name: string, endpoint: string, ...options: readonly string[]) => void;
  /** Makes one of the driver `kubernetes`, for the cluster that a kubeconfig names. */
  readonly addKubernetes: (kubeconfig: string) => string;
  /** Makes another one the current one. */
  readonly choose: (name: string) => void;
  /** The container that a builder of ours runs in. */
  readonly containerOf: (name: string) => string;
  readonly remove: () => void;
}

/** An empty set of builders. */
export function openBuilders(): Builders {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-builders-'));
  const env = { BUILDX_CONFIG: join(folder, 'buildx') };
  const names: string[] = [];
  const buildx = (args: readonly string[], more: Readonly<Record<string, string>> = {}): string => {
    const { status, stdout, stderr } = spawnSync('docker', ['buildx', ...args], {
      env: { ...process.env, ...bench.env, ...env, ...more },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`docker buildx ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const create = (
    driver: string,
    more: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): string => {
    const name = `slipway-${randomBytes(4).toString('hex')}`;
    const use = names.length === 0 ? ['--use'] : [];
    buildx(['create', '--name', name, '--driver', driver, ...use, ...more], environment);
    names.push(name);
    return name;
  };
  const asDriverOptions = (options: readonly string[]): string[] =>
    options.flatMap((option) => ['--driver-opt', option]);
  return {
    env,
    addContainer: async () => {
      const buildEnv = { ...process.env, ...bench.env };
      const image =
        bench.bases === undefined ? [] : [`image=${await ensureBuildkitImage({ host: bench.bases, env: buildEnv })}`];
      const options = asDriverOptions(['network=host', ...image]);
      return create('docker-container', [...options, '--buildkitd-config', writeBuildkitSettings(folder, bench.bases)]);
    },
    addRemote: (endpoint, ...options) => create('remote', [...asDriverOptions(options), endpoint]),
    addShared: ([first, ...others]) => {
      const [platform = '', endpoint = ''] = first ?? [];
      const name = create('remote', ['--platform', platform, endpoint]);
      for (const [its, where] of others) buildx(['create', '--append', '--name', name, '--platform', its, where]);
      return name;
    },
    addNode: (name, endpoint, ...options) => {
      buildx(['create', '--append', '--name', name, ...asDriverOptions(options), endpoint]);
    },
    addKubernetes: (kubeconfig) => {
      const name = create('kubernetes', [], { KUBECONFIG: kubeconfig });
      names.splice(names.indexOf(name), 1); // its cluster would have to let go of it
      return name;
    },
    choose: (name) => void buildx(['use', name]),
    containerOf: (name) => `buildx_buildkit_${name}0`,
    remove: () => {
      for (const name of names) buildx(['rm', '--force', name]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A buildkitd of a test's own. */
export interface Daemon {
  readonly endpoint: string;
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Starts a buildkitd that listens on a socket, or on loopback where it has certificates.
 * @param options `megabytes`: the size of its disk, a tmpfs; `tls`: what it shows, and whose clients it lets in. */
export async function startDaemon(
  options: { readonly megabytes?: number; readonly tls?: Certificates } = {},
): Promise<Daemon> {
  const folder = mkdtempSync('/tmp/slipway-bk-'); // a socket's path is short
  if (options.megabytes !== undefined) {
    const root = join(folder, 'root');
    await run(['mkdir', root]);
    await run(['mount', '-t', 'tmpfs', '-o', `size=${options.megabytes}m`, 'tmpfs', root]);
  }
  const { tls } = options;
  const endpoint =
    tls === undefined ? `unix://${join(folder, 'buildkitd.sock')}` : `tcp://127.0.0.1:${await findFreePort()}`;
  const removeFolder = async (): Promise<void> => {
    const { stdout } = spawnSync('findmnt', ['--raw', '--noheadings', '--output', 'TARGET'], { encoding: 'utf8' });
    const mounts = stdout.split('\n').filter((path) => path.startsWith(folder));
    for (const mount of mounts.toReversed()) await run(['umount', '-l', mount]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const what = { folder, bases: bench.bases, endpoint, ...(tls === undefined ? {} : { tls }) };
  const daemon = await startBuildkitd(what).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  const kill = (): Promise<void> => stopProcess(daemon, { signal: 'SIGKILL' });
  const remove = async (): Promise<void> => {
    await kill();
    await removeFolder();
  };
  return { endpoint, kill, remove };
}
