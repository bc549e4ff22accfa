// Builders that are not the engine's own: a container of the engine, and a BuildKit elsewhere, whose every byte is counted.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { ensureBuildkitImage, obtainBuildkit } from '../testbed/buildkit.mjs';
import { run, startDetached, stopProcess, until } from '../testbed/process.mjs';
import { undoAtExit } from '../testbed/registry-owner.mjs';
import { runProcess } from '../testbed/runner-process.mjs';
import { atMost } from './measure.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./world.mjs').Clone} Clone */
/** @typedef {import('./measure.mjs').Variant} Variant */
/** @typedef {{ name: string, config: string, wire: { bytes: number } }} Builder `config`: the folder in which buildx knows it */

/** Both builders of a world, made when one of them is first asked for. @type {WeakMap<World, Promise<Record<Kind, Builder>>>} */
const made = new WeakMap();
/** @typedef {'docker-container' | 'remote'} Kind */

/** @param {World} world */
function openBuilders(world) {
  const opened = made.get(world) ?? make(world);
  made.set(world, opened);
  return opened;
}

/** @param {World} world @returns {Promise<Record<Kind, Builder>>} */
async function make({ bench, later }) {
  const config = mkdtempSync('/tmp/slipway-bk-'); // a socket's path is short
  const env = { ...process.env, ...bench.env, BUILDX_CONFIG: config };
  const buildx = (/** @type {string[]} */ ...args) => run(['docker', 'buildx', ...args], { env });
  const settings = join(config, 'buildkitd.toml');
  const mirror = JSON.stringify(bench.bases);
  const rules = `[registry."docker.io"]\n  mirrors = [${mirror}]\n[registry.${mirror}]\n  http = true\n`;
  writeFileSync(settings, bench.bases === undefined ? '' : rules);
  const create = async (/** @type {Kind} */ driver, /** @type {string[]} */ ...more) => {
    const name = `slipway-bench-${randomUUID().slice(0, 8)}`;
    await buildx('create', '--name', name, '--driver', driver, ...more);
    return { name, config, wire: { bytes: 0 } };
  };
  const image = bench.bases === undefined ? [] : [`image=${await ensureBuildkitImage({ host: bench.bases, env })}`];
  const options = ['network=host', ...image].flatMap((option) => ['--driver-opt', option]);
  const inside = await create('docker-container', ...options, '--buildkitd-config', settings);
  await buildx('inspect', '--bootstrap', inside.name);
  const daemon = await startDaemon(config, settings);
  const door = await openDoor(join(config, 'buildkitd.sock'));
  const elsewhere = { ...(await create('remote', `tcp://127.0.0.1:${door.port}`)), wire: door };
  const undo = async () => {
    await buildx('rm', '--force', inside.name);
    await stopProcess(daemon, { graceMs: 10_000 });
    door.close();
    rmSync(config, { recursive: true, force: true, maxRetries: 5 });
  };
  const keep = undoAtExit(() => void stopProcess(daemon, { signal: 'SIGKILL' }));
  later(async () => {
    keep();
    await undo();
  });
  return { 'docker-container': inside, remote: elsewhere };
}

