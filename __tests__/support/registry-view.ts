import type { Registry as TestRegistry } from '../../scripts/testbed/registry.mjs';
import { acceptedManifests } from '../../src/model/manifest.ts';

/** Each tag of a repository with its digest, asked without any code of Slipway's. */
export async function readTags(registry: TestRegistry, path = 'acme/app'): Promise<ReadonlyMap<string, string>> {
  const reply = await ask(registry, 'GET', `${path}/tags/list`);
  if (reply.status === 404) return new Map();
  const { tags } = (await reply.json()) as { tags: string[] | null };
  const pairs = (tags ?? []).toSorted().map(async (tag) => [tag, await readDigest(registry, tag, path)] as const);
  return new Map(await Promise.all(pairs));
}

/** The digest that a tag holds. */
export async function readDigest(registry: TestRegistry, tag: string, path = 'acme/app'): Promise<string> {
  const reply = await ask(registry, 'HEAD', `${path}/manifests/${tag}`);
  return reply.headers.get('docker-content-digest') ?? 'nothing';
}

/** The labels of the image that a tag holds. */
export async function readLabels(
  registry: TestRegistry,
  tag: string,
  path = 'acme/app',
): Promise<Readonly<Record<string, string>>> {
  const manifest = (await (await ask(registry, 'GET', `${path}/manifests/${tag}`)).json()) as {
    config: { digest: string };
  };
  const config = (await (await ask(registry, 'GET', `${path}/blobs/${manifest.config.digest}`)).json()) as {
    config: { Labels: Record<string, string> | null };
  };
  return config.config.Labels ?? {};
}

/** What changed between two readings of a repository's tags. */
export function changedTags(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
}

type Request = Awaited<ReturnType<TestRegistry['requests']>>[number];

/** The tags and digests that manifests were written to, as `path:tag`, sorted. */
export function writtenManifests(requests: readonly Request[]): readonly string[] {
  return requests
    .flatMap(({ method, path }) => {
      const [, repository, at] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
      return method === 'PUT' && at !== undefined ? [`${repository}:${at}`] : [];
    })
    .toSorted();
}

/** The requests that sent a blob's bytes. */
export function sentBlobs(requests: readonly Request[]): readonly string[] {
  return requests
    .filter(({ method, path }) => (method === 'PUT' || method === 'PATCH') && path.includes('/blobs/uploads/'))
    .map(({ method, path }) => `${method} ${path.replace(/\/uploads\/.*/, '/uploads/…')}`);
}

function ask(registry: TestRegistry, method: string, path: string): Promise<Response> {
  const headers = { accept: acceptedManifests, 'user-agent': 'slipway-testbed' };
  return fetch(`${registry.url}/v2/${path}`, { method, headers });
}
