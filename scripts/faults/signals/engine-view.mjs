// The engine's own word on what a run has left behind, asked without any code of Slipway's.

import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('./world.mjs').World} World */

/** Names of images, containers and turns that belong to a run. @param {World} world @param {{ nonce: string, image: string }} run @returns {Promise<string[]>} */
export async function readRemains(world, { nonce, image }) {
  const label = encodeURIComponent(JSON.stringify({ label: [`io.slipway.run=${nonce}`] }));
  const [images, containers, volumes] = await Promise.all([
    askEngine(world, 'GET', '/images/json?all=1'),
    askEngine(world, 'GET', `/containers/json?all=1&filters=${label}`),
    askEngine(world, 'GET', `/volumes?filters=${label}`),
  ]);
  const names = images.flatMap((/** @type {{ RepoTags: string[] | null }} */ one) => one.RepoTags ?? []);
  return [
    ...names.filter((/** @type {string} */ name) => name.includes(nonce) || name.startsWith(`${image}:`)),
    ...containers.map((/** @type {{ Id: string }} */ one) => `container ${one.Id}`),
    ...(volumes.Volumes ?? []).map((/** @type {{ Name: string }} */ one) => one.Name),
  ];
}

/** Takes the turn to push a reference, as another run would; the result gives it back. @param {World} world @param {string} reference */
export async function holdTurn(world, reference) {
  const name = `slipway-turn-${createHash('sha256').update(reference).digest('hex').slice(0, 32)}`;
  await askEngine(world, 'POST', '/volumes/create', { Name: name, Labels: { 'io.slipway.run': 'another' } });
  return () => void askEngine(world, 'DELETE', `/volumes/${name}`);
}

/** @param {World} world @param {string} method @param {string} path @param {unknown} [json] @returns {Promise<any>} */
async function askEngine(world, method, path, json) {
  for (let tries = 1; ; tries++) {
    const { status, body } = await askOnce(world, { method, path, json });
    if (status < 300 || (status === 404 && method === 'DELETE')) return body;
    // an engine that lists images while one goes answers 404 or 500
    if (tries === 5) throw new Error(`${method} ${path}: status ${status} (${JSON.stringify(body)})`);
    await sleep(100);
  }
}

/** @param {World} world @param {{ method: string, path: string, json: unknown }} question @returns {Promise<{ status: number, body: any }>} */
function askOnce({ socket }, { method, path, json }) {
  const body = json === undefined ? '' : JSON.stringify(json);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, method, path, headers }, (reply) => {
      /** @type {Buffer[]} */
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: reply.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
