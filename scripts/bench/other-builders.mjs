// Builders that are not the engine's own: a container of the engine, and a BuildKit elsewhere, whose every byte is counted.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuildkitImage } from '../testbed/buildkit.mjs';
import { startBuildkitd, writeBuildkitSettings } from '../testbed/buildkitd.mjs';
import { openDoor } from '../testbed/door.mjs';
import { run, stopProcess } from '../testbed/process.mjs';
import { undoAtExit } from '../testbed/registry-owner.mjs';
import { perWorld } from './per-world.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {{ name: string, config: string, wire: { bytes: number } }} Builder `config`: the folder in which buildx knows it */

/** @typedef {'docker-container' | 'remote'} Kind */

/** Both builders of a world. */
export const openBuilders = perWorld(make);

/** @param {World} world @returns {Promise<Record<Kind, Builder>>} */
async function make({ bench, later }) {
  const config = mkdtempSync('/tmp/slipway-bk-'); // a socket's path is short
  const env = { ...process.env, ...bench.env, BUILDX_CONFIG: config };
  const buildx = (/** @type {string[]} */ ...args) => run(['docker', 'buildx', ...args], { env });
  const create = async (/** @type {Kind} */ driver, /** @type {string[]} */ ...more) => {
    const name = `slipway-bench-${randomUUID().slice(0, 8)}`;
    await buildx('create', '--name', name, '--driver', driver, ...more);
    return { name, config, wire: { bytes: 0 } };
  };
  const image = bench.bases === undefined ? [] : [`image=${await ensureBuildkitImage({ host: bench.bases, env })}`];
  const options = ['network=host', ...image].flatMap((option) => ['--driver-opt', option]);
  const inside = await create(
    'docker-container',
    ...options,
    '--buildkitd-config',
    writeBuildkitSettings(config, bench.bases),
  );
  await buildx('inspect', '--bootstrap', inside.name);
  const socket = join(config, 'buildkitd.sock');
  const daemon = await startBuildkitd({ folder: config, bases: bench.bases, endpoint: `unix://${socket}` });
  const door = await openDoor(socket);
  const elsewhere = { ...(await create('remote', door.address)), wire: door };
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
