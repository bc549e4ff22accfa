// Small HTTP questions to loopback ports and unix sockets, and free ports.

import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { createServer } from 'node:net';

/** @typedef {{ status: number, body: string }} Answer */

/**
 * Asks a local server; undefined where nobody answers in time.
 * @param {{ socketPath?: string, port?: number, scheme?: 'http' | 'https', path: string, method?: string, headers?: Record<string, string>, timeoutMs?: number }} question
 * @returns {Promise<Answer | undefined>}
 */
export function ask({ socketPath, port, scheme = 'http', path, method = 'GET', headers, timeoutMs = 5_000 }) {
  return new Promise((resolve) => {
    const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
    const request = scheme === 'https' ? requestTls : requestPlain;
    const lax = { rejectUnauthorized: false }; // a test's own server, on loopback
    const asked = request({ ...where, ...lax, path, method, headers, agent: false, timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(undefined));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

/**
 * A port of 127.0.0.1 nobody listens on: the preferred one where it is free.
 * @param {number} [preferred]
 * @returns {Promise<number>}
 */
export async function findFreePort(preferred = 0) {
  const found = await tryPort(preferred);
  if (found !== undefined) return found;
  const other = await tryPort(0);
  if (other === undefined) throw new Error('no loopback port is free');
  return other;
}

/** Whether this machine could listen on the port. @param {number} port */
export async function isPortFree(port) {
  return (await tryPort(port)) !== undefined;
}

/** @param {number} port @returns {Promise<number | undefined>} */
function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}
