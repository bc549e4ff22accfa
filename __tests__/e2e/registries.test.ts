import { copyFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Certificates, makeCertificates } from '../../scripts/testbed/certificates.mjs';
import { obtainRegistry3 } from '../../scripts/testbed/registry-3.mjs';
import { type FakeRegistry, type Fault, startFakeRegistry } from '../support/fake-registry.ts';
import { imageStore } from '../support/image-store.ts';
import { digestOfTag, leftovers, openProjectAt, type Run, startRegistry } from '../support/project.ts';
import { openRegistryProxy, type RegistryProxy } from '../support/registry-proxy.ts';
import { withoutMasks } from '../support/secret-search.ts';

await obtainRegistry3((line) => process.stderr.write(`${line}\n`)); // building it takes longer than a test may

type Registry = Awaited<ReturnType<typeof startRegistry>>;

const robot = { username: 'robot', password: 'canary-robot' };
let folder: string;
let certificates: Certificates;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-certificates-'));
  certificates = await makeCertificates(folder, { hosts: ['localhost'], addresses: ['127.0.0.1'] });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function errorsOf(run: Run): readonly string[] {
  return run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
}

function tls(): { certificate: string; key: string } {
  return { certificate: certificates.certificate, key: certificates.key };
}

describe.each<[string, string, () => Parameters<typeof startRegistry>[0], Record<string, string>]>([
  ['distribution 3', 'acme/app', () => ({ version: 3 }), {}],
  [
    'distribution 3 with TLS, a login and a deep path',
    'artifactory/docker-local/team/app',
    () => ({ version: 3, htpasswd: robot, tls: tls() }),
    robot,
  ],
])('%s', (_, path, options, login) => {
  let registry: Registry;
  let project: Awaited<ReturnType<typeof openProjectAt<Registry>>>;

  beforeAll(async () => {
    registry = await startRegistry(options());
    project = await openProjectAt(registry);
  });
  afterAll(async () => {
    await project.close();
    await registry.remove();
  });

  test('main publishes, a branch reads its cache, and the same commit again builds nothing', async () => {
    const inputs = { ...login, image: `${registry.host}/${path}` };
    const first = await project.push('main', { inputs });
    expect(errorsOf(first)).toEqual([]);
    expect(first.receipt.cache.export).toEqual(imageStore.cacheWritten);
    await project.origin.commit('topic', { message: 'hello topic\n' });
    const branch = await project.push('topic', { inputs });
    expect(errorsOf(branch)).toEqual([]);
    expect(branch.outputs['cache-from']).toContain(`${registry.host}/${path}@sha256:`);
    const again = await project.push('main', { inputs: { ...inputs, 'test-image': 'true' }, runId: '4712' });
    expect(errorsOf(again)).toEqual([]);
    expect(again.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'] });
    for (const run of [first, branch, again]) expect(leftovers(run, registry.host)).toEqual([]);
    const written = (await registry.requests()).filter(({ method }) => method === 'PUT').map((one) => one.path);
    expect(written.filter((one) => !one.startsWith(`/v2/${path}/`))).toEqual([]);
  });
});

describe('a registry that is odd', () => {
  let fake: FakeRegistry;
  let project: Awaited<ReturnType<typeof openProjectAt>>;

  beforeEach(async () => {
    fake = await startFakeRegistry();
    project = await openProjectAt({ host: fake.host, stop: async () => undefined });
  });
  afterEach(async () => {
    await project.close();
    await fake.close();
  });

  async function publishAndAdopt(): Promise<readonly Run[]> {
    const first = await project.push('main', { inputs: { latest: 'never' } });
    expect(errorsOf(first)).toEqual([]);
    expect(first.outputs).toMatchObject({ pushed: 'true', current: 'true', reused: 'false' });
    const inputs = { latest: 'never', 'test-image': 'true' };
    const again = await project.push('main', { inputs, runId: '4712' });
    expect(errorsOf(again)).toEqual([]);
    expect(again.outputs).toMatchObject({ current: 'true', reused: 'true', digest: first.outputs['digest'] });
    return [first, again];
  }

  test('names no digests, keeps blobs elsewhere, and gives out addresses with a prefix', async () => {
    Object.assign(fake.quirks, {
      digestHeader: 'missing',
      blobs: 'on another host',
      prefix: '/proxy',
    });
    await publishAndAdopt();
    const stored = fake.seen.filter(({ host }) => host === 'other');
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  test('answers 403 for what is not there: that is no failure of reading, and where docker itself refuses to push there that is told', async () => {
    fake.quirks.missing = 403;
    const run = await project.push('main', { inputs: { latest: 'never' } });
    expect(run.main.log).toMatch(/^build │/m);
    if (imageStore.pushesUnseen) {
      expect(errorsOf(run)).toEqual([]);
      expect(fake.tags.get('main')).toBe(run.outputs['digest']);
      return;
    }
    expect(errorsOf(run)).toEqual([expect.stringMatching(/^push of .* was refused: .*HEAD.*403 Forbidden/)]);
    expect([...fake.tags]).toEqual([]);
  });

  test('lets nobody write a tag twice: what is right stays, what would move is red and says so', async () => {
    fake.quirks.tags = 'immutable';
    const [first] = await publishAndAdopt();
    await project.origin.commit('main', { message: 'hello two\n' });
    const second = await project.push('main', { inputs: { latest: 'never', cache: 'none' } });
    expect(errorsOf(second)).toEqual([expect.stringMatching(/main.*immutable/s)]);
    expect(fake.tags.get('main')).toBe(first?.outputs['digest']);
    const { tags } = second.receipt;
    for (const { tag, after, outcome } of tags) if (outcome === 'new') expect(fake.tags.get(tag)).toBe(after);
  });

  test('has had enough of us for a moment', async () => {
    const body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}';
    const limited = (method: string, url: RegExp): Fault => ({
      method,
      url,
      times: 1,
      act: { kind: 'answer', status: 429, headers: { 'retry-after': '1' }, body },
    });
    fake.faults.push(
      limited('GET', /manifests\/main$/),
      limited('POST', /uploads/),
      limited('PUT', /manifests\/main$/),
    );
    const run = await project.push('main', { inputs: { latest: 'never' } });
    expect(errorsOf(run)).toEqual([]);
    expect(fake.faults.map(({ times }) => times)).toEqual([0, 0, 0]);
    expect(fake.tags.get('main')).toBe(run.outputs['digest']);
  });

  test('is written in upper case', async () => {
    const image = `LOCALHOST:${fake.host.split(':')[1]}/Acme/App`;
    const run = await project.push('main', { inputs: { latest: 'never', image } });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs['ref']).toMatch(/^localhost:\d+\/acme\/app@sha256:/);
    expect(run.annotations.map(({ message }) => message)).toContainEqual(expect.stringContaining('lower case'));
  });
});

describe('a cache that is of no use is told, and is no reason to be red', () => {
  const isCache = (path: string): boolean => path.endsWith('/manifests/cache-main');
  let registry: Registry;
  let proxy: RegistryProxy;
  let project: Awaited<ReturnType<typeof openProjectAt>>;

  beforeAll(async () => {
    registry = await startRegistry();
    proxy = await openRegistryProxy(registry);
    project = await openProjectAt({ host: proxy.host, stop: registry.stop });
  });
  afterAll(async () => {
    await proxy.close();
    await project.close();
    await registry.remove();
  });

  test('it can be neither read nor written', async () => {
    proxy.meet = async ({ path }) =>
      isCache(path) ? { status: 403, body: '{"errors":[{"code":"DENIED"}]}' } : undefined;
    const run = await project.push('main', { inputs: { latest: 'never' } });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true', 'cache-from': '' });
    expect(run.receipt.notices).toContainEqual(
      expect.stringMatching(/^the cache \S+:cache-main cannot be read, so this build goes without it: /),
    );
    expect(run.receipt.cache.export).toEqual(imageStore.cacheRefused('403'));
  });

  (imageStore.cacheTags.length > 0 ? test : test.skip)('it is gone once it was found', async () => {
    proxy.meet = async () => undefined;
    await project.origin.commit('main', { message: 'hello again\n' });
    const main = await project.push('main', { inputs: { latest: 'never' } });
    expect(main.receipt.cache.export).toEqual(imageStore.cacheWritten);
    await project.origin.commit('topic', { message: 'hello topic\n' });
    const cache = await digestOfTag(registry, 'cache-main');
    proxy.meet = async ({ path }) =>
      path.endsWith(`/manifests/${cache}`) ? { status: 404, body: '{"errors":[]}' } : undefined;
    const run = await project.push('topic');
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
    expect(run.outputs['cache-from']).toContain(`@${cache}`);
    expect(run.receipt.notices).toContainEqual(expect.stringMatching(/^the cache .*(?:slower|without it): /));
  });
});

/** Others may have certificates there: their folders stay, at whatever moment they came. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // not empty, or gone already
  }
}

const isRoot = process.getuid?.() === 0;
(isRoot ? describe : describe.skip)('a registry with a private CA', () => {
  test.each<[string, 'right' | 'wrong']>([
    ['that docker trusts: published, and our client checks it too', 'right'],
    ['that is not the one docker trusts: red before the build', 'wrong'],
  ])('%s', async (_, which) => {
    const registry = await startRegistry({ version: 3, tls: tls() });
    const trusted = `/etc/docker/certs.d/${registry.host}`;
    const stranger = await makeCertificates(join(folder, 'stranger'), { hosts: ['localhost'] });
    const project = await openProjectAt(registry);
    mkdirSync(trusted, { recursive: true });
    try {
      copyFileSync(which === 'right' ? certificates.ca : stranger.ca, join(trusted, 'ca.crt'));
      const run = await project.push('main');
      if (which === 'right') expect(errorsOf(run)).toEqual([]);
      else {
        expect(errorsOf(run)).toEqual([expect.stringMatching(/certificate is not trusted.*\n.*certs\.d/)]);
        expect(run.main.log).not.toMatch(/^build │/m);
        expect(await registry.requests()).toEqual([]);
      }
    } finally {
      rmSync(trusted, { recursive: true, force: true });
      removeIfEmpty('/etc/docker/certs.d');
      await project.close();
      await registry.remove();
    }
  });
});

const outer = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal)?.address;
(outer === undefined ? test.skip : test)(
  'plain http beyond this machine is refused in a sentence, and no login goes there',
  async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        heard.push(bytes);
        socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, outer, resolve));
    const host = `${outer}:${(server.address() as AddressInfo).port}`;
    const project = await openProjectAt({ host, stop: async () => undefined });
    try {
      const began = performance.now();
      const run = await project.push('main', { inputs: robot });
      expect(errorsOf(run)).toEqual([expect.stringMatching(/does not speak https[\s\S]*insecure-registries/)]);
      expect(performance.now() - began).toBeLessThan(20_000);
      expect(run.main.log).not.toMatch(/^build │/m);
      expect(heard.length).toBeGreaterThan(0);
      expect(Buffer.concat(heard).toString('latin1')).not.toMatch(/HTTP|Authorization/i);
      expect(withoutMasks(run.main.log)).not.toContain('canary');
    } finally {
      await project.close();
      server.close();
    }
  },
);
