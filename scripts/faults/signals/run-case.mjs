// One case: a run that is told to stop, what is left of it, and the same run again.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushBranch } from '../../testbed/payloads.mjs';
import { runAction } from '../../testbed/runner.mjs';
import { holdTurn } from './engine-view.mjs';
import { findFaults } from './find-faults.mjs';
import { seedTags } from './seed-tags.mjs';

/** @typedef {import('./cases.mjs').Case} Case */
/** @typedef {import('./world.mjs').World} World */
/**
 * @typedef {object} Stopped a run that was told to stop
 * @property {string} id of the case: in the names of what is its own
 * @property {string} repository
 * @property {string} temp
 * @property {import('../../testbed/runner.mjs').ActionResult} run
 * @property {number | undefined} signalAt undefined where the run had ended before
 * @property {number} endedAt
 * @property {import('./proxy.mjs').Watch} watch
 * @property {Map<string, string>} before
 */

const action = resolve(import.meta.dirname, '../../..');

/** Runs a case and says what is wrong afterwards; empty: nothing. @param {World} world @param {Case} one @returns {Promise<string[]>} */
export async function runCase(world, one) {
  const id = randomBytes(6).toString('hex');
  const repository = `acme/case-${id}`;
  const temp = mkdtempSync(join(tmpdir(), 'slipway-signals-'));
  const again = mkdtempSync(join(tmpdir(), 'slipway-signals-'));
  try {
    if (one.older === true) await seedTags(world, repository, ['main', 'latest']);
    const before = await world.readTags(repository);
    const stopped = await stopRun(world, one, { id, repository, temp, before });
    while (stopped.watch.open > 0) await sleep(50);
    const faults = await findFaults(world, one, stopped);
    const second = await start(world, { id, repository, temp: again, nap: 0 });
    return [...faults, ...(await compareTags(world, repository, second))];
  } finally {
    for (const folder of [temp, again]) rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {World} world @param {Case} one @param {Pick<Stopped, 'id' | 'repository' | 'temp' | 'before'>} place @returns {Promise<Stopped>} */
async function stopRun(world, one, place) {
  const { at, post, signals } = one;
  /** @type {{ pid: number, phase: 'main' | 'post' } | undefined} */
  let running;
  /** @type {number | undefined} */
  let signalAt;
  let endedAt = 0;
  let postSignaled = false;
  /** @type {NodeJS.Timeout[]} */
  const timers = [];
  const send = (/** @type {NodeJS.Signals} */ signal) => {
    if (running?.phase === 'main' && endedAt === 0) kill(running.pid, signal);
  };
  const strike = () => {
    if (signalAt !== undefined || running?.phase !== 'main') return;
    signalAt = Date.now();
    signals.forEach((signal, index) => {
      if (index === 0) send(signal);
      else timers.push(setTimeout(() => send(signal), index * 300));
    });
    // as the runner does
    timers.push(
      setTimeout(() => send('SIGTERM'), 7_500),
      setTimeout(() => send('SIGKILL'), 10_000),
    );
  };
  const watch = world.recorder.watch(place.repository, {
    hold: one.hold,
    onRequest: ({ method, path }) => {
      if (isMoment(at, { method, path })) strike();
      if (running?.phase !== 'post' || postSignaled || !isMoment(post, { method, path })) return;
      postSignaled = true;
      kill(running.pid, 'SIGINT');
    },
  });
  const giveTurn = one.waits === true ? await holdTurn(world, fixedTag(world, place.repository)) : undefined;
  const run = await start(world, {
    ...place,
    nap: one.slow === 'build' ? 30 : 0,
    slow: one.slow,
    onStart: (pid, started) => {
      running = { pid, phase: started };
      if (started === 'post') giveTurn?.();
      if (started === 'main' && at.kind === 'ms') timers.push(setTimeout(strike, at.after));
    },
    onLine: (line) => {
      if (at.kind === 'line' && at.is.test(line)) strike();
    },
    afterMain: () => {
      endedAt = Date.now();
    },
  });
  for (const timer of timers) clearTimeout(timer);
  return { ...place, run, signalAt, endedAt, watch };
}

/** @param {import('./cases.mjs').Moment | undefined} moment @param {{ method: string, path: string }} request */
function isMoment(moment, { method, path }) {
  return moment?.kind === 'request' && moment.method.test(method) && moment.path.test(path);
}

/** @param {World} world @param {{ id: string, repository: string, temp: string, nap: number, slow?: string, onStart?: (pid: number, phase: 'main' | 'post') => void, onLine?: (line: string) => void, afterMain?: () => void }} how */
async function start(world, { id, repository, temp, nap, slow, ...hooks }) {
  const clone = await world.origin.clone({ ref: 'refs/heads/main', depth: 1 });
  const event = pushBranch({ branch: 'main', sha: world.sha });
  try {
    return await runAction({
      action,
      node: world.bench.node24,
      inputs: {
        image: `${world.recorder.host}/${repository}`,
        ...world.login,
        'build-args': `CASE=${id}\nNAP=${nap}`,
        test: 'sh slow.sh test-begins',
        'test-image': 'sh /app/slow.sh image-begins',
        verify: 'sh slow.sh verify-begins',
        'test-env': 'SLOW',
      },
      event: { name: event.name, payload: event.payload },
      ref: event.ref,
      sha: event.sha,
      workspace: clone.folder,
      env: { ...world.bench.env, SIGNAL_CASE: id, ...(slow === undefined ? {} : { SLOW: slow }) },
      runnerTemp: temp,
      ...hooks,
    });
  } finally {
    clone.remove();
  }
}

/** Where a run that nobody disturbs ends. @param {World} world @param {string} repository @param {import('../../testbed/runner.mjs').ActionResult} run */
async function compareTags(world, repository, run) {
  const tags = await world.readTags(repository);
  const wanted = ['latest', 'main', fixedTag(world, repository).replace(/.*:/, '')];
  const found = [...tags.keys()].filter((tag) => !tag.startsWith('cache-')).toSorted();
  const digests = new Set(wanted.map((tag) => tags.get(tag)));
  if (run.main.code !== 0) return [`run again, it is red: ${run.annotations.map(({ message }) => message).join('; ')}`];
  if (found.join() !== wanted.toSorted().join()) return [`run again, the tags are ${found.join(', ')}`];
  return digests.size === 1 && digests.has(run.outputs.digest) ? [] : ['run again, the tags are at several digests'];
}

/** @param {World} world @param {string} repository */
function fixedTag(world, repository) {
  return `${world.recorder.host}/${repository}:sha-${world.sha.slice(0, 12)}`;
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error; // it ended by itself just now
  }
}
