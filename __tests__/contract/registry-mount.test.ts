import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { type Http, openHttp } from '../../src/tools/http/http.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { fakeLogin, startFakeRegistry } from '../support/fake-registry.ts';
import { basicLogin, testOptions, writeManifest } from './worlds.ts';

const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
let http: Http;

beforeAll(() => {
  http = openHttp();
});

afterAll(() => http.close());

describe('a blob of another repository', () => {
  test('is made this repository’s own without being sent, and a manifest can be stored untagged', async () => {
    const real = await startRegistry();
    const [from, to] = ['one', 'two'].map((path) => parseRepository(`${real.host}/acme/${path}`));
    if (from === undefined || to === undefined) throw new Error('two repositories');
    const opened = await fetch(`${real.url}/v2/${from.path}/blobs/uploads/`, { method: 'POST' });
    const upload = new URL(opened.headers.get('location') ?? '', real.url);
    upload.searchParams.set('digest', digestOf(config));
    await fetch(upload, { method: 'PUT', body: config, headers: { 'content-type': 'application/octet-stream' } });
    const target = openRegistry(to, testOptions({ kind: 'none' }, http));
    const mark = await real.mark();
    expect(await target.mount(digestOf(config), from)).toBe(true);
    expect(await target.hasBlob(digestOf(config))).toBe(true);
    expect((await mark()).map(({ method }) => method)).not.toContain('PUT');
    expect(await target.mount(digestOf('nowhere'), from)).toBe(false);
    const manifest = writeManifest(config, 'untagged');
    await target.put(manifest.digest, manifest, undefined);
    expect([await target.head(manifest.digest), await target.tags()]).toEqual([manifest.digest, []]);
    await real.remove();
  });

  test.each(['open', 'token'] as const)(
    'is refused by a registry that does not mount (%s), and no upload stays open',
    async (login) => {
      const fake = await startFakeRegistry();
      fake.quirks.login = login;
      const here = parseRepository(`${fake.host}/acme/app`);
      const registry = openRegistry(here, testOptions(basicLogin(fakeLogin), http));
      expect(await registry.mount(digestOf(config), parseRepository(`${fake.host}/acme/other`))).toBe(false);
      // nobody waits for the upload to be dropped, so the test does
      for (const until = Date.now() + 10_000; fake.uploads.size > 0 && Date.now() < until; )
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(fake.uploads.size).toBe(0);
      await fake.close();
    },
  );

  test('is refused where the login may not write, without an error: it can be sent instead', async () => {
    const fake = await startFakeRegistry();
    Object.assign(fake.quirks, { login: 'token', grants: 'pull' });
    const here = parseRepository(`${fake.host}/acme/app`);
    const registry = openRegistry(here, testOptions(basicLogin(fakeLogin), http));
    expect(await registry.mount(digestOf(config), parseRepository(`${fake.host}/acme/other`))).toBe(false);
    await fake.close();
  });
});