/** @param {string} folder @param {string} settings */
async function startDaemon(folder, settings) {
  const programs = await obtainBuildkit();
  const at = `unix://${join(folder, 'buildkitd.sock')}`;
  const argv = [join(programs, 'buildkitd'), '--config', settings, '--root', join(folder, 'root'), '--addr', at];
  const daemon = await startDetached([...argv, '--oci-worker-net=host'], {
    logFile: join(folder, 'log'),
    cwd: '/',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const ask = [join(programs, 'buildctl'), '--addr', at, 'debug', 'workers'];
  const answers = () =>
    run(ask).then(
      () => true,
      () => false,
    );
  if (!(await until(answers, { timeoutMs: 60_000 }))) throw new Error('buildkitd did not come up');
  return daemon;
}

/** A door on loopback to a socket, that counts what goes through it either way. @param {string} path */
async function openDoor(path) {
  const door = { bytes: 0, port: 0, close: () => {} };
  const server = createServer({ allowHalfOpen: true }, (from) => {
    const to = connect({ path, allowHalfOpen: true });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      one.on('data', (chunk) => {
        door.bytes += chunk.length;
      });
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  door.port = typeof address === 'object' && address !== null ? address.port : 0;
  door.close = () => server.close();
  return door;
}

/** @typedef {(world: World, clone: Clone, builder: Builder) => Promise<number>} Once */

/** @param {string} name @param {Kind} kind @param {Once} once @param {{ beside?: string, files?: (number: number) => Record<string, string> }} [more] @returns {Variant} */
function on(name, kind, once, { beside, files } = {}) {
  return {
    name,
    ...(beside === undefined ? {} : { beside }),
    prepare: async (world) => {
      const builder = (await openBuilders(world))[kind];
      const clone = await world.checkOut('apart', files);
      return async () => {
        const measured = await once(world, clone, builder);
        clone.remove();
        return measured;
      };
    },
  };
}

/** @param {Record<string, string>} [inputs] @returns {Once} */
function slipway(inputs = {}) {
  return async (world, clone, { name, config }) => {
    const env = { ...world.bench.env, BUILDX_CONFIG: config };
    const asked = { cache: 'none', reuse: 'off', checks: 'off', builder: name, ...inputs };
    return (await world.slipway('apart', clone, asked, { env })).ms;
  };
}

/** @param {...string[]} commands what follows `docker`, one after another; BUILDER and NAME are put in @returns {Once} */
function bare(...commands) {
  return async ({ bench, host }, clone, builder) => {
    const env = { PATH: process.env.PATH ?? '', HOME: builder.config, ...bench.env, BUILDX_CONFIG: builder.config };
    let total = 0;
    for (const command of commands) {
      const words = command.map((word) => ({ BUILDER: builder.name, NAME: `${host}/acme/bare:apart` })[word] ?? word);
      const options = { cwd: clone.folder, env, onLine: () => {}, kill: undefined };
      const { code, log, ms } = await runProcess({ argv: ['docker', ...words], ...options });
      if (code !== 0) throw new Error(`ended with ${code}:\n${log}`);
      total += ms;
    }
    return total;
  };
}

/** What went over the wire, in kB. @param {Once} once @returns {Once} */
function counted(once) {
  return async (world, clone, builder) => {
    const before = builder.wire.bytes;
    await once(world, clone, builder);
    return (builder.wire.bytes - before) / 1_000;
  };
}

const build = ['buildx', 'build', '--builder', 'BUILDER', '--provenance=false', '--tag', 'NAME'];
const push = bare([...build, '--push', '.']);
const load = bare([...build, '--load', '.'], ['push', 'NAME']);
const CONTAINER = 'docker buildx build --push, docker-container';
const REMOTE = 'docker buildx build --push, remote';
const STRAIGHT = 'docker buildx build --push';
const LOADED = 'docker buildx build --load, docker push';
/** 20 MB that no layer had before: they are made by the build. @param {number} number */
const big = (number) => ({
  Dockerfile: `FROM busybox:stable\nRUN echo ${number} && head -c 20000000 /dev/urandom > /big\n`,
});

/** @type {import('./measure.mjs').Case[]} */
export const BUILDERS = [
  {
    name: 'builders',
    title: 'A push to a branch on other builders: a new commit, every step cached, one moving tag, no tests',
    variants: [
      on('Slipway, docker-container', 'docker-container', slipway(), { beside: CONTAINER }),
      on(CONTAINER, 'docker-container', push),
      on('Slipway, remote', 'remote', slipway(), { beside: REMOTE }),
      on(REMOTE, 'remote', push),
    ],
    goals: [atMost('Slipway, docker-container', CONTAINER, 1.5), atMost('Slipway, remote', REMOTE, 1.5)],
  },
  {
    name: 'wire',
    title: 'What goes between the runner and a remote builder for a new layer of 20 MB',
    times: 1 / 3,
    unit: 'kB',
    variants: [
      on('Slipway', 'remote', counted(slipway()), { beside: STRAIGHT, files: big }),
      on(STRAIGHT, 'remote', counted(push), { files: big }),
      on('Slipway, verify', 'remote', counted(slipway({ verify: 'true' })), { beside: LOADED, files: big }),
      on(LOADED, 'remote', counted(load), { files: big }),
    ],
    goals: [atMost('Slipway, verify', LOADED, 1.1)],
  },
];
