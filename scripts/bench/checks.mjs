// What it costs to check an image: to read it, to read and run it, and how that grows with its size, its files and its layers.

import { within } from './measure.mjs';
import { watchMemory } from './memory.mjs';
import { perWorld } from './per-world.mjs';

/** @typedef {import('./measure.mjs').Case} Case */
/** @typedef {import('./measure.mjs').Variant} Variant */
/** @typedef {import('./world.mjs').World} World */

const STATIC = 'read beside the upload (`checks: report`)';
const FULL = 'read and run before it (`checks: full`)';
const LARGE = 'the time of reading it';
const PEAK = 'the peak of main’s own process while it reads it';
const SIZES = /** @type {const} */ ([
  ['10 MB more', 10],
  ['300 MB more', 300],
  ['2 GB more', 2_000],
]);
const FILES = [1_000, 10_000, 100_000];
const LAYERS = [5, 50, 120];

/** What the bench's base with Python has, unpacked. */
const BASE = { megabytes: 220, files: 10_000 };

/** An image on that base: so many files more in layers, of pieces of the base's own libraries, which are packed as a package's are. It waits
 * until it is told to stop.
 * @param {{ megabytes: number, files: number, layers: number }} what */
function weighing({ megabytes, files, layers }) {
  const [count, size] = [Math.ceil(files / layers), Math.ceil((megabytes * 1e6) / files)];
  const read = 'all = 2 * b"".join(open(name, "rb").read() for name in sorted(glob.glob("/usr/lib/*/*.so*")))';
  const piece = `os.urandom(16) + all[(at := n * ${size} % (len(all) // 2)):at + ${size}]`;
  const write = (/** @type {number} */ at) =>
    `import glob, os; ${read}; os.makedirs("/data/${at}"); [open(f"/data/${at}/{n}", "wb").write(${piece}) for n in range(${count})]`;
  const runs = Array.from({ length: layers }, (_, at) => `RUN python3 -c '${write(at)}'`);
  const lines = ['FROM python:3.11-slim', ...runs, 'COPY . /app', 'USER nobody', 'CMD ["sleep", "600"]', ''];
  return { Dockerfile: lines.join('\n'), '.dockerignore': '.git\n', message: 'hello\n' };
}

/** What is measured of a run. @typedef {'report' | 'full' | 'memory'} Measure */

/** A push that changes a file of such an image. @param {string} name @param {Parameters<typeof weighing>[0]} what @param {Measure} measure @returns {Variant} */
function checked(name, what, measure) {
  const open = perWorld((world) => world.createOrigin(weighing(what)));
  return {
    name,
    prepare: async (world) => {
      const origin = await open(world);
      await origin.commit('main', { message: `${performance.timeOrigin + performance.now()}\n` });
      const clone = await origin.clone({ ref: 'refs/heads/main', depth: 1 });
      return async () => {
        const image = `${world.host}/checks/${what.megabytes}-${what.files}-${what.layers}`;
        const checks = measure === 'full' ? 'full' : 'report';
        const memory = watchMemory();
        const onStart = (/** @type {number} */ pid, /** @type {string} */ phase) => {
          if (phase === 'main' && measure === 'memory') memory.watch(pid);
        };
        const { receipt, log } = await world.slipway('main', clone, { image, cache: 'none', checks }, { onStart });
        clone.remove();
        const peak = memory.end();
        if (measure === 'memory') return peak;
        return measure === 'full' ? stepOf(receipt) : readingOf(log);
      };
    },
  };
}

/** @param {{ steps: { name: string, ms: number }[] }} receipt */
function stepOf({ steps }) {
  const step = steps.find(({ name }) => name === 'Check');
  if (step === undefined) throw new Error('the receipt has no step Check');
  return step.ms;
}

/** @param {string} log */
function readingOf(log) {
  const [, seconds] = /^the image was checked in ([0-9.]+) s: /m.exec(log) ?? [];
  if (seconds === undefined) throw new Error(`the log does not say how long the image was read:\n${log}`);
  return Number(seconds) * 1_000;
}

const image = { megabytes: 300 - BASE.megabytes, files: 2_000, layers: 5 };

/** @type {Case} */
export const CHECKS = {
  name: 'checks',
  title: `Checks of an image of 300 MB with ${(BASE.files + image.files).toLocaleString('en')} files`,
  times: 1 / 3,
  variants: [checked(STATIC, image, 'report'), checked(FULL, image, 'full')],
  goals: [within(STATIC, 3_000, 'ms'), within(FULL, 15_000, 'ms')],
};

const large = { megabytes: 2_000 - BASE.megabytes, files: 100_000 - BASE.files, layers: 5 };

/** @type {Case[]} */
export const CHECKS_SCALE = [
  {
    name: 'checks-large',
    title: 'An image of 2 GB with 100,000 files: reading it for its checks',
    times: 1 / 9,
    variants: [checked(LARGE, large, 'report')],
    goals: [within(LARGE, 20_000, 'ms')],
  },
  {
    name: 'checks-memory',
    title: 'The same image: memory',
    times: 1 / 9,
    unit: 'MiB',
    variants: [checked(PEAK, large, 'memory')],
    goals: [within(PEAK, 500, 'MiB')],
  },
  {
    name: 'checks-sizes',
    title: 'Size of the image: reading it for its checks',
    times: 1 / 3,
    variants: SIZES.map(([name, megabytes]) => checked(name, { megabytes, files: 1_000, layers: 5 }, 'report')),
    goals: [],
  },
  {
    name: 'checks-files',
    title: 'Files of the image: reading it for its checks, 50 MB',
    times: 1 / 3,
    variants: FILES.map((files) =>
      checked(`${files.toLocaleString('en')} files`, { megabytes: 50, files, layers: 5 }, 'report'),
    ),
    goals: [],
  },
  {
    name: 'checks-layers',
    title: 'Layers of the image: reading it for its checks, 50 MB in 10,000 files',
    times: 1 / 3,
    variants: LAYERS.map((layers) => checked(`${layers} layers`, { megabytes: 50, files: 10_000, layers }, 'report')),
    goals: [],
  },
];
