import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Http, type HttpRequest, openHttp } from '../../src/tools/http/http.ts';

let http: Http;
let closers: (() => void)[];
beforeEach(() => {
  http = openHttp();
  closers = [];
});
afterEach(() => {
  http.close();
  for (const close of closers) close();
});

async function listen(server: Server | net.Server, path?: string): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path ?? `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));
/** A server that says these very bytes and then ends, or goes on waiting. */
const say = (text: string, then: 'end' | 'wait'): Promise<string> =>
  listen(
    net.createServer((socket) => socket.once('data', () => (then === 'end' ? socket.end(text) : socket.write(text)))),
  );

function get(host: string, change: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url: new URL(`http://${host}/secret-path?secret-query`),
    socketPath: undefined,
    trust: { kind: 'verified', ca: undefined },
    headers: {},
    body: undefined,
    limit: 1_000,
    deadline: 2_000,
    cancel: new AbortController().signal,
    ...change,
  };
}

async function failure(promise: Promise<unknown>): Promise<{ kind: string; code: string; message: string }> {
  return promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error) => error,
  );
}

describe('request', () => {
  test('sends method, headers and body, and gives status, headers and bytes', async () => {
    const host = await serve((request, response) => {
      request.pipe(
        response.writeHead(418, {
          'X-Method': request.method ?? '',
          link: ['<a>', '<b>'],
          'x-length': request.headers['content-length'] ?? '',
        }),
      );
    });
    const reply = await http.request(get(host, { method: 'PUT', body: Buffer.from('körper') }));
    expect(reply.status).toBe(418);
    expect(Buffer.from(reply.bytes).toString()).toBe('körper');
    expect([reply.headers.get('x-method'), reply.headers.get('x-length'), reply.headers.get('link')]).toEqual([
      'PUT',
      '7',
      '<a>, <b>',
    ]);
  });

  test('connections are kept and used again', async () => {
    const ports: (number | undefined)[] = [];
    const host = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      response.end('x');
    });
    for (let round = 0; round < 3; round++) await http.request(get(host));
    expect(new Set(ports).size).toBe(1);
  });

  test('a kept connection that the server had closed costs a reading request nothing', async () => {
    let served = 0;
    const host = await listen(
      net.createServer((socket) =>
        socket.on('data', () =>
          ++served === 2 ? socket.resetAndDestroy() : socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'),
        ),
      ),
    );
    await http.request(get(host));
    expect((await http.request(get(host))).status).toBe(200);
    expect(served).toBe(3);
  });

  test.each([
    ['a body shorter than promised', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'broken'],
    ['chunks without their end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'broken'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'broken'],
    ['nothing', '', 'unreachable'],
  ])('%s is an error', async (_, text, kind) => {
    expect(await failure(http.request(get(await say(text, 'end'))))).toMatchObject({ name: 'HttpError', kind });
  });

  test('a HEAD has no body, whatever its length says', async () => {
    const host = await say('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n', 'end');
    expect((await http.request(get(host, { method: 'HEAD' }))).bytes).toHaveLength(0);
  });

  test('a long success is an error, a long refusal is cut, and neither is read to its end', async () => {
    const flood: RequestListener = (request, response) => {
      response.writeHead(request.method === 'GET' ? 200 : 502);
      const timer = setInterval(() => response.write('x'.repeat(50_000)), 1);
      response.on('close', () => clearInterval(timer));
    };
    const host = await serve(flood);
    expect(await failure(http.request(get(host)))).toMatchObject({ kind: 'too-long' });
    const refused = await http.request(get(host, { method: 'POST' }));
    expect([refused.status, refused.bytes.byteLength]).toEqual([502, 65_536]);
  });

  test.each([
    ['a silent server', ''],
    ['a head without an end', 'HTTP/1.1 200 OK\r\n'],
    ['a body without an end', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'],
  ])('%s ends at the deadline', async (_, text) => {
    const host = await say(text, 'wait');
    const began = performance.now();
    expect(await failure(http.request(get(host, { deadline: 100 })))).toMatchObject({ kind: 'timeout' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('a body that trickles ends at the deadline too', async () => {
    const host = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failure(http.request(get(host, { deadline: 150 })))).toMatchObject({ kind: 'timeout' });
  });

  test('cancellation ends it, before or in the middle', async () => {
    const host = await say('', 'wait');
    const stop = new AbortController();
    const waiting = failure(http.request(get(host, { cancel: stop.signal })));
    setTimeout(() => stop.abort(), 30);
    expect(await waiting).toMatchObject({ name: 'ActionError', code: 'cancelled' });
    let heard = 0;
    const other = await serve((_, response) => void response.end(String(++heard)));
    expect(await failure(http.request(get(other, { cancel: stop.signal })))).toMatchObject({ code: 'cancelled' });
    expect(heard).toBe(0);
  });

  test('nobody there: the message has the host and the code, nothing of path, query or headers', async () => {
    const host = await serve(() => undefined);
    for (const close of closers.splice(0)) close();
    const error = await failure(http.request(get(host, { headers: { authorization: 'Basic secret' } })));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED', message: `${host}: ECONNREFUSED` });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-http-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const socketPath = await listen(
      createServer((request, response) => void response.end(request.url)),
      join(folder, 's'),
    );
    const reply = await http.request(get('engine', { socketPath, url: new URL('http://engine/v1.41/info') }));
    expect(Buffer.from(reply.bytes).toString()).toBe('/v1.41/info');
  });
});

describe('trust', () => {
  let ca: string;
  let host: string;
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-tls-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ]);
    if (made.status !== 0) throw new Error(String(made.stderr));
    ca = readFileSync(cert, 'utf8');
    host = await listen(
      https.createServer({ key: readFileSync(key), cert: ca }, (_, response) => void response.end('x')),
    );
  });
  const over = (trust: HttpRequest['trust']): HttpRequest => get(host, { url: new URL(`https://${host}/`), trust });

  test('an unknown certificate is refused, and the connections of other trust are not borrowed', async () => {
    expect((await http.request(over({ kind: 'unverified' }))).status).toBe(200);
    expect((await http.request(over({ kind: 'verified', ca }))).status).toBe(200);
    expect(await failure(http.request(over({ kind: 'verified', ca: undefined })))).toMatchObject({ kind: 'untrusted' });
  });

  test('TLS to a server without it is EPROTO', async () => {
    const plain = await serve((_, response) => void response.end());
    const error = await failure(http.request(get(plain, { url: new URL(`https://${plain}/`) })));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'EPROTO' });
  });
});

