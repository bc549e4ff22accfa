import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import type { Registry } from '../../src/model/registry.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type Http, openHttp } from '../../src/tools/http/http.ts';
import type { Credentials } from '../../src/tools/registry/credentials.ts';
import { openRegistry, probingPace, type RegistryOptions } from '../../src/tools/registry/open-registry.ts';
import { type FakeRegistry, type Fault, fakeLogin, fakeRefresh, startFakeRegistry } from '../support/fake-registry.ts';
import { basicLogin, testOptions, writeManifest } from './worlds.ts';

const config = Buffer.from('{"os":"linux"}');
const one = writeManifest(config, 'one');
const two = writeManifest(config, 'two');
const main = parseTag('main');
const none: Credentials = { kind: 'none' };

let fake: FakeRegistry;
let http: Http;
beforeEach(async () => {
  fake = await startFakeRegistry();
  http = openHttp();
  fake.blobs.set(digestOf(config), config);
  for (const { digest, mediaType, bytes } of [one, two])
    fake.manifests.set(digest, { mediaType, bytes: Buffer.from(bytes) });
  fake.tags.set('main', one.digest);
});
afterEach(async () => {
  http.close();
  await fake.close();
});

function open(login: Credentials, change: Partial<RegistryOptions> = {}): Registry & ReturnType<typeof testOptions> {
  const options = testOptions(login, http);
  return { ...options, ...openRegistry(parseRepository(`${fake.host}/acme/app`), { ...options, ...change }) };
}

function fault(method: string, act: Fault['act'], times = 1): void {
  fake.faults.push({ method, url: /manifests|blobs|tags|token/, times, act });
}

function status(code: number, headers: Record<string, string> = {}, body = ''): Fault['act'] {
  return { kind: 'answer', status: code, headers, body };
}

function unknown(detail: string): string {
  return `{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":${detail}}]}`;
}

function asked(method: string): number {
  return fake.seen.filter((request) => request.method === method && request.url.includes('manifests')).length;
}

describe('digests', () => {
  test('head hashes the bytes where the header is missing', async () => {
    fake.quirks.digestHeader = 'missing';
    expect(await open(none).head(main)).toBe(one.digest);
    expect(asked('GET')).toBe(1);
  });

  test('a header that is no digest is an error, not a reason to look away', async () => {
    fake.quirks.digestHeader = 'malformed';
    await expect(open(none).head(main)).rejects.toMatchObject({ kind: 'invalid-reply' });
  });

  test('a header that differs from the bytes is an error, and so is one that differs from the digest asked for', async () => {
    fake.quirks.digestHeader = 'lying';
    const registry = open(none);
    await expect(registry.manifest(main)).rejects.toMatchObject({ kind: 'invalid-reply' });
    await expect(registry.manifest(one.digest)).rejects.toMatchObject({ kind: 'invalid-reply' });
    await expect(registry.head(one.digest)).rejects.toMatchObject({ kind: 'invalid-reply' });
  });

  test('altered bytes under a digest are an error, also where no header tells', async () => {
    fake.quirks.digestHeader = 'missing';
    fake.manifests.set(one.digest, {
      mediaType: one.mediaType,
      bytes: Buffer.concat([one.bytes, Buffer.from('    ')]),
    });
    const registry = open(none);
    await expect(registry.manifest(one.digest)).rejects.toThrow(/its bytes are those of sha256:/);
    await expect(registry.head(one.digest)).rejects.toMatchObject({ kind: 'invalid-reply' });
    fake.blobs.set(digestOf(config), Buffer.from('{"os":"other"}'));
    await expect(registry.blob(digestOf(config), 100)).rejects.toThrow(/its bytes are those of sha256:/);
  });

  test('where the registry says it stored something else, the tag is read: what it holds decides', async () => {
    fake.quirks.putDigest = 'lying';
    await open(none).put(main, two, one.digest);
    expect([fake.tags.get('main'), asked('PUT')]).toEqual([two.digest, 1]);
    fault('PUT', status(201, { 'docker-content-digest': digestOf('something else') }), 9);
    await expect(open(none).put(main, one, two.digest)).rejects.toThrow(/it stored .* in place of/);
    expect(asked('PUT')).toBe(4);
  });

  test('put is no error where the registry does not say what it stored', async () => {
    fake.quirks.putDigest = 'missing';
    await open(none).put(main, two, one.digest);
    expect(fake.tags.get('main')).toBe(two.digest);
  });

  test.each(['HEAD', 'GET'])('an altered reply to %s is asked for anew, and never taken', async (method) => {
    fault(method, status(200, { 'docker-content-digest': two.digest }, 'altered'), 2);
    const registry = open(none);
    expect(method === 'HEAD' ? await registry.head(one.digest) : (await registry.manifest(main))?.digest).toBe(
      one.digest,
    );
    expect(asked(method)).toBe(3);
  });
});

