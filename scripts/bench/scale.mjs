// How cost grows: with tags, repositories, the size of the image, the files of the context, and the versions that exist.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishing } from './cases.mjs';
import { CHECKS_SCALE } from './checks.mjs';
import { manyFiles } from './memory.mjs';
import { perWorld } from './per-world.mjs';

/** @typedef {import('./measure.mjs').Case} Case */
/** @typedef {import('./measure.mjs').Variant} Variant */
/** @typedef {import('./world.mjs').World} World */
/** @typedef {Awaited<ReturnType<World['createOrigin']>>} Origin */

const TAGS = [1, 10, 100];
const REPOSITORIES = [1, 4];
const SIZES = /** @type {const} */ ([
  ['10 MB', 10],
  ['300 MB', 300],
  ['2 GB', 2_000],
]);
const FILES = [100, 5_000, 50_000];
const VERSIONS = [10, 100, 1_000, 10_000];
const PLAIN = 'docker buildx build --push';

/** Slipway and the bare command on a project that is made once; each run is a new commit, all of it cached.
 * @param {string} what @param {() => Record<string, string>} files @returns {Variant[]} */
function project(what, files) {
  const make = perWorld((world) => world.createOrigin(files()));
  const open = async (/** @type {World} */ world) => {
    const origin = await make(world);
    await origin.commit('main', {}, { message: 'Nothing' });
    return origin.clone({ ref: 'refs/heads/main', depth: 1 });
  };
  const plain = `${what}: ${PLAIN}`;
  return [
    {
      name: `${what}: Slipway`,
      beside: plain,
      prepare: async (world) => {
        const clone = await open(world);
        return async () => {
          const inputs = { image: `${world.host}/scale/${slug(what)}`, cache: 'none' };
          const { ms } = await world.slipway('main', clone, inputs);
          clone.remove();
          return ms;
        };
      },
    },
    {
      name: plain,
      prepare: async (world) => {
        const clone = await open(world);
        return async () => {
          const ms = await world.bare(clone, [slug(what)]);
          clone.remove();
          return ms;
        };
      },
    },
  ];
}

/** @param {string} text */
function slug(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** @param {number} megabytes */
function heavy(megabytes) {
  const lines = ['FROM busybox:stable', `RUN head -c ${megabytes}000000 /dev/urandom > /big`, 'COPY . /app', ''];
  return { Dockerfile: lines.join('\n'), '.dockerignore': '.git\n', message: 'hello\n' };
}

/** @param {number} count */
function wide(count) {
  const lines = ['FROM busybox:stable', 'COPY . /app', ''];
  return { Dockerfile: lines.join('\n'), '.dockerignore': '.git\n', ...manyFiles(count) };
}

/** A project with git tags `v1.0.0` and up, of whose versions the registry has the highest where it is `published`.
 * @param {number} count @param {boolean} published @returns {Variant} */
function versions(count, published) {
  const path = `scale/versions-${count}-${published}`;
  const push = async (/** @type {World} */ world, /** @type {Origin} */ origin) => {
    await origin.commit('main', {}, { message: 'Nothing' });
    const clone = await origin.clone({ ref: 'refs/heads/main', depth: 1 });
    return async () => {
      const { ms } = await world.slipway('main', clone, { image: `${world.host}/${path}`, cache: 'none' });
      clone.remove();
      return ms;
    };
  };
  const make = perWorld(async (world) => {
    const origin = await world.createOrigin(wide(1));
    await (await push(world, origin))();
    await tagOrigin(origin, count);
    if (published) await publish(`http://${world.host}/v2/${path}/manifests`, `1.0.${count - 1}`);
    return origin;
  });
  return {
    name: `${count.toLocaleString('en')} git tags, ${published ? 'the highest is published' : 'none is published'}`,
    prepare: async (world) => push(world, await make(world)),
  };
}

/** @param {Origin} origin @param {number} count */
async function tagOrigin(origin, count) {
  const sha = await origin.sha('refs/heads/main');
  await origin.git('pack-refs', '--all');
  const lines = Array.from({ length: count }, (_, at) => `${sha} refs/tags/v1.0.${at}\n`);
  appendFileSync(join(origin.folder, 'packed-refs'), lines.join(''));
  await origin.git('pack-refs', '--all'); // in order again
}

/** A version tag for what main has. @param {string} url @param {string} tag */
async function publish(url, tag) {
  const type = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';
  const main = await fetch(`${url}/main`, { headers: { accept: type } });
  const headers = { 'content-type': main.headers.get('content-type') ?? '' };
  const put = await fetch(`${url}/${tag}`, { method: 'PUT', headers, body: await main.text() });
  if (!put.ok) throw new Error(`${url}/${tag}: status ${put.status}`);
}

/** @type {Case[]} */
export const SCALE = [
  {
    name: 'many-tags',
    title: 'Tags: the steps Upload and Tags of a push to main',
    goals: [],
    variants: TAGS.map((count) => {
      const extra = Array.from({ length: Math.max(0, count - 3) }, (_, at) => `extra-${at}`).join('\n');
      const latest = count === 1 ? 'never' : 'production-branch';
      return publishing(`${Math.max(2, count)} tags`, { latest, ...(extra === '' ? {} : { 'extra-tags': extra }) });
    }),
  },
  {
    name: 'many-repositories',
    title: 'Repositories of one registry, three tags in each: the steps Upload and Tags of a push to main',
    goals: [],
    variants: REPOSITORIES.map((count) => publishing(`${count} of them`, {}, count)),
  },
  {
    name: 'sizes',
    title: 'Size of the image: a push to main, every step cached, the layers in the registry',
    goals: [],
    variants: SIZES.flatMap(([what, megabytes]) => project(what, () => heavy(megabytes))),
  },
  {
    name: 'files',
    title: 'Files of the context: a push to main from a new checkout, every step cached',
    goals: [],
    variants: FILES.flatMap((count) => project(`${count.toLocaleString('en')} files`, () => wide(count))),
  },
  {
    name: 'versions',
    title: 'Versions that exist, when it is asked whether a release is published: a push to main',
    goals: [],
    variants: [...VERSIONS.map((count) => versions(count, false)), ...VERSIONS.map((count) => versions(count, true))],
  },
  ...CHECKS_SCALE,
];
