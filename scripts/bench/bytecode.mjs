// What bytecode costs a build and saves a start, on the example.

import { performance } from 'node:perf_hooks';

/** @typedef {import('./measure.mjs').Variant} Variant */

const FRESH = 'compile step, nothing cached of it';
const CACHED = 'compile step, cached';
const BEFORE = 'start of the example without bytecode';
const AFTER = 'start of the example with it';
const run = Math.trunc(performance.timeOrigin);
let number = 0;

/** @param {import('./world.mjs').World} world @param {string} exclude */
async function build(world, exclude) {
  const clone = await world.checkOutExample();
  // a repository of its own: in that of the other cases its main would be what their branches are compared with, layer by layer
  const image = `${world.host}/bytecode/app`;
  const inputs = { image, bytecode: 'require', 'bytecode-exclude': exclude, cache: 'none', reuse: 'off' };
  const { receipt, log } = await world.slipway('main', clone, inputs);
  clone.remove();
  return { receipt, ms: readStep(log) };
}

/** What the compile step took by the build's log: 0 where it was cached. @param {string} log */
function readStep(log) {
  const step = /#(\d+) \[[^\]]*\] RUN --network=none \["python3"/.exec(log)?.[1];
  if (step === undefined) throw new Error('the log shows no compile step');
  if (new RegExp(`#${step} CACHED`).test(log)) return 0;
  const [, seconds] = new RegExp(`#${step} DONE ([0-9.]+)s`).exec(log) ?? [];
  return Number(seconds) * 1_000;
}

/** A pattern that matches nothing makes the step another one. */
function nothing() {
  number += 1;
  return `/nothing-${run}-${number}`;
}

/** Pip and its like are not what the example needs. */
const TOOLS = ['dist-packages', 'pip', 'setuptools', 'pkg_resources'].join('\n');

/** @param {'before' | 'after'} when @returns {(world: import('./world.mjs').World) => Promise<() => Promise<number>>} */
function start(when) {
  return async (world) => async () => {
    const { receipt } = await build(world, TOOLS);
    return receipt.bytecode.proof.times[when].ms;
  };
}

/** @type {import('./measure.mjs').Case} */
export const BYTECODE = {
  name: 'bytecode',
  title: 'Bytecode of the example: standard library, dependencies and its own code',
  times: 1 / 3,
  variants: [
    { name: FRESH, prepare: async (world) => async () => (await build(world, `${TOOLS}\n${nothing()}`)).ms },
    { name: CACHED, prepare: async (world) => async () => (await build(world, TOOLS)).ms },
    { name: BEFORE, prepare: start('before') },
    { name: AFTER, prepare: start('after'), beside: BEFORE },
  ],
  goals: [
    {
      text: `${FRESH}: at most 5 s`,
      holds: (median) => ({ value: `${(median(FRESH) / 1_000).toFixed(1)} s`, met: median(FRESH) <= 5_000 }),
    },
    { text: `${CACHED}: nothing`, holds: (median) => ({ value: `${median(CACHED)} ms`, met: median(CACHED) === 0 }) },
  ],
};
