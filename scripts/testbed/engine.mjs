// Docker engines of our own, for machines that have none and for tests that need another: unpacked and run from the cache folder.

import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, installPackages, readRelease, unpackPackages } from './apt.mjs';
import { readEngine } from './engine-found.mjs';
import { ensureNetwork, removeNetwork } from './engine-network.mjs';
import { sweepRuntime } from './engine-remains.mjs';
import { cacheFolder, forget, makeFolderOnce, recall, remember, writeWhole } from './folders.mjs';
import { finish, isRunning, run, startDetached, stopProcess, until } from './process.mjs';

/** @typedef {'default' | 'apart' | 'classic' | 'stable'} EngineKind */
/**
 * @typedef {object} EngineRecipe
 * @property {string} folder below the cache folder; its state has the same name
 * @property {EngineKind | 'suites'} programs whose programs it runs, or `suites`: its own
 * @property {() => string[]} suites of Debian, best first
 * @property {Record<string, boolean>} features
 * @property {import('./engine-network.mjs').Network | undefined} network undefined: docker0, with all rules of the engine's own
 */

const PACKAGES = ['docker.io', 'docker-cli', 'containerd', 'docker-buildx'];
const SOCKET_LENGTH_LIMIT = 90; // the kernel's is 108, and containerd makes longer names beside ours

/** @type {Record<EngineKind, EngineRecipe>} */
const RECIPES = {
  default: {
    folder: 'engine',
    programs: 'suites',
    suites: engineSuites,
    features: { 'containerd-snapshotter': true },
    network: undefined,
  },
  // as the default one and never somebody else's: for tests that count what is left in an engine
  apart: {
    folder: 'engine-apart',
    programs: 'default',
    suites: engineSuites,
    features: { 'containerd-snapshotter': true },
    network: { bridge: 'slipway-apart', subnet: '172.30.43' },
  },
  // the same programs with the image store that engines had by default before 29
  classic: {
    folder: 'engine-classic',
    programs: 'default',
    suites: engineSuites,
    features: { 'containerd-snapshotter': false },
    network: { bridge: 'slipway-classic', subnet: '172.30.41' },
  },
  // Docker Engine 26.1 and buildx 0.13.1 as Debian stable ships them: the oldest that Slipway runs on
  stable: {
    folder: 'engine-stable',
    programs: 'suites',
    suites: () => ['trixie'],
    features: {},
    network: { bridge: 'slipway-stable', subnet: '172.30.42' },
  },
};

/** Every kind of engine the test bench has; `default` is the machine's own where one answers. */
export const ENGINE_KINDS = /** @type {EngineKind[]} */ (Object.keys(RECIPES));

/** A kind by its name. @param {string} name */
export function parseEngineKind(name) {
  const kind = ENGINE_KINDS.find((one) => one === name);
  if (kind === undefined) throw new Error(`there is no engine ${JSON.stringify(name)}: ${ENGINE_KINDS.join(', ')}`);
  return kind;
}

/** Whether an engine of this kind can be brought up here, whatever else runs. @param {EngineKind} kind */
export function canBringUp(kind) {
  return canInstall() && (kind === 'default' || readRelease()?.id === 'debian');
}

/** Where the parts of our engine are. @param {EngineKind} kind */
export function enginePlaces(kind) {
  const base = join(cacheFolder(), RECIPES[kind].folder);
  return {
    programs: join(base, 'programs'),
    socket: join(base, 'docker.sock'),
    data: join(base, 'data'),
    runtime: join(base, 'run'),
    config: join(base, 'daemon.json'),
    pidFile: join(base, 'docker.pid'),
    log: join(base, 'dockerd.log'),
  };
}

/** The folders to head PATH with. @param {EngineKind} kind */
export function engineClientFolders(kind) {
  return [join(enginePlaces(kind).programs, 'usr', 'bin')];
}

/** The buildx plugin of our engine. @param {EngineKind} kind */
export function engineBuildx(kind) {
  return join(enginePlaces(kind).programs, 'usr', 'libexec', 'docker', 'cli-plugins', 'docker-buildx');
}

/**
 * Unpacks the engine's programs, and installs what they need of the system, where they are not there yet.
 * @param {EngineKind} kind @param {(line: string) => void} log
 */
export async function installEngine(kind, log) {
  if (!existsSync(enginePlaces(kind).programs) && !canBringUp(kind)) throw noEngineError(kind);
  await obtainPrograms(kind, log);
  await obtainInit(kind, log);
  const missing = await missingTools();
  if (missing.length === 0) return;
  log(`engine: installing ${missing.join(', ')}`);
  await installPackages(missing);
}

/** @param {EngineKind} kind @param {(line: string) => void} log */
async function obtainPrograms(kind, log) {
  const { programs, suites } = RECIPES[kind];
  const target = enginePlaces(kind).programs;
  if (programs === 'suites') {
    await makeFolderOnce(target, async (folder) => {
      log(`engine: fetching Docker Engine and buildx (${kind}) from the package mirror`);
      await unpackPackages({ suites: suites(), packages: PACKAGES, folder });
    });
    return;
  }
  await obtainPrograms(programs, log);
  // by its path each process tells whose it is; links would change the others' times, by which a run sees that somebody changed its docker
  await makeFolderOnce(target, async (folder) => {
    await run(['cp', '-a', '--reflink=auto', `${enginePlaces(programs).programs}/.`, folder]);
  });
}

