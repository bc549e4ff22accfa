// What most people use today, from a folder beside the project: docker/metadata-action and docker/build-push-action.

import { createServer } from 'node:http';
import { join } from 'node:path';
import { atMost } from './measure.mjs';

const TODAY = 'metadata-action and build-push-action';

/** Their metadata-action asks GitHub about the repository: an answer from loopback costs it next to nothing. */
async function startApi() {
  const answer = JSON.stringify({
    name: 'app',
    full_name: 'octo-org/app',
    default_branch: 'main',
    html_url: 'https://github.com/octo-org/app',
    license: null,
  });
  const server = createServer((_, reply) => reply.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  server.unref();
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/** @param {import('./world.mjs').World} world @param {import('./world.mjs').Clone} clone @param {{ folder: string, url: string }} where */
async function runTheirs(world, clone, { folder, url }) {
  // nothing of theirs is to wait for a service that is not here
  const env = {
    ...world.bench.env,
    GITHUB_API_URL: url,
    GITHUB_TOKEN: 'none',
    DOCKER_BUILD_SUMMARY: 'false',
    DOCKER_BUILD_RECORD_UPLOAD: 'false',
  };
  const push = { branch: 'topic', sha: clone.sha };
  const run = async (/** @type {string} */ name, /** @type {Record<string, string>} */ inputs) => {
    const done = await world.act(push, { action: join(folder, name), inputs, workspace: clone.folder, env });
    if (done.main.conclusion !== 'success') throw new Error(`${name} is not green:\n${done.main.log}`);
    done.cleanup();
    return { ms: done.main.ms + (done.post?.ms ?? 0), outputs: done.outputs };
  };
  const names = await run('metadata-action', { images: `${world.host}/acme/today` });
  const { tags = '', labels = '' } = names.outputs;
  const built = await run('build-push-action', { context: '.', push: 'true', tags, labels });
  return names.ms + built.ms;
}

/** @param {string} folder with `metadata-action` and `build-push-action` in it @returns {import('./measure.mjs').Case} */
export function besideActions(folder) {
  /** @type {Promise<string> | undefined} */
  let api;
  return {
    name: 'actions',
    title: 'A push to a branch, every step cached, beside what most people use today',
    variants: [
      {
        name: 'Slipway',
        beside: TODAY,
        prepare: async (world) => {
          const clone = await world.checkOut('topic');
          return async () => {
            const { ms } = await world.slipway('topic', clone, { reuse: 'off' });
            clone.remove();
            return ms;
          };
        },
      },
      {
        name: TODAY,
        prepare: async (world) => {
          api ??= startApi();
          const [clone, url] = [await world.checkOut('topic'), await api];
          return async () => {
            const ms = await runTheirs(world, clone, { folder, url });
            clone.remove();
            return ms;
          };
        },
      },
    ],
    goals: [atMost('Slipway', TODAY, 0.25)],
  };
}
