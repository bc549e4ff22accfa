import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { inspectImage } from '../../src/tools/engine/images.ts';
import { loadLayout } from '../../src/tools/engine/load.ts';

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

test.each([
  ['has it', 200, '{"stream":"Loaded image: x\\n"}', undefined],
  [
    'finds no room while it reads',
    200,
    '{"errorDetail":{"message":"write /l: no space left on device"},"error":"write /l: no space left on device"}',
    { code: 'disk-full', message: expect.stringContaining('it could not load the image: write /l: no space') },
  ],
  [
    'refuses it, and reads no further',
    500,
    '{"message":"unrecognized image format"}',
    { code: 'engine-missing', message: 'the Docker engine refused to load the image: unrecognized image format' },
  ],
])('an engine that is to take an image %s', async (_, status, said, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-load-'));
  writeFileSync(join(folder, 'blob'), Buffer.alloc(4_000_000));
  const path = join(folder, 'engine.sock');
  const server = createServer((request, response) => {
    const answer = (): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(said);
    if (status === 200) request.on('end', answer).resume();
    else request.once('data', answer);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const engine = connectEngine({ kind: 'unix', path });
  const loaded = loadLayout(engine, { folder, limit: 60_000 }, new AbortController().signal);
  if (expected === undefined) await loaded;
  else await expect(loaded).rejects.toMatchObject(expected);
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
