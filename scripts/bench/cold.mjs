// The first build of a branch on an engine that has built nothing of it, with main's cache in the registry.

import { randomUUID } from 'node:crypto';
import { ensureTestbed } from '../testbed/index.mjs';
import { runProcess } from '../testbed/runner-process.mjs';
import { atMost } from './measure.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./world.mjs').Clone} Clone */

const BARE = 'docker buildx build --push --cache-from';
const SLOW = 'Slipway, COPY in place of COPY --link';

/** A build stage that takes time, and a final stage that takes what it made. @param {string} copy */
function app(copy) {
  return {
    Dockerfile: [
      'FROM busybox:stable AS made',
      'COPY once /once',
      'RUN sleep 3 && head -c 20000000 /dev/urandom > /big',
      'FROM busybox:stable',
      `${copy} --from=made /big /big`,
      `${copy} message /message`,
      '',
    ].join('\n'),
    message: 'hello\n',
  };
}

/** Each measurement has an app of its own, whose main another engine has built: this engine knows none of its steps. @param {World} world @param {string} copy */
async function prepareCold(world, copy) {
  const path = `cold/${randomUUID()}`;
  const inputs = { image: `${world.host}/${path}` };
  const origin = await world.createOrigin({ ...app(copy), once: path });
  const main = await origin.clone({ ref: 'refs/heads/main', depth: 1 });
  const { env } = await ensureTestbed({ engine: 'apart' });
  await world.slipway('main', main, inputs, { env });
  main.remove();
  await origin.commit('feature', { message: 'hello branch\n' });
  const clone = await origin.clone({ ref: 'refs/heads/feature', depth: 1 });
  const close = () => {
    clone.remove();
    origin.remove();
  };
  return { clone, inputs, close };
}

/** @param {string} name @param {string} copy @param {(world: World, cold: { clone: Clone, inputs: { image: string } }) => Promise<number>} run @param {string} [beside] @returns {import('./measure.mjs').Variant} */
function cold(name, copy, run, beside) {
  return {
    name,
    ...(beside === undefined ? {} : { beside }),
    prepare: async (world) => {
      const { close, ...prepared } = await prepareCold(world, copy);
      return async () => {
        const ms = await run(world, prepared);
        close();
        return ms;
      };
    },
  };
}

/** @param {World} world @param {{ clone: Clone, inputs: { image: string } }} cold */
async function slipway(world, { clone, inputs }) {
  return (await world.slipway('feature', clone, inputs)).ms;
}

/** @param {World} world @param {{ clone: Clone, inputs: { image: string } }} cold */
async function bare({ bench }, { clone, inputs: { image } }) {
  const from = `type=registry,ref=${image}:cache-main`;
  const argv = ['docker', 'buildx', 'build', '--push', '--provenance=false', '--cache-from', from];
  const env = { PATH: process.env.PATH ?? '', HOME: clone.folder, ...bench.env };
  const options = { cwd: clone.folder, env, onLine: () => {}, kill: undefined };
  const { code, log, ms } = await runProcess({ argv: [...argv, '--tag', `${image}:feature`, '.'], ...options });
  if (code !== 0) throw new Error(`ended with ${code}:\n${log}`);
  return ms;
}

/** @type {import('./measure.mjs').Case} */
export const COLD = {
  name: 'cold',
  title:
    'The first push to a branch on an engine that knows nothing of it: one file is new, main’s cache is in the registry',
  times: 1 / 3,
  variants: [
    cold('Slipway', 'COPY --link', slipway, BARE),
    cold(BARE, 'COPY --link', bare),
    cold(SLOW, 'COPY', slipway, BARE),
  ],
  goals: [atMost('Slipway', BARE, 1.1)],
};
