// Whether other work distorts what is measured.

import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish } from '../testbed/process.mjs';

const QUIET_SHARE = 0.15;
const WINDOW_MS = 200;

/** The load averages of 1, 5 and 15 minutes. */
export function readLoad() {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');
}

/**
 * A gate before each round: it waits until nothing else works on this machine, as long as its patience lasts.
 * @param {number} patienceMs for all rounds together
 */
export function openGate(patienceMs) {
  let patience = patienceMs;
  let rounds = 0;
  let noisy = 0;
  return {
    pass: async () => {
      rounds += 1;
      for (;;) {
        const begun = Date.now();
        if ((await busyShare()) <= QUIET_SHARE) return;
        patience -= Date.now() - begun;
        if (patience <= 0) break;
      }
      noisy += 1;
    },
    /** Whether the figures are worth keeping. */
    isQuiet: () => noisy * 4 <= rounds,
    /** How many rounds met other work. */
    describe: () =>
      noisy === 0
        ? `no round of ${rounds} began beside other work`
        : `${noisy} of ${rounds} rounds began beside other work, so the milliseconds are too high; ratios, measured in turn, hold better`,
  };
}

/** What share of all processors was busy just now. */
async function busyShare() {
  const before = readTimes();
  await sleep(WINDOW_MS);
  const after = readTimes();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function readTimes() {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.flatMap((one) => Object.values(one)).reduce((a, b) => a + b, 0);
  return { all, idle: times.reduce((sum, one) => sum + one.idle, 0) };
}

/** @param {import('../testbed/index.mjs').Testbed} bench @returns {Promise<string[]>} */
export async function describeMachine({ engine, env, node24 }) {
  const options = { env: { ...process.env, ...env } };
  const said = async (/** @type {string[]} */ argv) => (await finish(argv, options)).stdout.trim();
  const [buildx, node] = [await said(['docker', 'buildx', 'version']), await said([node24, '--version'])];
  const [cpu] = cpus();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`,
    `Docker Engine ${engine.version} (${engine.store} image store), ${buildx.split(' ').slice(1, 2).join('')} of buildx, Node ${node}`,
  ];
}
