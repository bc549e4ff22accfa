import { request } from 'node:http';
import { startRegistry } from '../../scripts/testbed/registry.mjs';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { parseRepository, type Repository } from '../../src/model/image-ref.ts';
import { type ManifestBytes, takeManifest } from '../../src/model/manifest.ts';
import type { PushRight, Registry } from '../../src/model/registry.ts';
import { type Http, openHttp } from '../../src/tools/http/http.ts';
import type { Credentials } from '../../src/tools/registry/credentials.ts';
import { openRegistry, type RegistryOptions, systemClock } from '../../src/tools/registry/open-registry.ts';
import { fakeLogin, startFakeRegistry } from '../support/fake-registry.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';

/** A registry of some make with one empty repository, and a way to fill it that is not the code under test. */
export interface World {
  readonly registry: Registry;
  /** What a login without rights, or none, is told. */
  readonly unentitled: { readonly registry: Registry; readonly right: PushRight };
  addBlob(bytes: Uint8Array): Promise<Digest>;
  /** A manifest without a tag. */
  addManifest(manifest: ManifestBytes): Promise<void>;
  close(): Promise<void>;
}

export const oci = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';

/** A manifest in odd but legal JSON: whoever writes it anew changes its digest. */
export function writeManifest(config: Uint8Array, note: string): ManifestBytes {
  const text = `{ "schemaVersion": 2,\n\t"mediaType": "${oci}",
  "config": {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"${digestOf(config)}","size":${config.byteLength}},
  "layers": [ ], "annotations": {"note": ${JSON.stringify(note)}} }\n`;
  return takeManifest(Buffer.from(text), oci);
}

/** An index over some manifests. */
export function writeIndex(children: readonly ManifestBytes[]): ManifestBytes {
  const manifests = children.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.byteLength }));
  return takeManifest(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests })), ociIndex);
}

/** Options of a client that waits for nothing: tests see its pauses in `pauses`. */
export function testOptions(login: Credentials, http: Http): RegistryOptions & { pauses: number[]; secrets: string[] } {
  const pauses: number[] = [];
  const secrets: string[] = [];
  return {
    http,
    rules: { insecure: new Set(), authorities: new Map() },
    credentials: async () => login,
    onSecret: (secret) => secrets.push(secret),
    pace: { request: 2_000, budget: 180_000, tries: 8 },
    clock: { ...systemClock, random: () => 1, sleep: async (ms) => void pauses.push(ms) },
    cancel: new AbortController().signal,
    pauses,
    secrets,
  };
}

/** A login by name and password. */
export function basicLogin({ username, password }: { username: string; password: string }): Credentials {
  return { kind: 'basic', username, password };
}

async function openMemory(): Promise<World> {
  const registries = createMemoryRegistries();
  const repository = parseRepository('127.0.0.1:5000/acme/app');
  const other = parseRepository('127.0.0.1:5000/acme/other');
  registries.allow(other, 'anonymous');
  return {
    registry: registries.open(repository),
    unentitled: { registry: registries.open(other), right: 'anonymous' },
    addBlob: async (bytes) => registries.addBlob(repository, bytes),
    addManifest: async (manifest) => registries.addManifest(repository, manifest),
    close: async () => undefined,
  };
}

async function openReal(htpasswd: { username: string; password: string } | undefined): Promise<World> {
  const real = await startRegistry(htpasswd === undefined ? {} : { htpasswd });
  const login = htpasswd === undefined ? undefined : basicLogin(htpasswd);
  const world = overHttp(parseRepository(`${real.host}/acme/app`), login);
  return {
    ...world,
    close: async () => {
      await world.close();
      await real.remove();
    },
  };
}

async function openFake(login: 'basic' | 'token'): Promise<World> {
  const fake = await startFakeRegistry();
  fake.quirks.login = login;
  const world = overHttp(parseRepository(`${fake.host}/acme/app`), basicLogin(fakeLogin));
  return {
    ...world,
    addBlob: async (bytes) => {
      fake.blobs.set(digestOf(bytes), Buffer.from(bytes));
      return digestOf(bytes);
    },
    addManifest: async ({ digest, mediaType, bytes }) =>
      void fake.manifests.set(digest, { mediaType, bytes: Buffer.from(bytes) }),
    close: async () => {
      await world.close();
      await fake.close();
    },
  };
}

function overHttp(repository: Repository, login: Credentials | undefined): World {
  const http = openHttp();
  const push = (path: string, body: Uint8Array, type: string): Promise<string> =>
    seed({ repository, login, path, body, type });
  const wrong: Credentials = { kind: 'basic', username: 'robot', password: 'guess' };
  return {
    registry: openRegistry(repository, testOptions(login ?? { kind: 'none' }, http)),
    unentitled: {
      registry: openRegistry(repository, testOptions(wrong, http)),
      right: login === undefined ? 'yes' : 'unauthorized',
    },
    addBlob: async (bytes) => {
      const digest = digestOf(bytes);
      const location = await push('POST blobs/uploads/', new Uint8Array(0), '');
      await push(`PUT ${location}&digest=${digest}`, bytes, 'application/octet-stream');
      return digest;
    },
    addManifest: async ({ digest, bytes, mediaType }) => {
      await push(`PUT manifests/${digest}`, bytes, mediaType);
    },
    close: async () => http.close(),
  };
}

interface Upload {
  readonly repository: Repository;
  readonly login: Credentials | undefined;
  readonly path: string;
  readonly body: Uint8Array;
  readonly type: string;
}

function seed({ repository, login, path, body, type }: Upload): Promise<string> {
  const [method, target = ''] = path.split(' ');
  const url = new URL(target, `http://${repository.registry}/v2/${repository.path}/`);
  const auth = login?.kind === 'basic' ? { auth: `${login.username}:${login.password}` } : {};
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.byteLength };
    const sent = request(url, { method, headers, ...auth }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status >= 300) reject(new Error(`${path}: ${status}`));
      else resolve(response.headers.location ?? '');
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Every make of registry the contract holds for. */
export const worlds: readonly { readonly name: string; readonly open: () => Promise<World> }[] = [
  { name: 'in memory', open: openMemory },
  { name: 'distribution', open: () => openReal(undefined) },
  { name: 'distribution with htpasswd', open: () => openReal({ username: 'robot', password: 'pa:ss wörd' }) },
  { name: 'fake with basic', open: () => openFake('basic') },
  { name: 'fake with tokens', open: () => openFake('token') },
];
