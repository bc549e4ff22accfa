// A door in front of a real registry that writes down when each request came, and can hold some of them back.

import { createServer, request } from 'node:http';

/** @typedef {{ at: number, method: string, path: string }} Seen `at`: when the request's head came, by Date.now() */
/** @typedef {{ method: RegExp, path: RegExp, ms: number }} Hold requests of this kind go on after so many milliseconds, also where their sender has gone */
/**
 * @typedef {object} Watch what happens to the requests for one repository
 * @property {Seen[]} seen
 * @property {Hold | undefined} hold
 * @property {((seen: Seen) => void) | undefined} onRequest
 * @property {number} open requests that the registry has not answered yet
 */

/** Opens a proxy on loopback. @param {{ url: string }} registry */
export async function openRecorder(registry) {
  const target = new URL(registry.url);
  /** @type {Map<string, Watch>} */
  const watches = new Map();
  const server = createServer((incoming, response) => {
    void serve(incoming, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  /** @param {import('node:http').IncomingMessage} incoming @param {import('node:http').ServerResponse} response */
  const serve = async (incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const path = url.replace(/\?.*/, '');
    const watch = watches.get(/^\/v2\/(acme\/[^/]+)\//.exec(path)?.[1] ?? '');
    const seen = { at: Date.now(), method, path };
    watch?.seen.push(seen);
    const body = method === 'GET' || method === 'HEAD' ? undefined : read(incoming);
    watch?.onRequest?.(seen);
    const { hold } = watch ?? {};
    if (watch !== undefined) watch.open += 1;
    try {
      if (hold?.method.test(method) === true && hold.path.test(path))
        await new Promise((resolve) => setTimeout(resolve, hold.ms));
      await forward({ method, path: url, headers, body: await body }, response, target);
    } finally {
      if (watch !== undefined) watch.open -= 1;
    }
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    host: `127.0.0.1:${port}`,
    /** @param {string} repository @param {Pick<Watch, 'hold' | 'onRequest'>} wish @returns {Watch} */
    watch: (repository, { hold, onRequest }) => {
      const watch = { seen: [], hold, onRequest, open: 0 };
      watches.set(repository, watch);
      return watch;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What came of a body; a sender that was cut off sent nothing whole, and that goes no further. @param {import('node:http').IncomingMessage} incoming @returns {Promise<Buffer | undefined>} */
function read(incoming) {
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('close', () => resolve(undefined));
    incoming.on('error', () => resolve(undefined));
  });
}

/** @param {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, body: Buffer | undefined }} sent @param {import('node:http').ServerResponse} response @param {URL} target */
function forward({ method, path, headers, body }, response, target) {
  const { 'transfer-encoding': _, ...kept } = headers;
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    if (body === undefined && method !== 'GET' && method !== 'HEAD') {
      response.destroy();
      resolve(undefined);
      return;
    }
    const options = { host: target.hostname, port: target.port, method, path, headers: { ...kept, ...length } };
    const onward = request(options, (reply) => {
      response.on('error', () => {});
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
      reply.on('end', resolve);
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
