import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type Offer, openRelay, type Relay } from '../../src/tools/cache/relay.ts';
import { openHttp } from '../../src/tools/http/http.ts';
import { openCacheReader } from '../../src/tools/registry/cache-reader.ts';
import { systemClock } from '../../src/tools/registry/open-registry.ts';

const layer = Buffer.alloc(3_000_000, 'layer');
const config = Buffer.from('{"layers":[]}');
const stranger = Buffer.from('of another image');
const descriptor = (bytes: Uint8Array, mediaType: string) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.byteLength,
});
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: descriptor(config, 'application/vnd.buildkit.cacheconfig.v0'),
    layers: [descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
  }),
);
const root = digestOf(manifest);
const stored = new Map<string, Uint8Array>([manifest, config, layer, stranger].map((one) => [digestOf(one), one]));

type Fault = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => boolean;
let registry: Server;
let relay: Relay;
let asked: { method: string; url: string; authorization: string | undefined }[];
/** True where it has dealt with the request itself. */
let fault: Fault;
let offer: Offer;
let troubles: string[];

beforeEach(async () => {
  asked = [];
  troubles = [];
  fault = () => false;
  registry = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, authorization: headers.authorization });
    if (headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return;
    }
    const bytes = stored.get(url.slice(url.lastIndexOf('/') + 1));
    if (bytes === undefined) response.writeHead(404).end();
    else if (!fault(request, response, bytes)) {
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-type': mediaType });
      response.end(bytes.subarray(from));
    }
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  relay = await openRelay();
  offer = offerWith(patient);
});

/** Milliseconds, and tries: a busy machine is not taken for a registry that says nothing. */
const patient = { request: 20_000, budget: 60_000, tries: 2, idle: 20_000 };
/** For a registry that does say nothing. */
const hasty = { ...patient, request: 400, idle: 300 };

function offerWith(patience: typeof patient): Offer {
  const repository = parseRepository(`127.0.0.1:${(registry.address() as AddressInfo).port}/acme/app`);
  return relay.offer([{ repository, tag: parseTag('cache'), digest: root }], {
    patience: { imports: patience, layers: patience },
    onTrouble: (reason) => troubles.push(reason),
    read: async (source, cancel) =>
      openCacheReader(source.repository, {
        http: openHttp(),
        rules: { insecure: new Set<string>(), authorities: new Map() },
        credentials: async () => ({ kind: 'basic', username: 'ada', password: 'secret' }),
        onSecret: () => undefined,
        clock: systemClock,
        pace: patience,
        cancel,
      }),
  });
}

afterEach(() => {
  offer.withdraw();
  registry.closeAllConnections();
  registry.close();
});

function place(kind: 'manifests' | 'blobs', digest: string): string {
  const [source] = offer.sources;
  if (source === undefined) throw new Error('no source');
  return `http://${source.repository.registry}/v2/${source.repository.path}/${kind}/${digest}`;
}

/** A connection that is kept may be closed at the moment it is used again, on a busy machine. */
const once = { connection: 'close' };

/** What a reader gets: the status and the bytes, `cut` where the connection ended before they did. */
async function read(url: string, method = 'GET'): Promise<{ status: number; bytes: Buffer | 'cut' }> {
  const reply = await fetch(url, { method, headers: once }).catch(() => undefined);
  if (reply === undefined) return { status: 0, bytes: 'cut' };
  try {
    return { status: reply.status, bytes: Buffer.from(await reply.arrayBuffer()) };
  } catch {
    return { status: reply.status, bytes: 'cut' };
  }
}

