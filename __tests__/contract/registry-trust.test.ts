import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Certificates, makeCertificates } from '../../scripts/testbed/certificates.mjs';
import { obtainNode24 } from '../../scripts/testbed/node24.mjs';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { openHttp } from '../../src/tools/http/http.ts';
import { readAuthority } from '../../src/tools/registry/authorities.ts';
import { openRegistry } from '../../src/tools/registry/open-registry.ts';
import { basicLogin, testOptions } from './worlds.ts';

type Registry = Awaited<ReturnType<typeof startRegistry>>;

const robot = { username: 'robot', password: 'canary-robot' };
const main = parseTag('main');
let folder: string;
let certificates: Certificates;
let registry: Registry;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-trust-'));
  certificates = await makeCertificates(folder, { hosts: ['localhost', 'registry.example'] });
  registry = await startRegistry({
    htpasswd: robot,
    tls: { certificate: certificates.certificate, key: certificates.key },
  });
  url = registry.url.replace('127.0.0.1', 'localhost');
});

afterAll(async () => {
  await registry.remove();
  rmSync(folder, { recursive: true, force: true });
});

function ping(ca: string | undefined): Promise<number> {
  const http = openHttp();
  const request = { socketPath: undefined, headers: {}, body: undefined, limit: 65_536, deadline: 5_000 };
  const trust = { kind: 'verified', ca } as const;
  const cancel = new AbortController().signal;
  return http
    .request({ ...request, method: 'GET', url: new URL('/v2/', url), trust, cancel })
    .then(({ status }) => status)
    .finally(() => http.close());
}

describe('a registry whose certificate a private CA has signed', () => {
  test('is believed by that CA, found where docker looks for it, and by no other', async () => {
    const certs = join(folder, 'certs.d');
    const host = registry.host.replace('127.0.0.1', 'localhost');
    mkdirSync(join(certs, host), { recursive: true });
    writeFileSync(join(certs, host, 'ca.crt'), readFileSync(certificates.ca));
    writeFileSync(join(certs, host, 'client.cert'), 'not read');
    const ca = readAuthority(host, {}, certs);
    expect(await ping(ca)).toBe(401);
    await expect(ping(undefined)).rejects.toMatchObject({ kind: 'untrusted' });
    const { ca: stranger } = await makeCertificates(join(folder, 'stranger'), { hosts: ['localhost'] });
    await expect(ping(readFileSync(stranger, 'utf8'))).rejects.toMatchObject({ kind: 'untrusted' });
    expect(readAuthority('localhost:1', {}, certs)).toBeUndefined();
  });

  test('of an engine without root: its own folder is read', () => {
    const own = join(folder, 'home', '.config', 'docker', 'certs.d', 'registry.example');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'ca.crt'), 'PEM');
    expect(readAuthority('registry.example', { HOME: join(folder, 'home') }, join(folder, 'none'))).toBe('PEM');
  });

  test('works for the whole client, login included', async () => {
    const repository = parseRepository(`${registry.host.replace('127.0.0.1', 'localhost')}/acme/app`);
    const http = openHttp();
    const authorities = new Map([[repository.registry, readFileSync(certificates.ca, 'utf8')]]);
    const options = { ...testOptions(basicLogin(robot), http), rules: { insecure: new Set<string>(), authorities } };
    const client = openRegistry(repository, options);
    expect(await client.head(main)).toBeUndefined();
    expect(await client.mayPush()).toBe('yes');
    http.close();
  });

  test.each<[string, string | undefined]>([
    ['alone', undefined],
    ['beside a CA of docker’s', 'other'],
  ])('NODE_EXTRA_CA_CERTS counts, %s', async (_, beside) => {
    const { ca: other } = await makeCertificates(join(folder, 'beside'), { hosts: ['other.example'] });
    const script = `
      const { openHttp } = await import(${JSON.stringify(new URL('../../src/tools/http/http.ts', import.meta.url).href)});
      const { readFileSync } = await import('node:fs');
      const reply = await openHttp().request({ method: 'GET', url: new URL('/v2/', process.argv[1]), socketPath: undefined, headers: {},
        body: undefined, limit: 65536, deadline: 5000, cancel: new AbortController().signal,
        trust: { kind: 'verified', ca: process.argv[2] ? readFileSync(process.argv[2], 'utf8') : undefined } });
      console.log(reply.status);
      process.exit();`;
    const node = await obtainNode24(() => undefined);
    const args = ['--input-type=module', '-e', script, url, ...(beside === undefined ? [] : [other])];
    expect(await say(node, args, { NODE_EXTRA_CA_CERTS: certificates.ca })).toBe('401\n');
    expect(await say(node, args, {})).toMatch(/untrusted|certificate/i);
  });
});

test('a registry beyond this machine that speaks no TLS is told so at once, and hears no login', async () => {
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const http = openHttp();
  // a name that is not this machine's by itself, led here as a resolver would
  const redirected = {
    ...http,
    request: (request: Parameters<typeof http.request>[0]) =>
      http.request({ ...request, url: new URL(request.url.href.replace('registry.example', '127.0.0.1')) }),
  };
  const options = testOptions(basicLogin(robot), redirected);
  const client = openRegistry(parseRepository(`registry.example:${port}/acme/app`), options);
  await expect(client.head(main)).rejects.toMatchObject({
    kind: 'untrusted',
    message: expect.stringContaining('does not speak https'),
  });
  expect([heard, options.pauses]).toEqual([[], []]);
  http.close();
  server.close();
});

function say(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
}
