import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { inspectImage } from '../../src/tools/engine/images.ts';

test.each([
  [
    'asked again where another client changed it meanwhile',
    'consistency error: data changed during operation, retry',
    3,
  ],
  ['told at once otherwise', 'no such luck', 1],
])('an answer of the engine’s is %s', async (_, message, requests) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-crossed-'));
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked < 3 ? 500 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  });
  const path = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const answer = inspectImage(connectEngine({ kind: 'unix', path }), 'x', new AbortController().signal);
  if (requests === 1) await expect(answer).rejects.toThrow('no such luck');
  else expect(await answer).toBeUndefined();
  expect(asked).toBe(requests);
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
