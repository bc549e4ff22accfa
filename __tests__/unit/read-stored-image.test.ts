import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { readEngineImage } from '../../src/tools/image-reader/read-image.ts';
import { tarOf } from '../support/layers.ts';

const layers = await Promise.all(
  ['a', 'b', 'c'].map((name) => tarOf([{ name, content: name.repeat(70_000) }])), // longer than a frame of HTTP/2
);
const config = Buffer.from('{"os":"linux","architecture":"amd64"}');
const describeBlob = (bytes: Uint8Array, mediaType: string) => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  digest: digestOf(bytes),
  size: bytes.length,
});
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describeBlob(config, 'config.v1+json'),
    layers: layers.map((layer) => describeBlob(layer, 'layer.v1.tar')),
  }),
);
const blobs = new Map([manifest, config, ...layers].map((bytes) => [digestOf(bytes), bytes]));
const id = digestOf(manifest);
const lowest = digestOf(layers[0] ?? config);
const archive = await tarOf([
  ...[...blobs].map(([digest, content]) => ({ name: `blobs/${digest.replace(':', '/')}`, content })),
  {
    name: 'index.json',
    content: JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [describeBlob(manifest, 'manifest.v1+json')],
    }),
  },
]);

const folder = mkdtempSync(join(tmpdir(), 'slipway-store-'));
const path = join(folder, 'engine.sock');
let close = (): void => {};
afterEach(() => close());
afterEach(() => rmSync(path, { force: true }));

/** What one call of `Content/Read` asks for; `bytes` from the offset on. */
interface Question {
  readonly stream: ServerHttp2Stream;
  readonly digest: string;
  readonly offset: number;
  readonly bytes: Uint8Array | undefined;
}
/** Answers it, with a gRPC status at the end. */
type Answer = (question: Question) => string;

/** An engine with a content store that answers so, or without one; it notes what it is asked for. */
async function startEngine(answer: Answer | undefined): Promise<string[]> {
  const asked: string[] = [];
  const store = createHttp2();
  store.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.once('data', (request: Buffer) => {
      asked.push('blob');
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      const digest = request.toString('latin1', 7, 78); // behind gRPC's head, a tag and its length
      const offset = readVarint(request.subarray(79));
      const bytes = [...blobs].find(([one]) => one === digest)?.[1].subarray(offset);
      const status = (answer ?? sendAll)({ stream, digest, offset, bytes });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
      if (!stream.destroyed) stream.end();
    });
  });
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('/').at(-1)}`);
    if (request.url?.endsWith('/get') === true) response.end(archive);
    else response.writeHead(404).end('{"message":"page not found"}');
  });
  if (answer !== undefined)
    server.on('upgrade', (_, socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      store.emit('connection', socket);
    });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
    store.close();
  };
  return asked;
}

function readVarint(bytes: Uint8Array): number {
  const end = bytes.findIndex((byte) => byte < 0x80);
  return bytes.subarray(0, end + 1).reduceRight((value, byte) => value * 0x80 + (byte % 0x80), 0);
}

/** A message with some bytes, as protobuf and gRPC wrap it. */
function wrap(bytes: Uint8Array): Buffer {
  const length: number[] = [];
  for (let left = bytes.length; ; left = Math.floor(left / 0x80)) {
    length.push((left % 0x80) + (left < 0x80 ? 0 : 0x80));
    if (left < 0x80) break;
  }
  const message = Buffer.concat([Buffer.from([0x08, 0x96, 0x01, 0x12, ...length]), bytes]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** All of it, in messages of 50,000 bytes. */
const sendAll: Answer = ({ stream, bytes }) => {
  if (bytes === undefined) return '5';
  for (let at = 0; at < bytes.length; at += 50_000) stream.write(wrap(bytes.subarray(at, at + 50_000)));
  return '0';
};

const read = () => {
  const engine = connectEngine({ kind: 'unix', path });
  const at = { image: id, platform: undefined };
  return readEngineImage(engine, at, { look: () => undefined, cancel: new AbortController().signal });
};
const names = [['/a'], ['/b'], ['/c']];

test('an engine that hands out its blobs is not asked for an archive', async () => {
  const asked = await startEngine(sendAll);
  const { layers: all, configDigest } = await read();
  expect(all.map((records) => records.map((one) => one.path))).toEqual(names);
  expect(configDigest).toBe(digestOf(config));
  expect(asked.filter((one) => one !== 'blob')).toEqual([]);
});

test('a blob that breaks off is taken up again where it did', async () => {
  const offsets: number[] = [];
  const asked = await startEngine((question) => {
    const { stream, digest, offset, bytes } = question;
    if (digest === lowest) offsets.push(offset);
    if (digest !== lowest || offset > 0) return sendAll(question);
    stream.write(wrap(bytes?.subarray(0, 50_000) ?? Buffer.alloc(0)));
    return '14';
  });
  expect((await read()).layers.map((records) => records.map((one) => one.path))).toEqual(names);
  expect(offsets).toEqual([0, 50_000]);
  expect(asked).not.toContain('GET get');
});

/** Answers so for one layer. */
const broken =
  (bytes: readonly number[], status = '0'): Answer =>
  (question) => {
    if (question.digest !== lowest) return sendAll(question);
    question.stream.write(Buffer.from(bytes));
    return status;
  };

test.each<[string, Answer | undefined]>([
  ['has no such door', undefined],
  ['has none of the image', () => '5'],
  ['does not know the question', () => '12'],
  ['lacks a layer', broken([], '5')],
  [
    'ends the connection',
    (question) => {
      if (question.digest === lowest) question.stream.session?.destroy();
      return question.digest === lowest ? '0' : sendAll(question);
    },
  ],
  ['packs what it sends', broken([1, 0, 0, 0, 2, 0x12, 0])],
  ['sends a field that nobody knows', broken([0, 0, 0, 0, 2, 0x18, 0x01])],
  ['breaks off in a field', broken([0, 0, 0, 0, 1, 0x12])],
  ['breaks off in a message', broken([0, 0, 0, 0, 9, 0x12, 0x07, 1])],
])('an engine that %s is asked for an archive', async (_, answer) => {
  const asked = await startEngine(answer);
  expect((await read()).layers.map((records) => records.map((one) => one.path))).toEqual(names);
  expect(asked.at(-1)).toBe('GET get');
});

test('bytes that are not those of the digest are an error', async () => {
  const asked = await startEngine((question) => {
    const bytes = Buffer.from(question.bytes ?? []);
    if (question.digest === lowest) bytes.writeUInt8(1, bytes.length - 1);
    return sendAll({ ...question, bytes });
  });
  await expect(read()).rejects.toMatchObject({
    code: 'image-unreadable',
    message: expect.stringMatching(/the bytes of sha256:\w+ are those of/),
  });
  expect(asked).not.toContain('GET get');
});

test('a cancelled run reads nothing', async () => {
  await startEngine(sendAll);
  const engine = connectEngine({ kind: 'unix', path });
  const reading = readEngineImage(
    engine,
    { image: id, platform: undefined },
    {
      look: () => undefined,
      cancel: AbortSignal.abort(),
    },
  );
  await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
});
