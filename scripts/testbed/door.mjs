// A door on loopback to a socket, as an engine or a builder elsewhere has one.

import { connect, createServer } from 'node:net';

/** @typedef {{ address: string, bytes: number, close: () => void }} Door `bytes`: what has gone through, either way */

/** @param {string} path of the socket @returns {Promise<Door>} */
export async function openDoor(path) {
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  // docker ends its side of a connection first and still listens
  const server = createServer({ allowHalfOpen: true }, (from) => {
    const to = connect({ path, allowHalfOpen: true });
    for (const socket of [from, to]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      socket.on('data', (chunk) => {
        door.bytes += chunk.length;
      });
    }
    from.pipe(to).pipe(from);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const door = {
    address: `tcp://127.0.0.1:${port}`,
    bytes: 0,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
  return door;
}