describe('stream', () => {
  const stream = (host: string, change: Partial<HttpRequest & { idle: number }> = {}) =>
    http.stream({ ...get(host, change), idle: change.idle ?? 1_000 });

  test('chunks come as they are sent', async () => {
    let finish: (() => void) | undefined;
    const host = await serve((_, response) => {
      response.write('first');
      finish = () => response.end('second');
    });
    const { status, chunks } = await stream(host);
    const texts: string[] = [];
    for await (const chunk of chunks) {
      texts.push(Buffer.from(chunk).toString());
      finish?.();
    }
    expect([status, texts]).toEqual([200, ['first', 'second']]);
  });

  test('silence ends it, a slow reader does not', async () => {
    const host = await serve((_, response) => void response.write('first'));
    const { chunks } = await stream(host, { idle: 80 });
    const reader = chunks[Symbol.asyncIterator]();
    await reader.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = performance.now();
    expect(await failure(Promise.resolve(reader.next()))).toMatchObject({ kind: 'timeout' });
    expect(performance.now() - began).toBeGreaterThan(60);
  });

  test('a reply that is cut off is an error, not an end', async () => {
    const { chunks } = await stream(
      await say('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'end'),
    );
    const read = async (): Promise<void> => {
      for await (const chunk of chunks) expect(Buffer.from(chunk).toString()).toBe('half');
    };
    expect(await failure(read())).toMatchObject({ kind: 'broken' });
  });

  test('leaving the loop ends the connection, cancellation ends the loop', async () => {
    const closed: Promise<void>[] = [];
    const host = await serve((request, response) => {
      closed.push(new Promise((resolve) => request.socket.once('close', () => resolve())));
      response.write('x');
    });
    for await (const _ of (await stream(host)).chunks) break;
    await closed[0];
    const stop = new AbortController();
    const { chunks } = await stream(host, { cancel: stop.signal });
    const read = async (): Promise<void> => {
      for await (const _ of chunks) stop.abort();
    };
    expect(await failure(read())).toMatchObject({ code: 'cancelled' });
    await closed[1];
  });

  test('a body is streamed up, and the head has a deadline', async () => {
    const host = await serve((request, response) => void request.pipe(response));
    const body = Readable.from([Buffer.from('a'), Buffer.from('b')]);
    const { chunks } = await http.stream({ ...get(host, { method: 'POST' }), body, idle: 1_000 });
    let text = '';
    for await (const chunk of chunks) text += Buffer.from(chunk).toString();
    expect(text).toBe('ab');
    expect(await failure(stream(await say('', 'wait'), { deadline: 80 }))).toMatchObject({ kind: 'timeout' });
  });
});

test('an idle connection does not keep the process alive', async () => {
  const host = await serve((_, response) => void response.end('x'));
  const folder = mkdtempSync(join(tmpdir(), 'slipway-exit-'));
  closers.push(() => rmSync(folder, { recursive: true }));
  const bundle = join(folder, 'http.mjs');
  const made = spawnSync('node_modules/.bin/rolldown', [
    'src/tools/http/http.ts',
    '--platform',
    'node',
    '--file',
    bundle,
  ]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const script = `
    const { openHttp } = await import(${JSON.stringify(bundle)});
    const trust = { kind: 'verified', ca: undefined };
    const cancel = new AbortController().signal;
    const url = new URL('http://${host}/');
    await openHttp().request({ method: 'GET', url, trust, cancel, headers: {}, limit: 9, deadline: 60_000 });
    const asked = performance.now();
    process.on('exit', () => console.log(performance.now() - asked));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) printed += String(chunk);
  expect(printed).toMatch(/^\d/);
  expect(Number(printed)).toBeLessThan(1_000);
});
