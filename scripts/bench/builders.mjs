// What builders that are not the engine's own take, and what they are sent.

import { runProcess } from '../testbed/runner-process.mjs';
import { atMost } from './measure.mjs';
import { openBuilders } from './other-builders.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./world.mjs').Clone} Clone */
/** @typedef {import('./measure.mjs').Variant} Variant */
/** @typedef {import('./other-builders.mjs').Kind} Kind */
/** @typedef {import('./other-builders.mjs').Builder} Builder */
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

/** Builders that have built main, as they have for every branch but the first: what it is compared with has their layers. @type {Set<string>} */
const primed = new Set();

/** @param {Record<string, string>} [inputs] @returns {Once} */
function slipway(inputs = {}) {
  return async (world, clone, { name, config }) => {
    const env = { ...world.bench.env, BUILDX_CONFIG: config };
    const image = `${world.host}/apart/${name}`;
    const asked = { image, cache: 'none', reuse: 'off', checks: 'off', builder: name };
    if (!primed.has(name)) {
      const main = await world.checkOut('main');
      await world.slipway('main', main, asked, { env });
      main.remove();
      primed.add(name);
    }
    return (await world.slipway('apart', clone, { ...asked, ...inputs }, { env })).ms;
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