/** What `docker run --init` starts, and every builder of docker-container: a link into another package. @param {EngineKind} kind @param {(line: string) => void} log */
async function obtainInit(kind, log) {
  const programs = join(enginePlaces(kind).programs, 'usr', 'bin');
  if (existsSync(join(programs, 'docker-init'))) return;
  const folder = join(cacheFolder(), 'tini');
  await makeFolderOnce(folder, async (partial) => {
    log('engine: fetching tini-static from the package mirror');
    await unpackPackages({ suites: engineSuites(), packages: ['tini-static'], folder: partial });
  });
  copyFileSync(join(folder, 'usr', 'bin', 'tini-static'), join(programs, 'tini-static'));
}

/**
 * Starts the engine where it does not run with this configuration already; returns when it answers.
 * @param {{ kind: EngineKind, log: (line: string) => void, mirror: string }} options the host of the base-image mirror
 */
export async function startEngine({ kind, log, mirror }) {
  const places = enginePlaces(kind);
  if (places.socket.length > SOCKET_LENGTH_LIMIT)
    throw new Error(`the cache folder's path is too long for a socket: ${places.socket}`);
  const config = renderConfig(kind, mirror);
  const running = recall(RECIPES[kind].folder);
  const isCurrent = isRunning(running) && existsSync(places.config) && readFileSync(places.config, 'utf8') === config;
  if (isCurrent && (await until(async () => (await readEngine(places.socket)) !== undefined, { timeoutMs: 5_000 })))
    return;
  await stopProcess(running);
  await sweepRuntime(places);
  writeWhole(places.config, config);
  log(`engine: starting dockerd (${kind})`);
  await ensureNetwork(RECIPES[kind].network);
  await launch(kind, log);
}

/** Stops our engine with everything that runs in it. @param {EngineKind} kind */
export async function stopEngine(kind) {
  const { folder, network } = RECIPES[kind];
  const known = recall(folder);
  await stopProcess(known, { graceMs: 20_000 });
  await sweepRuntime(enginePlaces(kind), { evenIfAlive: true });
  if (known !== undefined) await removeNetwork(network); // of one bench: another one's engine of this kind has the same
  forget(folder);
}

/** @param {EngineKind} kind @param {(line: string) => void} log */
async function launch(kind, log) {
  const places = enginePlaces(kind);
  mkdirSync(places.runtime, { recursive: true });
  const argv = [
    join(places.programs, 'usr', 'sbin', 'dockerd'),
    '--config-file',
    places.config,
    '--data-root',
    places.data,
    '--exec-root',
    places.runtime,
    '-H',
    `unix://${places.socket}`,
    '--pidfile',
    places.pidFile,
    '--group',
    'root',
  ];
  const folders = [
    join(places.programs, 'usr', 'sbin'),
    ...engineClientFolders(kind),
    process.env.PATH,
    '/usr/sbin',
    '/sbin',
  ];
  const identity = await startDetached(argv, {
    logFile: places.log,
    cwd: '/',
    env: { ...process.env, PATH: folders.join(':'), TMPDIR: '/tmp' }, // it outlives who starts it, and a demo's or bench's own folder
  });
  remember(RECIPES[kind].folder, identity);
  const answers = await until(async () => !isRunning(identity) || (await readEngine(places.socket)) !== undefined, {
    timeoutMs: 60_000,
    everyMs: 100,
  });
  if (!answers || !isRunning(identity)) {
    await stopProcess(identity);
    throw new Error(`dockerd did not come up: ${lastLines(places.log)}`);
  }
  log(`engine: runs as process ${identity.pid} and stays; stop it with "node scripts/testbed/cli.mjs down"`);
}

/** @param {EngineKind} kind @param {string} mirror */
function renderConfig(kind, mirror) {
  const { features, network } = RECIPES[kind];
  const config = {
    'insecure-registries': [mirror],
    'registry-mirrors': [`http://${mirror}`],
    features,
    // an engine that manages rules sweeps those of any other one away
    ...(network === undefined ? {} : { bridge: network.bridge, iptables: false, ip6tables: false }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Debian 12's own engine is too old; the next releases' run on it. Elsewhere the machine's own release has to do. */
export function engineSuites() {
  const release = readRelease();
  if (release === undefined) throw noEngineError('default');
  return release.id === 'debian' ? ['forky', 'trixie'] : [release.codename];
}

async function missingTools() {
  const tools = { runc: ['runc', '--version'], iptables: ['iptables', '--version'] };
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const checked = await Promise.all(
    Object.entries(tools).map(async ([name, argv]) => ((await finish(argv, { env })).code === 0 ? [] : [name])),
  );
  return checked.flat();
}

/** @param {EngineKind} kind */
function noEngineError(kind) {
  return new Error(
    kind === 'default'
      ? 'no Docker engine with buildx answers here, and one can only be installed as root on Debian or a derivative: start Docker and try again'
      : `the engine ${kind} of the test bench can be brought up as root on Debian only`,
  );
}

/** @param {string} file */
function lastLines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n') : 'it wrote no log';
}
