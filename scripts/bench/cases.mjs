// What is compared, and what Slipway is meant to keep.

import { randomUUID } from 'node:crypto';
import { BUILDERS } from './builders.mjs';
import { BYTECODE } from './bytecode.mjs';
import { CHECKS } from './checks.mjs';
import { COLD } from './cold.mjs';
import { atMost, atMostMore, within } from './measure.mjs';
import { MEMORY } from './memory.mjs';
import { BARE_FILE, SLOW_FILE } from './world.mjs';

/** @typedef {import('./measure.mjs').Case} Case */
/** @typedef {import('./measure.mjs').Variant} Variant */

const PLAIN = 'docker buildx build --push';
const CACHED = `${PLAIN} --cache-to`;
const SLOW = 'Slipway, a branch';
const SLOW_MAIN = 'Slipway, main, cache: none';
const NEW = 'Slipway, one file is new, cache: none';

/** @param {string} name @param {string} branch @param {Record<string, string>} inputs @param {string} [beside] @returns {Variant} */
function slipway(name, branch, inputs, beside) {
  return {
    name,
    ...(beside === undefined ? {} : { beside }),
    prepare: async (world) => {
      const clone = await world.checkOut(branch);
      return async () => {
        const { ms } = await world.slipway(branch, clone, inputs);
        clone.remove();
        return ms;
      };
    },
  };
}

/** A push that changes a file. @param {string} name @param {string} branch @param {Record<string, string>} inputs @param {string} [beside] @returns {Variant} */
function changed(name, branch, inputs, beside) {
  return {
    ...slipway(name, branch, inputs, beside),
    prepare: async (world) => {
      const clone = await world.checkOut(branch, (number) => ({ [`new-${branch}`]: `${number}\n` }));
      return async () => {
        const { ms } = await world.slipway(branch, clone, inputs);
        clone.remove();
        return ms;
      };
    },
  };
}

/** A build that takes ten seconds, also on an engine that has run this bench before. @param {string} name @param {string} branch @param {Record<string, string>} inputs @param {string} [beside] @returns {Variant} */
function slow(name, branch, inputs, beside) {
  return {
    ...slipway(name, branch, inputs, beside),
    prepare: async (world) => {
      const clone = await world.checkOut(branch);
      const long = { file: SLOW_FILE, 'build-args': `RUN=${randomUUID()}` };
      return async () => {
        const { ms } = await world.slipway(branch, clone, { ...inputs, ...long });
        clone.remove();
        return ms;
      };
    },
  };
}

/** What publication takes by the receipt: a whole run varies by more than a tag costs. @param {string} name @param {Record<string, string>} inputs @param {number} [repositories] @returns {Variant} */
export function publishing(name, inputs, repositories = 1) {
  return {
    name,
    prepare: async (world) => {
      const clone = await world.checkOut('main');
      return async () => {
        const image = world.repositories(repositories);
        const { receipt } = await world.slipway('main', clone, { cache: 'none', image, ...inputs });
        clone.remove();
        /** @type {{ name: string, ms: number }[]} */
        const steps = receipt.steps;
        return steps.filter((step) => ['Upload', 'Tags'].includes(step.name)).reduce((sum, { ms }) => sum + ms, 0);
      };
    },
  };
}

/** @param {string} name @param {string[]} tags @param {{ cache?: boolean, more?: () => string[] }} [options] @returns {Variant} */
function plain(name, tags, { cache = false, more = () => [] } = {}) {
  return {
    name,
    prepare: async (world) => {
      const clone = await world.checkOut('plain');
      return async () => {
        const options = [...(cache ? ['--cache-to', world.cacheTo()] : []), ...more()];
        const ms = await world.bare(clone, tags, options);
        clone.remove();
        return ms;
      };
    },
  };
}

/** A run of a commit that has been run before. @param {string} name @param {(world: import('./world.mjs').World, clone: import('./world.mjs').Clone) => Promise<number>} once @param {string} [beside] @returns {Variant} */
function again(name, once, beside) {
  return {
    name,
    ...(beside === undefined ? {} : { beside }),
    prepare: async (world) => {
      const clone = await world.checkOut(beside === undefined ? 'plain' : 'main');
      await once(world, clone);
      return async () => {
        const ms = await once(world, clone);
        clone.remove();
        return ms;
      };
    },
  };
}

/** A run for what main has shipped a moment ago. @param {string} name @param {(world: import('./world.mjs').World, shipped: import('./world.mjs').Clone) => Promise<() => Promise<{ ms: number, receipt: { image: { reused: boolean } } }>>} prepare @returns {Variant} */
function shipped(name, prepare) {
  return {
    name,
    prepare: async (world) => {
      const clone = await world.checkOut('main');
      await world.slipway('main', clone, { file: BARE_FILE });
      const once = await prepare(world, clone);
      return async () => {
        const { ms, receipt } = await once();
        clone.remove();
        if (!receipt.image.reused) throw new Error(`${name}: it was built`);
        return ms;
      };
    },
  };
}

