import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine } from '../../src/tools/engine/call.ts';
import type { Engine } from '../../src/tools/engine/engine.ts';

/** An engine behind a door that notes what is asked, and lets a request through once `pass` has resolved. */
export async function openDoor(engine: Engine, pass: (asked: readonly string[]) => Promise<void>) {
  if (engine.endpoint.kind !== 'unix') throw new Error('the engine listens on a socket');
  const { path } = engine.endpoint;
  const asked: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'slipway-door-'));
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    asked.push(`${method} ${url}`);
    void pass(asked).then(() => {
      const onward = forward({ socketPath: path, method, path: url, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      onward.on('error', () => response.destroy());
      incoming.pipe(onward);
    });
  });
  const socketPath = join(folder, 'sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const door: Engine = connectEngine({ kind: 'unix', path: socketPath });
  const close = (): void => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { door, asked, close };
}
