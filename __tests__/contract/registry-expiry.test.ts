import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type Http, openHttp } from '../../src/tools/http/http.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';
import { basicLogin, testOptions, writeManifest } from './worlds.ts';

const account = { username: 'robot', password: 'pa:ss wörd', refresh: '', actions: ['pull', 'push'] } as const;
const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
const [one, two] = [writeManifest(config, 'one'), writeManifest(config, 'two')];
const main = parseTag('main');
/** Distribution believes a token for a minute after its end: these are good for two seconds. */
const brief = -58;

let http: Http;
let tokens: TokenServer;
let real: Awaited<ReturnType<typeof startRegistry>>;
let repository: ReturnType<typeof parseRepository>;

beforeAll(async () => {
  http = openHttp();
  tokens = await startTokenServer([account]);
  real = await startRegistry({ token: tokens.auth });
  repository = parseRepository(`${real.host}/acme/app`);
  const token = tokens.token([{ name: 'acme/app', actions: ['pull', 'push'] }], 300);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  const opened = await fetch(`${real.url}/v2/acme/app/blobs/uploads/`, { method: 'POST', headers });
  const upload = new URL(opened.headers.get('location') ?? '', real.url);
  upload.searchParams.set('digest', digestOf(config));
  expect((await fetch(upload, { method: 'PUT', body: config, headers })).status).toBe(201);
});

afterAll(async () => {
  http.close();
  await real.remove();
  await tokens.close();
});

beforeEach(() => {
  tokens.seen.length = 0;
});

test('a token of a real registry that ends between two requests is replaced, once for each', async () => {
  tokens.lifetime = brief;
  const registry = openRegistry(repository, testOptions(basicLogin(account), http));
  await registry.put(main, one, undefined);
  expect(tokens.seen).toHaveLength(1);
  await sleep(2_500);
  await registry.put(main, two, one.digest);
  expect(tokens.seen).toHaveLength(2);
  expect(await registry.head(main)).toBe(two.digest);
  await sleep(2_500);
  expect((await Promise.all([registry.head(main), registry.head(one.digest)])).at(0)).toBe(two.digest);
  expect(tokens.seen).toHaveLength(4); // one for reading, and one in its place
});

test('tokens that are never believed are an error, after a second one', async () => {
  tokens.lifetime = -3_600;
  const registry = openRegistry(repository, testOptions(basicLogin(account), http));
  await expect(registry.put(main, one, undefined)).rejects.toMatchObject({ kind: 'unauthorized', status: 401 });
  expect(tokens.seen).toHaveLength(2);
});