/** @type {Case[]} */
export const CASES = [
  {
    name: 'branch',
    title: 'A push to a branch: a new commit, every step cached, one moving tag, no tests',
    variants: [
      slipway('Slipway, cache: none', 'topic', { cache: 'none', reuse: 'off' }, PLAIN),
      slipway('Slipway, cache: auto', 'other', { reuse: 'off' }, PLAIN),
      plain(PLAIN, ['topic']),
    ],
    goals: [atMost('Slipway, cache: none', PLAIN, 1.5), atMost('Slipway, cache: auto', PLAIN, 1.5)],
  },
  {
    name: 'main',
    title: 'A push to main: a new commit, every step cached, three tags, no tests',
    variants: [
      slipway('Slipway, cache: none', 'main', { cache: 'none' }, PLAIN),
      slipway('Slipway, cache: auto', 'main', {}, CACHED),
      plain(PLAIN, ['sha-new', 'main', 'latest']),
      plain(CACHED, ['sha-new', 'main', 'latest'], { cache: true }),
      changed(NEW, 'main', { cache: 'none' }),
      changed('Slipway, one file is new, cache: auto', 'main', {}, NEW),
    ],
    goals: [
      atMost('Slipway, cache: none', PLAIN, 1.5),
      atMost('Slipway, cache: auto', CACHED, 1.5),
      atMost('Slipway, cache: auto', 'Slipway, cache: none', 1.15),
      atMost('Slipway, one file is new, cache: auto', NEW, 1.15),
    ],
  },
  COLD,
  {
    name: 'tags',
    title: 'A further tag: the steps Upload and Tags alone, of a push to main with two tags and with three',
    variants: [publishing('three tags', { latest: 'production-branch' }), publishing('two tags', { latest: 'never' })],
    goals: [atMostMore('a further tag', ['three tags', 'two tags'], 50)],
  },
  {
    name: 'repositories',
    title:
      'A further repository of the same registry: the steps Upload and Tags alone, of a push to main to one and to two',
    variants: [publishing('two repositories', {}, 2), publishing('one repository', {})],
    goals: [atMostMore('a further repository with its three tags', ['two repositories', 'one repository'], 100)],
  },
  {
    name: 'slow',
    title: 'A build of 10 s: a step that sleeps that long and is never cached',
    times: 1 / 3,
    variants: [
      slow(SLOW, 'slow', {}, PLAIN),
      slow('Slipway, a branch, a test of 8 s beside the build', 'slow', { test: 'sleep 8' }, SLOW),
      slow('Slipway, main, cache: auto', 'main', {}, SLOW_MAIN),
      slow(SLOW_MAIN, 'main', { cache: 'none' }),
      plain(PLAIN, ['slow'], { more: () => ['--file', SLOW_FILE, '--build-arg', `RUN=${randomUUID()}`] }),
    ],
    goals: [
      atMost(SLOW, PLAIN, 1.05),
      atMost('Slipway, a branch, a test of 8 s beside the build', SLOW, 1.1),
      atMost('Slipway, main, cache: auto', SLOW_MAIN, 1.15),
    ],
  },
  {
    name: 'again',
    title: 'The same commit again: its image is there and nothing is built',
    variants: [
      again('Slipway', async (world, clone) => (await world.slipway('main', clone, {})).ms, PLAIN),
      again(PLAIN, (world, clone) => world.bare(clone, ['sha-new', 'main', 'latest'])),
    ],
    goals: [within('Slipway', 1_500, 'ms')],
  },
  {
    name: 'shipped',
    title: 'What main shipped, for another ref: nothing is built, and no layer is moved',
    variants: [
      shipped('a git tag on its commit', async (world, clone) => () => world.version(clone, { file: BARE_FILE })),
      shipped('a branch with the same content', async (world) => {
        const clone = await world.checkOut('same');
        return async () => {
          const run = await world.slipway('same', clone, { file: BARE_FILE });
          clone.remove();
          return run;
        };
      }),
    ],
    goals: [within('a git tag on its commit', 1_500, 'ms'), within('a branch with the same content', 1_500, 'ms')],
  },
  BYTECODE,
  CHECKS,
  ...BUILDERS,
  {
    name: 'start',
    title: 'Start: main refuses at once, post has nothing to do',
    times: 2,
    variants: [
      { name: 'main', beside: 'node -e 0', prepare: async (world) => () => world.refused('main') },
      { name: 'post', beside: 'node -e 0', prepare: async (world) => () => world.refused('post') },
      { name: 'node -e 0', prepare: async (world) => () => world.emptyNode() },
    ],
    goals: [
      atMostMore('main over an empty Node', ['main', 'node -e 0'], 100),
      atMostMore('post over an empty Node', ['post', 'node -e 0'], 50),
    ],
  },
  MEMORY,
];
