// What every case shares: an engine, a registry with a login behind a recording door, and a repository.

import { randomBytes } from 'node:crypto';
import { parseEngineKind } from '../../testbed/engine.mjs';
import { ensureTestbed } from '../../testbed/index.mjs';
import { createOrigin } from '../../testbed/repo.mjs';
import { openRecorder } from './proxy.mjs';

const FILES = {
  Dockerfile: [
    'FROM busybox:stable',
    'ARG CASE',
    'ARG NAP=0',
    'RUN echo "$CASE" > /case && echo build-begins "$CASE" && sleep "$NAP"',
    'COPY . /app',
    '',
  ].join('\n'),
  '.dockerignore': '.git\n',
  message: 'hello\n',
  // deaf before it says a word, and with a child that has left its session, its parent and its pipes
  'slow.sh': [
    '[ "$SLOW" != "$1" ] || trap "" INT TERM HUP',
    'echo "$1"',
    '[ "$SLOW" = "$1" ] || exit 0',
    'setsid sh -c "trap \'\' INT TERM HUP; sleep 30" >/dev/null 2>&1 &',
    'sleep 30',
    '',
  ].join('\n'),
};

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */

/** Opens the world; `close` ends what it started. @param {(line: string) => void} log */
export async function openWorld(log) {
  const bench = await ensureTestbed({ log, engine: parseEngineKind(process.env.SLIPWAY_TESTBED_ENGINE || 'default') });
  const login = { username: 'octocat', password: `canary-${randomBytes(12).toString('hex')}` };
  const registry = await bench.startRegistry({ htpasswd: login });
  const recorder = await openRecorder(registry);
  const origin = await createOrigin(FILES);
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  return {
    bench,
    login,
    recorder,
    origin,
    sha: await origin.sha('refs/heads/main'),
    socket: bench.engine.dockerHost.replace('unix://', ''),
    /** Each tag of a repository with its digest, asked of the registry itself. @param {string} path @returns {Promise<Map<string, string>>} */
    readTags: async (path) => {
      const headers = { authorization, accept: ACCEPT };
      const list = await fetch(`${registry.url}/v2/${path}/tags/list`, { headers });
      if (list.status === 404) return new Map();
      const { tags } = /** @type {{ tags: string[] | null }} */ (await list.json());
      const pairs = (tags ?? []).map(async (tag) => {
        const reply = await fetch(`${registry.url}/v2/${path}/manifests/${tag}`, { method: 'HEAD', headers });
        return /** @type {const} */ ([tag, reply.headers.get('docker-content-digest') ?? '']);
      });
      return new Map(await Promise.all(pairs));
    },
    close: async () => {
      recorder.close();
      await registry.remove();
      origin.remove();
    },
  };
}

const ACCEPT =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
