// What Slipway's own process takes of memory at its peak.

import { readFileSync } from 'node:fs';
import { within } from './measure.mjs';

const FLOOD = 'a test that prints 1 GiB';
const MANY = 'a context of 5,000 files';
const everyMs = 20;

/** The peak of a process until it ends, in MiB. @returns {{ watch: (pid: number) => void, end: () => number }} */
export function watchMemory() {
  let peak = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  return {
    watch: (pid) => {
      timer ??= setInterval(() => {
        peak = Math.max(peak, readPeak(pid));
      }, everyMs);
    },
    end: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

/** @param {number} pid */
function readPeak(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}

/** @param {import('./world.mjs').World} world @param {import('./world.mjs').Clone} clone @param {Record<string, string>} inputs */
async function measure(world, clone, inputs) {
  const memory = watchMemory();
  const onStart = (/** @type {number} */ pid, /** @type {string} */ phase) => {
    if (phase === 'main') memory.watch(pid);
  };
  await world.slipway('memory', clone, { ...inputs, reuse: 'off' }, { onStart, keepLog: false });
  clone.remove();
  return memory.end();
}

/** As many small files. @param {number} count @returns {Record<string, string>} */
export function manyFiles(count) {
  const names = Array.from({ length: count }, (_, at) => `data/${Math.floor(at / 500)}/${at}.txt`);
  return Object.fromEntries(names.map((name) => [name, `${name}\n`]));
}

/** @type {import('./measure.mjs').Case} */
export const MEMORY = {
  name: 'memory',
  title: 'Memory: the peak of main’s own process',
  times: 1 / 9,
  unit: 'MiB',
  variants: [
    {
      name: FLOOD,
      prepare: async (world) => {
        const clone = await world.checkOut('memory');
        const test = `yes ${'a line of a test that is rather talkative '.repeat(4)} | head -c 1073741824`;
        return () => measure(world, clone, { test: `set +o pipefail; ${test}` });
      },
    },
    {
      name: MANY,
      prepare: async (world) => {
        const from = await world.origin.sha('refs/heads/main');
        await world.origin.commit('memory', manyFiles(5_000), { message: 'Many files', from });
        const clone = await world.origin.clone({ ref: 'refs/heads/memory', depth: 1 });
        return () => measure(world, clone, {});
      },
    },
  ],
  goals: [within(FLOOD, 150, 'MiB'), within(MANY, 150, 'MiB')],
};