describe('what is not there', () => {
  test('403 in place of 404 is no absence', async () => {
    fake.quirks.missing = 403;
    await expect(open(none).head(parseTag('gone'))).rejects.toMatchObject({ kind: 'forbidden', status: 403 });
    await expect(open(none).manifest(parseTag('gone'))).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('a page that is no manifest is an error, not a manifest', async () => {
    fault('GET', status(200, { 'content-type': 'text/html' }, '<html>login</html>'), 9);
    await expect(open(none).manifest(main)).rejects.toMatchObject({ kind: 'invalid-reply', status: 200 });
  });
});

describe('lists of tags', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  beforeEach(() => {
    fake.tags.clear();
    for (const name of names) fake.tags.set(name, one.digest);
  });

  test.each([
    ['relative', ''],
    ['query', ''],
    ['absolute', ''],
    ['relative', '/proxy'],
    ['absolute', '/proxy'],
  ] as const)('%s links with prefix "%s" are followed to the end', async (pages, prefix) => {
    Object.assign(fake.quirks, { pages, prefix, login: 'token' });
    expect(await open(basicLogin(fakeLogin)).tags()).toEqual(names);
  });

  test('a link to another host is an error, and the other host hears nothing', async () => {
    Object.assign(fake.quirks, { pages: 'foreign', login: 'basic' });
    await expect(open(basicLogin(fakeLogin)).tags()).rejects.toThrow(/another host/);
    expect(fake.seen.filter(({ host }) => host === 'other')).toEqual([]);
  });

  test.each([
    ['circle', /does not end after 2 pages/],
    ['endless', /does not end after 1000 pages/],
  ] as const)('pages without an end (%s) are an error', async (pages, said) => {
    fake.quirks.pages = pages;
    await expect(open(none).tags()).rejects.toThrow(said);
  });

  test.each(['{"tags":[1]}', '{"tags":"a"}', '<html>', '[]'])('%s is no list', async (body) => {
    fault('GET', status(200, {}, body), 9);
    await expect(open(none).tags()).rejects.toMatchObject({ kind: 'invalid-reply' });
  });

  test('null is an empty list', async () => {
    fault('GET', status(200, {}, '{"name":"acme/app","tags":null}'));
    expect(await open(none).tags()).toEqual([]);
  });
});

describe('logins', () => {
  test.each(['token', 'access_token'] as const)(
    'a token named %s is fetched once for each access and kept',
    async (field) => {
      Object.assign(fake.quirks, { login: 'token', tokenField: field });
      const registry = open(basicLogin(fakeLogin));
      await Promise.all([registry.head(main), registry.manifest(main), registry.hasBlob(digestOf(config))]);
      await registry.put(main, two, one.digest);
      await registry.put(main, one, two.digest);
      const wished = fake.seen.filter(({ url }) => url.startsWith('/token'));
      expect(wished.map(({ url }) => new URLSearchParams(url.split('?')[1]).getAll('scope'))).toEqual([
        ['repository:acme/app:pull'],
        ['repository:acme/app:pull,push'],
      ]);
      expect(wished.every(({ url }) => url.includes('from=fake'))).toBe(true);
    },
  );

  test('a token that expires in the middle is renewed once', async () => {
    fake.quirks.login = 'token';
    const registry = open(basicLogin(fakeLogin));
    await registry.put(main, two, one.digest);
    fake.tokens.clear();
    await registry.put(main, one, two.digest);
    expect(fake.tags.get('main')).toBe(one.digest);
    expect(registry.pauses).toEqual([]);
  });

  test('those who wait for a renewal share it', async () => {
    fake.quirks.login = 'token';
    const credentials = async (): Promise<Credentials> => {
      await new Promise((resolve) => setTimeout(resolve, 50)); // a helper takes its time
      return basicLogin(fakeLogin);
    };
    const registry = open(none, { credentials });
    await Promise.all([registry.head(main), registry.head(one.digest)]);
    fake.tokens.clear();
    await Promise.all([registry.head(main), registry.head(one.digest), registry.hasBlob(digestOf(config))]);
    expect(fake.seen.filter(({ url }) => url.startsWith('/token'))).toHaveLength(2);
  });

  test('a token service that refuses who has no login means unauthorized, even by 403', async () => {
    Object.assign(fake.quirks, { login: 'token', grants: 'nothing' });
    await expect(open(none).head(main)).rejects.toMatchObject({ kind: 'unauthorized', status: 403 });
  });

  test('a login that is refused again after the renewal is unauthorized, without a third try', async () => {
    fault(
      'HEAD',
      status(401, { 'www-authenticate': `Bearer realm="http://${fake.host}/token",service="the fake, registry"` }),
      9,
    );
    await expect(open(basicLogin(fakeLogin)).head(main)).rejects.toMatchObject({ kind: 'unauthorized', status: 401 });
    expect(asked('HEAD')).toBe(2);
  });

  test('an identity token is exchanged by POST and stays out of every URL', async () => {
    fake.quirks.login = 'token';
    expect(await open({ kind: 'identity', token: fakeRefresh }).mayPush()).toBe('yes');
    const exchange = fake.seen.find(({ url }) => url.startsWith('/token'));
    expect(exchange).toMatchObject({ method: 'POST', authorization: undefined });
    expect(new URLSearchParams(exchange?.body).get('scope')).toBe('repository:acme/app:pull,push');
    expect(fake.seen.some(({ url }) => url.includes(fakeRefresh))).toBe(false);
  });

  test('a registry token is sent as it is', async () => {
    fake.quirks.login = 'token';
    fake.tokens.set('given', 'repository:acme/app:pull');
    expect(await open({ kind: 'registry-token', token: 'given' }).head(main)).toBe(one.digest);
    expect(fake.seen.some(({ url }) => url.startsWith('/token'))).toBe(false);
  });

  test('without a login, what is public is read by an anonymous token', async () => {
    fake.quirks.login = 'token';
    expect(await open(none).head(main)).toBe(one.digest);
    expect(fake.seen.every(({ authorization }) => authorization?.startsWith('Basic') !== true)).toBe(true);
  });

  test('the scope of a registry behind a proxy is asked for beside ours', async () => {
    Object.assign(fake.quirks, { login: 'token', scope: 'other' });
    await open(none).head(main);
    const wish = fake.seen.find(({ url }) => url.startsWith('/token'));
    expect(new URLSearchParams(wish?.url.split('?')[1]).getAll('scope')).toEqual([
      'repository:acme/app:pull',
      'repository:behind/it:pull',
    ]);
  });

  test('every secret is told before it is used', async () => {
    fake.quirks.login = 'token';
    const registry = open(basicLogin(fakeLogin));
    await registry.head(main);
    const pair = `${fakeLogin.username}:${fakeLogin.password}`;
    expect(registry.secrets).toEqual([fakeLogin.password, pair, Buffer.from(pair).toString('base64'), 'token-1']);
  });
});

describe('who may push', () => {
  test.each([
    ['a login with the right', basicLogin(fakeLogin), {}, 'yes'],
    ['a login for reading', basicLogin(fakeLogin), { grants: 'pull' }, 'forbidden'],
    ['a login the token service refuses', basicLogin({ ...fakeLogin, password: 'old' }), {}, 'unauthorized'],
    ['nobody', none, {}, 'anonymous'],
    ['nobody, where not even reading is granted', none, { grants: 'nothing' }, 'anonymous'],
  ] as const)('%s', async (_, login, quirks, right) => {
    Object.assign(fake.quirks, { login: 'token' }, quirks);
    expect(await open(login).mayPush()).toBe(right);
  });

  test.each([
    [404, 'absent'],
    [405, 'forbidden'],
    [403, 'forbidden'],
  ] as const)('status %d to a login', async (code, right) => {
    fake.quirks.login = 'basic';
    fault('POST', status(code), 9);
    expect(await open(basicLogin(fakeLogin)).mayPush()).toBe(right);
  });

  test.each(['', '/proxy'] as const)('nothing is left behind (prefix "%s")', async (prefix) => {
    Object.assign(fake.quirks, { prefix, login: 'basic' });
    expect(await open(basicLogin(fakeLogin)).mayPush()).toBe('yes');
    while (fake.uploads.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fake.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  test('an upload that cannot be dropped does no harm, on another host it is not even tried', async () => {
    fault('DELETE', status(500));
    expect(await open(none).mayPush()).toBe('yes');
    fault('POST', status(202, { location: `http://${fake.otherHost}/upload` }));
    expect(await open(none).mayPush()).toBe('yes');
    expect(fake.seen.filter(({ host }) => host === 'other')).toEqual([]);
  });
});

test('nobody waits for an upload to be dropped', async () => {
  fake.faults.push({ method: 'DELETE', url: /uploads/, times: 1, act: { kind: 'stall' } });
  const stop = new AbortController();
  expect(await open(none, { cancel: stop.signal }).mayPush()).toBe('yes');
  stop.abort();
});

describe('immutable tags', () => {
  beforeEach(() => {
    fake.quirks.tags = 'immutable';
  });
  test('putting what the tag holds already succeeds', async () => {
    await open(none).put(main, one, undefined);
  });
  test('putting something else is rejected in the registry’s own words', async () => {
    await expect(open(none).put(main, two, one.digest)).rejects.toThrow(/TAG_INVALID: the tag is immutable/);
    expect(fake.tags.get('main')).toBe(one.digest);
  });
});

describe('credentials stay at home', () => {
  test('a blob redirected to another host is read there without Authorization, and its signature is in no error', async () => {
    Object.assign(fake.quirks, { login: 'basic', blobs: 'on another host' });
    const registry = open(basicLogin(fakeLogin));
    expect(Buffer.from(await registry.blob(digestOf(config), 100))).toEqual(config);
    expect(await registry.hasBlob(digestOf(config))).toBe(true);
    const elsewhere = fake.seen.filter(({ host }) => host === 'other');
    expect(elsewhere.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    const error: unknown = await registry.blob(digestOf(config), 3).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'invalid-reply', request: `GET v2/acme/app/blobs/${digestOf(config)}` });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/signature|pa:ss/);
  });

  test.each([
    ['http elsewhere', 'http://token.example/token'],
    ['another scheme', 'ftp://127.0.0.1/token'],
    ['a login in it', 'http://user:pass@127.0.0.1/token'],
    ['a look-alike of loopback', 'http://127.0.0.1.example/token'],
    ['no address', 'token service'],
  ])('a realm with %s is not asked', async (_, realm) => {
    Object.assign(fake.quirks, { login: 'token', realm });
    await expect(open(basicLogin(fakeLogin)).head(main)).rejects.toMatchObject({ kind: 'invalid-reply' });
    expect(fake.seen.some(({ authorization }) => authorization !== undefined)).toBe(false);
  });

  test('a write is not redirected', async () => {
    fault('PUT', status(307, { location: `http://${fake.otherHost}/v2/acme/app/manifests/main` }));
    await expect(open(none).put(main, two, one.digest)).rejects.toMatchObject({ kind: 'invalid-reply', status: 307 });
    expect(fake.seen.filter(({ host }) => host === 'other')).toEqual([]);
  });

  test('redirects in a circle end', async () => {
    fault('GET', status(307, { location: `/v2/acme/app/manifests/main` }), 99);
    await expect(open(none).manifest(main)).rejects.toThrow(/more than 5 redirects/);
  });
});

describe('passing faults of a read', () => {
  test.each<[string, Fault['act']]>([
    ['503', status(503)],
    ['500 with a page of 200 KB', status(500, {}, 'x'.repeat(200_000))],
    ['429', status(429)],
    ['403 with a rate limit’s text', status(403, {}, 'You have exceeded a secondary rate limit')],
    ['a reset', { kind: 'reset', done: false }],
    ['a body that is cut off', { kind: 'truncate' }],
  ])('%s is tried again', async (_, act) => {
    fault('GET', act);
    const registry = open(none);
    expect((await registry.manifest(main))?.digest).toBe(one.digest);
    expect(registry.pauses).toHaveLength(1);
  });

  test('a stall ends at the request’s deadline and is tried again', async () => {
    fault('GET', { kind: 'stall' });
    const registry = open(none, { pace: { request: 150, budget: 60_000, tries: 3 } });
    expect((await registry.manifest(main))?.digest).toBe(one.digest);
  });

  test('a token service that falters is tried again', async () => {
    fake.quirks.login = 'token';
    fake.faults.push({ method: 'GET', url: /^\/token/, times: 1, act: status(502) });
    expect(await open(none).head(main)).toBe(one.digest);
  });

  test('the pauses grow, and Retry-After lengthens them up to a minute', async () => {
    const registry = open(none);
    for (const headers of [{}, {}, { 'retry-after': '7' }, { 'retry-after': '3600' }, {}])
      fault('HEAD', status(429, headers as Record<string, string>));
    expect(await registry.head(main)).toBe(one.digest);
    expect(registry.pauses).toEqual([500, 1_000, 7_000, 60_000, 8_000]);
  });

  test('Retry-After as a date', async () => {
    const registry = open(none);
    fault('HEAD', status(503, { 'retry-after': new Date(Date.now() + 20_000).toUTCString() }));
    await registry.head(main);
    expect(registry.pauses[0]).toBeGreaterThan(17_000);
    expect(registry.pauses[0]).toBeLessThanOrEqual(20_000);
  });

  test.each<[string, Fault['act'], string, number | undefined]>([
    ['rate-limited', status(429), 'rate-limited', 429],
    ['rate-limited by 403', status(403, { 'retry-after': '1' }), 'rate-limited', 403],
    ['unavailable', status(503), 'unavailable', 503],
    ['unreachable', { kind: 'reset', done: false }, 'unreachable', undefined],
  ])('what does not pass ends as %s, with the tries in the message', async (_, act, kind, code) => {
    fault('HEAD', act, 99);
    const error: unknown = await open(none)
      .head(main)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind, status: code, request: 'HEAD v2/acme/app/manifests/main' });
    expect(String(error)).toMatch(/tried 8 times/);
    expect(asked('HEAD')).toBeGreaterThanOrEqual(8);
  });

  test.each<[string, number, string]>([
    [
      'distribution 2, a write',
      500,
      unknown('{"DriverName":"filesystem","Enclosed":{"Op":"write","Path":"/r/data","Err":28}}'),
    ],
    ['distribution 2, an upload', 500, unknown('"write /r/_uploads/1/data: no space left on device"')],
    ['distribution 3', 500, unknown('"filesystem: write /r/data.tmp: no space left on device"')],
    [
      'MinIO',
      500,
      unknown('"s3aws: XMinioStorageFull: Storage backend has reached its minimum free drive threshold."'),
    ],
    [
      'Harbor',
      403,
      '{"errors":[{"code":"DENIED","message":"adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 10.0 MiB."}]}',
    ],
    ['a status of its own', 507, ''],
  ])('a storage without room is told as such after three tries: %s', async (_, code, body) => {
    fault('PUT', status(code, {}, body), 99);
    await expect(open(none).put(main, two, one.digest)).rejects.toMatchObject({
      kind: 'full',
      status: code,
      message: expect.stringContaining('tried 3 times'),
    });
    expect(asked('PUT')).toBe(3);
  });

  test('a storage that has room again takes the write', async () => {
    fault('PUT', status(507), 2);
    const registry = open(none);
    await registry.put(main, two, one.digest);
    expect(await registry.head(main)).toBe(two.digest);
  });

  test('a wait beyond the budget is not waited for', async () => {
    fault('HEAD', status(429, { 'retry-after': '30' }), 99);
    const registry = open(none, { pace: probingPace });
    await expect(registry.head(main)).rejects.toMatchObject({ kind: 'rate-limited' });
    expect(asked('HEAD')).toBe(1);
    expect(registry.pauses).toEqual([]);
  });

  test('a probe of a registry that hangs ends within its budget', async () => {
    fault('HEAD', { kind: 'stall' }, 99);
    const began = performance.now();
    await expect(open(none, { pace: { request: 30_000, budget: 300, tries: 2 } }).head(main)).rejects.toMatchObject({
      kind: 'timeout',
      status: undefined,
    });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test.each([404, 401, 403, 400])('status %d is an answer and is not asked again', async (code) => {
    fault('HEAD', status(code), 99);
    await open(none)
      .head(main)
      .catch(() => undefined);
    expect(asked('HEAD')).toBe(1);
  });

  test('cancellation ends a request and a pause at once', async () => {
    fault('HEAD', { kind: 'stall' });
    const stop = new AbortController();
    const waiting = open(none, { cancel: stop.signal }).head(main);
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ name: 'ActionError', code: 'cancelled' });
    await expect(open(none, { cancel: stop.signal }).put(main, two, one.digest)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(asked('PUT')).toBe(0);
  });
});

describe('a write whose outcome is unknown', () => {
  test('a write that was done and whose reply was lost is not done again', async () => {
    fault('PUT', { kind: 'reset', done: true });
    await open(none).put(main, two, one.digest);
    expect(fake.tags.get('main')).toBe(two.digest);
    expect(asked('PUT')).toBe(1);
  });

  test.each<[string, Fault['act']]>([
    ['a reset', { kind: 'reset', done: false }],
    ['502', status(502)],
    ['429', status(429, { 'retry-after': '1' })],
  ])('a write that was not done (%s) is read first and then done', async (_, act) => {
    fault('PUT', act);
    await open(none).put(main, two, one.digest);
    expect(fake.tags.get('main')).toBe(two.digest);
    expect(fake.seen.filter(({ url }) => url.includes('manifests')).map(({ method }) => method)).toEqual([
      'PUT',
      'HEAD',
      'PUT',
    ]);
  });

  test('a stalled write ends at its deadline and is done again', async () => {
    fault('PUT', { kind: 'stall' });
    await open(none, { pace: { request: 200, budget: 60_000, tries: 3 } }).put(main, two, one.digest);
    expect(fake.tags.get('main')).toBe(two.digest);
  });

  test.each<[string, Digest | undefined]>([
    ['a newer image', digestOf('newer')],
    ['nothing', undefined],
  ])('a write is not repeated over %s that came meanwhile', async (_, held) => {
    const event = (): void => {
      if (held === undefined) fake.tags.delete('main');
      else {
        fake.tags.set('main', held);
        fake.manifests.set(held, { mediaType: one.mediaType, bytes: Buffer.from('newer') });
      }
    };
    fault('PUT', { kind: 'meanwhile', event });
    await expect(open(none).put(main, two, one.digest)).rejects.toMatchObject({ kind: 'overtaken' });
    expect(fake.tags.get('main')).toBe(held);
    expect(asked('PUT')).toBe(1);
  });
});
