import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Digest, parseDigest } from '../../src/model/digest.ts';
import { formatReference, parseRepository, type Repository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type BuildRequest, planBake, planCacheExport, planLocalName } from '../../src/plan/build-plan.ts';
import { bake, exportCache } from '../../src/tools/buildx/buildx.ts';
import { openRelay, type Relay } from '../../src/tools/cache/relay.ts';
import { callEngine, connectEngine, type Engine } from '../../src/tools/engine/call.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { openHttp } from '../../src/tools/http/http.ts';
import { openCacheReader } from '../../src/tools/registry/cache-reader.ts';
import { systemClock } from '../../src/tools/registry/open-registry.ts';
import { canOwnEngine, type OwnEngine, startOwnEngine } from '../support/own-engine.ts';
import { type Meet, openRegistryProxy, type RegistryProxy } from '../support/registry-proxy.ts';
import { bench, buildx, folderWith, never, requestFor, sweep, watchWith } from './engine-bench.ts';

// A stalled cache blocks an engine for good where the relay fails: never the bench's own, which others share.
const withEngine = canOwnEngine ? describe : describe.skip;
const patience = { request: 1_000, budget: 1_500, tries: 2, idle: 1_000 };
const silence = new Promise<undefined>(() => undefined);

withEngine('a cache that the engine reads through the relay', () => {
  let own: OwnEngine;
  let engine: Engine;
  let plugin: typeof buildx;
  let relay: Relay;
  let proxy: RegistryProxy;
  let registry: Awaited<ReturnType<typeof bench.startRegistry>>;
  let repository: Repository;
  let cache: Digest;
  let config: string;
  let request: BuildRequest;
  let first: string;

  beforeAll(async () => {
    [own, registry, relay] = await Promise.all([
      startOwnEngine({ store: 'containerd' }),
      bench.startRegistry(),
      openRelay(),
    ]);
    engine = await findEngine(own.env);
    plugin = { ...buildx, env: { ...buildx.env, ...own.env } };
    proxy = await openRegistryProxy(registry);
    repository = parseRepository(`${proxy.host}/acme/app`);
    const tag = parseTag('cache-main');
    request = requestFor(
      folderWith({
        Dockerfile:
          'FROM busybox:stable AS base\nRUN head -c 900000 /dev/urandom > /a\nFROM busybox:stable\nCOPY --from=base /a /a\nRUN echo b > /b\nARG LAST\nRUN echo $LAST\n',
      }),
      { args: new Map(), cache: { from: [], inline: false, write: { repository, tag } } },
    );
    // made on the bench's engine: on the other one nothing is there yet
    const made = await bake({ buildx, engine: await findEngine(bench.env) }, planBake(request), watchWith());
    first = JSON.stringify(made.identity);
    const plan = planCacheExport(request);
    if (plan === undefined) throw new Error('no plan');
    await exportCache(buildx, plan, watchWith());
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const reply = await fetch(`${registry.url}/v2/acme/app/manifests/${tag}`, { headers: { accept } });
    cache = parseDigest(reply.headers.get('docker-content-digest') ?? '');
    config = ((await reply.json()) as { config: { digest: string } }).config.digest;
  }, 120_000);

  afterAll(async () => {
    await proxy.close();
    await Promise.all([own.remove(), registry.remove()]);
    sweep();
  }, 60_000);

  async function buildThrough(last: string, more: Partial<BuildRequest> = {}) {
    const offer = relay.offer([{ repository, tag: parseTag('cache'), digest: cache }], {
      patience: { imports: patience, layers: patience },
      onTrouble: () => undefined,
      read: async (source, cancel) =>
        openCacheReader(source.repository, {
          http: openHttp(),
          rules: { insecure: new Set<string>(), authorities: new Map() },
          credentials: async () => ({ kind: 'none' }),
          onSecret: () => undefined,
          clock: systemClock,
          pace: patience,
          cancel,
        }),
    });
    const asked: BuildRequest = {
      ...request,
      ...more,
      args: new Map(last === '' ? [] : [['LAST', last]]),
      name: planLocalName(randomBytes(8).toString('hex')),
      cache: { from: offer.sources, inline: false, write: undefined },
    };
    const spare = {
      withoutCache: planBake({ ...asked, cache: { ...asked.cache, from: [] } }),
      cacheTrouble: offer.trouble,
      isUntouched: () => true,
      mayMakeAnew: true,
    };
    try {
      const image = await bake({ buildx: plugin, engine }, planBake(asked), watchWith({ spare }));
      return { image, trouble: offer.trouble() };
    } finally {
      offer.withdraw();
    }
  }

  const buildOther = async (): Promise<number> => {
    const context = folderWith({ Dockerfile: 'FROM scratch\nCOPY n /\n', n: randomBytes(8).toString('hex') });
    const began = performance.now();
    await bake({ buildx: plugin, engine }, planBake(requestFor(context)), watchWith({ limit: 45_000 }));
    return performance.now() - began;
  };

  /** Leaves the engine without a layer: only then one is fetched. */
  const forget = async (): Promise<void> => {
    for (const [of, query] of [
      ['images', { filters: '{"dangling":["false"]}' }],
      ['build', { all: 'true' }],
    ] as const)
      await callEngine(engine, { method: 'POST', path: [of, 'prune'], query, headers: {}, cancel: never });
  };
  const when = (hit: (path: string) => boolean, answer: ReturnType<Meet>): Meet => {
    return ({ path }) => (hit(path) ? answer : Promise.resolve(undefined));
  };
  const gone = Promise.resolve({ status: 404, body: '' });

  test.each<[string, () => Meet, RegExp]>([
    ['a layer never comes', () => when((path) => isLayer(path), silence), /nothing within/],
    ['a layer is gone', () => when((path) => isLayer(path), gone), /status 404/],
    ['the manifest never comes', () => when((path) => path.includes('/manifests/'), silence), /nothing within/],
    ['the config never comes', () => when((path) => path.endsWith(config), silence), /nothing within/],
    ['the registry wants a login', () => when(() => true, Promise.resolve({ status: 401, body: '' })), /login/],
  ])('costs time and nothing else where %s; other builds of the engine go on', async (_, meet, reason) => {
    await forget();
    proxy.meet = meet();
    const building = buildThrough(randomBytes(4).toString('hex'));
    const other = new Promise((resolve) => setTimeout(resolve, 700)).then(buildOther);
    const { image, trouble } = await building;
    expect(image.identity.kind).toBe('manifest');
    expect(trouble).toMatch(reason);
    expect(trouble).toContain(formatReference(repository, cache));
    expect(await other).toBeLessThan(45_000); // one that is blocked never ends
    proxy.meet = async () => undefined;
    expect(await buildOther()).toBeLessThan(45_000);
  });

  const isLayer = (path: string): boolean => path.includes('/blobs/') && !path.endsWith(config);

  test('gives the same image as the one it was made with, all of it cached', async () => {
    await forget();
    proxy.meet = async () => undefined;
    const { image, trouble } = await buildThrough('', { noCache: false });
    expect(JSON.stringify(image.identity)).toBe(first);
    expect(trouble).toBeUndefined();
    expect(image.summary.cacheFailures).toEqual([]);
    expect(image.summary.steps.filter(({ name, cached }) => name.includes('RUN') && !cached)).toEqual([]);
  });

  test('is reached by an engine on this machine', async () => {
    expect(await relay.isReachedBy(engine, 5_000)).toBe(true);
  });

  test.each([
    ['does not come', true],
    ['never answers', false],
  ])('is not reached by an engine that %s', async (_, answers) => {
    const server = createServer((_request, response) => {
      if (answers) response.writeHead(403).end('{"message":"denied"}');
    });
    const path = join(folderWith({}), 'engine.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const far = connectEngine({ kind: 'unix', path });
    expect(await relay.isReachedBy(far, 500)).toBe(false);
    far.agent.destroy();
    server.closeAllConnections();
    server.close();
  });
});