describe('the cache relay', () => {
  test('hands out a cache as its registry has it, with a login that its reader never sees', async () => {
    const head = await fetch(place('manifests', root), { method: 'HEAD', headers: once });
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'content-type': mediaType,
      'content-length': String(manifest.byteLength),
      'docker-content-digest': root,
    });
    expect(await read(place('manifests', root))).toEqual({ status: 200, bytes: manifest });
    expect(await read(place('blobs', digestOf(config)))).toEqual({ status: 200, bytes: config });
    const got = await read(place('blobs', digestOf(layer)));
    expect(got.status).toBe(200);
    expect(layer.equals(got.bytes as Buffer)).toBe(true);
    expect((await read(place('blobs', digestOf(layer)), 'HEAD')).status).toBe(200);
    // a HEAD and two GETs of the manifest are one question to the registry
    expect(asked.filter(({ url, authorization }) => url.includes('/manifests/') && authorization)).toHaveLength(1);
    expect(troubles).toEqual([]);
  });

  test.each<[string, string, (good: string) => string]>([
    ['another repository', 'GET', () => `/v2/${'0'.repeat(32)}/manifests/${root}`],
    ['a tag', 'GET', (good) => good.replace(root, 'latest')],
    ['a digest that the cache does not name', 'GET', (good) => good.replace(root, digestOf(stranger))],
    [
      'a blob that the cache does not name',
      'GET',
      (good) => good.replace('manifests', 'blobs').replace(root, digestOf(stranger)),
    ],
    ['a list of tags', 'GET', (good) => good.replace(/manifests.*/, 'tags/list')],
    ['an upload', 'POST', (good) => good.replace(/manifests.*/, 'blobs/uploads/')],
    ['a write', 'PUT', (good) => good],
    ['a deletion', 'DELETE', (good) => good],
    ['the catalog', 'GET', () => '/v2/_catalog'],
    ['a way round', 'GET', (good) => good.replace('/manifests', '/../manifests')],
  ])('has no answer for %s', async (_, method, change) => {
    const good = new URL(place('manifests', root));
    expect((await read(`${good.origin}${change(good.pathname)}`, method)).status).toBe(404);
    expect(asked.some(({ url }) => url.includes(digestOf(stranger)))).toBe(false);
    expect(troubles).toEqual([]);
  });

  const of = (digest: Digest, hit: Fault): Fault => {
    return (request, response, bytes) => request.url?.endsWith(digest) === true && hit(request, response, bytes);
  };
  const altered: Fault = (_, response, bytes) => {
    const other = Buffer.from(bytes);
    other[other.length >> 1] = 0;
    response.writeHead(200, { 'content-type': mediaType }).end(other);
    return true;
  };
  const silent: Fault = () => true;
  const half: Fault = (_, response, bytes) => {
    response.writeHead(200, { 'content-type': mediaType });
    response.write(bytes.subarray(0, bytes.byteLength >> 1));
    return true;
  };
  const longer: Fault = (_, response, bytes) => {
    response.writeHead(200, { 'content-type': mediaType }).end(Buffer.concat([bytes, Buffer.from('   \n')]));
    return true;
  };
  const gone: Fault = (_, response) => {
    response.writeHead(404).end();
    return true;
  };

  test.each<[string, 'manifests' | 'blobs', Uint8Array, Fault, RegExp]>([
    ['a manifest with other bytes', 'manifests', manifest, altered, /its bytes are those of/],
    ['a manifest with bytes added', 'manifests', manifest, longer, /its bytes are those of/],
    ['a manifest that never comes', 'manifests', manifest, silent, /nothing within/],
    ['a manifest that is gone', 'manifests', manifest, gone, /is gone/],
    ['a config with other bytes', 'blobs', config, altered, /not those of its digest/],
    ['a config that never comes', 'blobs', config, silent, /nothing within/],
    ['a layer with other bytes', 'blobs', layer, altered, /not those of its digest/],
    ['a layer with bytes added', 'blobs', layer, longer, /longer than its manifest says/],
    ['a layer that stops in the middle', 'blobs', layer, half, /nothing within/],
    ['a layer that is gone', 'blobs', layer, gone, /status 404/],
  ])('never hands on %s, and gives the cache up', async (_, kind, bytes, hit, reason) => {
    const digest = digestOf(bytes);
    fault = of(digest, hit);
    if (hit === silent || hit === half) {
      offer.withdraw();
      offer = offerWith(hasty);
    }
    const { status, bytes: got } = await read(place(kind, digest));
    expect(status === 404 || got === 'cut').toBe(true);
    expect(offer.trouble()).toMatch(reason);
    expect(troubles).toEqual([offer.trouble()]);
    fault = () => false;
    expect((await read(place('manifests', root))).status).toBe(404);
  });

  test.each([
    ['takes up the rest', true],
    ['starts over', false],
  ])('goes on with a layer that was cut off on its way, where the registry %s', async (_, hasRanges) => {
    let cuts = 0;
    fault = of(digestOf(layer), (request, response, bytes) => {
      if (!hasRanges) delete request.headers.range;
      if (cuts === 2) return false;
      cuts += 1;
      response.writeHead(200, { 'content-length': String(bytes.byteLength) });
      response.write(bytes.subarray(0, cuts * 1_000_000), () => setTimeout(() => request.socket.destroy(), 30));
      return true;
    });
    if (hasRanges)
      fault = of(digestOf(layer), (request, response, bytes) => {
        if (cuts === 2) return false;
        cuts += 1;
        const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        response.writeHead(from > 0 ? 206 : 200, { 'content-length': String(bytes.byteLength - from) });
        response.write(bytes.subarray(from, from + 500_000), () => setTimeout(() => request.socket.destroy(), 30));
        return true;
      });
    const { bytes } = await read(place('blobs', digestOf(layer)));
    expect(layer.equals(bytes as Buffer)).toBe(true);
    expect(troubles).toEqual([]);
  });

  test('ends whoever waits when the offer is withdrawn', async () => {
    const waits = new Promise<void>((resolve) => {
      fault = of(digestOf(layer), (...all) => {
        resolve();
        return silent(...all);
      });
    });
    const reading = read(place('blobs', digestOf(layer)));
    await waits;
    offer.withdraw();
    expect((await reading).bytes).toBe('cut');
    expect((await read(place('manifests', root))).status).toBe(404);
    expect(troubles).toEqual([]);
  });

  test('calls caches by their own names', () => {
    const [source] = offer.sources;
    expect(offer.rename(`importing cache manifest from ${source?.repository.name}@${root}`)).toMatch(
      /^importing cache manifest from 127\.0\.0\.1:\d+\/acme\/app@sha256:/,
    );
  });
});
