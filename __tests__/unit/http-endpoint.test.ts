import { describe, expect, test } from '@jest/globals';
import { RegistryError } from '../../src/model/registry.ts';
import { type Http, HttpError, type HttpRequest } from '../../src/tools/http/http.ts';
import { findEndpoint, isInsecure, isLoopback, trustFor } from '../../src/tools/registry/endpoint.ts';
import { readLocation } from '../../src/tools/registry/follow.ts';

const rules = { insecure: new Set(['lab.example:5000']), authorities: new Map([['corp.example', 'PEM']]) };
const verified = { kind: 'verified', ca: undefined };
const unverified = { kind: 'unverified' };

function fakeHttp(answer: HttpError | undefined): { http: Http; asked: string[] } {
  const asked: string[] = [];
  const request = async ({ url }: HttpRequest) => {
    asked.push(url.href);
    if (answer !== undefined) throw answer;
    return { status: 401, headers: new Map<string, string>(), bytes: new Uint8Array(0) };
  };
  const stream = () => Promise.reject(new Error('not here'));
  return { http: { request, stream, close: () => undefined }, asked };
}

const noTls = new HttpError('unreachable', 'EPROTO', { host: 'x', code: 'EPROTO' });
const refused = new HttpError('unreachable', 'ECONNREFUSED', { host: 'x', code: 'ECONNREFUSED' });
const options = { rules, deadline: 1_000, cancel: new AbortController().signal };

describe('findEndpoint', () => {
  test.each<[string, HttpError | undefined, string, object, number]>([
    ['ghcr.io', noTls, 'https://ghcr.io/', verified, 0],
    ['docker.io', noTls, 'https://registry-1.docker.io/', verified, 0],
    ['corp.example', noTls, 'https://corp.example/', { kind: 'verified', ca: 'PEM' }, 0],
    ['127.0.0.1.evil.example', noTls, 'https://127.0.0.1.evil.example/', verified, 0],
    ['lab.example', noTls, 'https://lab.example/', verified, 0],
    ['lab.example:5000', noTls, 'http://lab.example:5000/', unverified, 1],
    ['lab.example:5000', undefined, 'https://lab.example:5000/', unverified, 1],
    ['localhost:5000', noTls, 'http://localhost:5000/', unverified, 1],
    ['[::1]:5000', noTls, 'http://[::1]:5000/', unverified, 1],
    ['127.1.2.3', undefined, 'https://127.1.2.3/', unverified, 1],
  ])('%s where https gives %s is %s', async (registry, answer, base, trust, questions) => {
    const { http, asked } = fakeHttp(answer);
    const endpoint = await findEndpoint(http, registry, options);
    expect([endpoint.base.href, endpoint.trust]).toEqual([base, trust]);
    expect(asked).toHaveLength(questions);
  });

  test('a refused connection says nothing about TLS', async () => {
    await expect(findEndpoint(fakeHttp(refused).http, 'localhost:5000', options)).rejects.toBe(refused);
  });
});

test.each<[string, boolean]>([
  ['10.1.2.3:5000', true],
  ['10.1.2.3', true],
  ['11.1.2.3', false],
  ['[fd00::1]:5000', true],
  ['[fe00::1]:5000', false],
  ['10.1.2.3.evil.example:5000', false],
  ['lab.example:5000', true],
  ['lab.example', false],
  ['127.0.0.9:1', true],
])('whether the engine lists %s as insecure: %s', (host, expected) => {
  const insecure = new Set(['lab.example:5000', '10.0.0.0/8', 'fd00::/8', 'nonsense/8', '::/999']);
  expect(isInsecure(host, { insecure })).toBe(expected);
});

test.each<[string, boolean]>([
  ['localhost', true],
  ['localhost:5000', true],
  ['127.0.0.1', true],
  ['127.255.0.9:1', true],
  ['[::1]:5000', true],
  ['127.0.0.1.example', false],
  ['127.example', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
  ['[::2]:1', false],
])('%s is loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));

test('a CA for a loopback or insecure host means that it is verified', () => {
  const authorities = new Map([['localhost:5000', 'PEM']]);
  expect(trustFor('localhost:5000', { insecure: new Set(), authorities })).toEqual({ kind: 'verified', ca: 'PEM' });
});

describe('readLocation', () => {
  const name = { registry: 'ghcr.io', request: 'GET v2/acme/app/blobs/x' };
  const from = new URL('https://ghcr.io/v2/acme/app/blobs/x');

  test.each([
    ['/v2/other?x=1', 'https://ghcr.io/v2/other?x=1'],
    ['https://cdn.example/x', 'https://cdn.example/x'],
  ])('%s is %s', (location, url) => expect(readLocation(location, from, name).href).toBe(url));

  test.each([
    'http://ghcr.io/x',
    'http://cdn.example/x?signature=1',
    'file:///etc/passwd',
    'https://u:p@cdn.example/',
    'https://',
  ])('%s is refused, and quoted without its query', (location) => {
    expect(() => readLocation(location, from, name)).toThrow(RegistryError);
    expect(() => readLocation(location, from, name)).not.toThrow(/signature/);
  });
});
