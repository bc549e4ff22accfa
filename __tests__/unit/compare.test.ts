import { expect, test } from '@jest/globals';
import { Journal } from '../../src/journal.ts';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { takeManifest } from '../../src/model/manifest.ts';
import { type Registry, RegistryError } from '../../src/model/registry.ts';
import { parseTag } from '../../src/model/tag.ts';
import { openCompareTools } from '../../src/tools/compare.ts';
import { knownSecrets } from '../../src/tools/known-secrets.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';

const repository = parseRepository('ghcr.io/acme/app');
const main = parseTag('main');
const type = 'application/vnd.oci.image.manifest.v1+json';
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const never = new Promise<never>(() => undefined);

/** A registry in memory with images of one layer each, whose layers nobody can read, and a run that looks at it. */
function openRun(readCache: () => Promise<never>) {
  const memory = createMemoryRegistries();
  const stop = new AbortController();
  const journal = new Journal();
  const registry = memory.open(repository);
  const image = async (layer: string, createdBy = 'COPY . /app # buildkit') => {
    const history = [{ created_by: createdBy }];
    const config = json({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [`diff ${layer}`] }, history });
    const blobs = [config, Buffer.from(layer)].map((bytes) => ({
      mediaType: 'x',
      digest: memory.addBlob(repository, bytes),
      size: bytes.length,
    }));
    const bytes = json({ schemaVersion: 2, mediaType: type, config: blobs[0], layers: blobs.slice(1) });
    const manifest = takeManifest(bytes, type);
    memory.addManifest(repository, manifest);
    return manifest;
  };
  let opened: Registry = registry;
  const desk = {
    bench: { cancel: stop.signal, environment: { workspace: '/work' } },
    journal,
    registries: { open: async () => opened, readCache },
  } as unknown as Parameters<typeof openCompareTools>[0];
  const asked = {
    context: { file: '/work/app/Dockerfile', dockerfile: 'FROM scratch\nCOPY . /app' },
    plan: { request: { target: undefined } },
  } as unknown as Parameters<ReturnType<typeof openCompareTools>['compare']>[2];
  const question = (role: string, kind = 'ship') =>
    ({ rights: { role, productionTag: main }, push: { kind }, destinations: { cache: repository } }) as never;
  const land = (manifest: Awaited<ReturnType<typeof image>>) =>
    [{ registry, manifest, first: main, contest: undefined, overtook: undefined }] as const;
  const replace = (other: Partial<Registry>): void => {
    opened = { ...registry, ...other };
  };
  const tools = openCompareTools(desk, 200);
  return { tools, registry, image, land, asked, question, journal, stop, replace };
}

test('layers that do not come in time cost the packages and nothing else', async () => {
  const { tools, registry, image, land, asked, question, journal } = openRun(() => never);
  await registry.put(main, await image('old'), undefined);
  const before = tools.readMain(question('branch'));
  await tools.compare(before, land(await image('longer')), asked);
  expect(journal.facts.diff).toMatchObject({
    against: { reference: 'ghcr.io/acme/app:main' },
    size: { before: 3, after: 6 },
    layers: [{ instruction: 'COPY . /app', place: { file: 'app/Dockerfile', line: 2 }, before: 3, after: 6 }],
    packages: { changes: [], unread: ['packages: the layers that differ were not read within 0.2 s'] },
  });
});

test('a secret in an image’s history is in no report, where that is cut either', async () => {
  const secret = 'cANARY-of-some-length';
  knownSecrets.learn(Buffer.from(secret));
  const { tools, registry, image, land, asked, question, journal } = openRun(() => never);
  await registry.put(main, await image('old'), undefined);
  await tools.compare(
    tools.readMain(question('branch')),
    land(await image('new', `RUN ${'x'.repeat(285)}${secret}`)),
    asked,
  );
  expect(journal.facts.diff?.layers).toHaveLength(2);
  expect(JSON.stringify(journal.facts.diff)).not.toContain('cAN');
});

test('layers that cannot be read are told with the reason', async () => {
  const { tools, registry, image, land, asked, question, journal } = openRun(() => Promise.reject(new Error('gone')));
  await registry.put(main, await image('old'), undefined);
  await tools.compare(tools.readMain(question('main')), land(await image('new')), asked);
  expect(journal.facts.diff?.packages.unread).toEqual(['packages: gone']);
});

test.each(['release', 'untrusted', 'test-only'])('a run as %s has nothing to compare with', async (role) => {
  const { tools, registry, image, question } = openRun(() => never);
  await registry.put(main, await image('old'), undefined);
  const kind = role === 'release' ? 'ship' : 'test-only';
  expect(await tools.readMain(question(role, kind))).toBeUndefined();
  expect(await tools.readMain(question('branch'))).toBeDefined();
});

test('without an image of main, with the very same one and with none that landed there is nothing to tell', async () => {
  const { tools, registry, image, land, asked, question, journal } = openRun(() => never);
  const same = await image('same');
  const none = tools.readMain(question('main'));
  expect(await none).toBeUndefined();
  await tools.compare(none, land(same), asked);
  await registry.put(main, same, undefined);
  await tools.compare(tools.readMain(question('main')), land(same), asked);
  await tools.compare(tools.readMain(question('main')), [], asked);
  expect(journal.facts.diff).toBeUndefined();
});

test('the same layers are told without asking for anything', async () => {
  const { tools, registry, image, asked, question, journal } = openRun(() => Promise.reject(new Error('read')));
  const old = await image('same');
  await registry.put(main, old, undefined);
  const copy = takeManifest(Buffer.concat([old.bytes, Buffer.from('\n')]), type);
  expect(copy.digest).not.toBe(digestOf(old.bytes));
  const read = await tools.readMain(question('branch'));
  const deaf = { ...registry, blob: () => Promise.reject(new Error('asked')) };
  const landed = { registry: deaf, manifest: copy, first: main, contest: undefined, overtook: undefined };
  await tools.compare(Promise.resolve(read), [landed], asked);
  expect(journal.facts.diff).toMatchObject({ layers: [], packages: { changes: [], unread: [] } });
});

test.each<[string, Partial<Registry>]>([
  ['is down', { manifest: () => Promise.reject(new RegistryError('unavailable', 'x', at)) }],
  ['never answers', { manifest: () => never }],
  ['has no configuration', { blob: () => Promise.reject(new RegistryError('invalid-reply', 'x', at)) }],
  ['has no image there', { manifest: async () => takeManifest(json({ mediaType: type }), type) }],
])('a registry that %s ends no run and holds none up', async (name, fault) => {
  const { tools, registry, image, land, asked, question, journal, replace } = openRun(() => never);
  await registry.put(main, await image('old'), undefined);
  replace(fault);
  const read = tools.readMain(question('main'));
  if (name !== 'never answers') expect(await read).toBeUndefined();
  await tools.compare(read, land(await image('new')), asked);
  expect(journal.facts.diff).toBeUndefined();
});

test('a run that is cancelled waits for nothing', async () => {
  const { tools, image, land, asked, stop } = openRun(() => never);
  const compared = tools.compare(never, land(await image('new')), asked);
  stop.abort();
  await compared;
});

const at = { registry: 'ghcr.io', request: 'GET', status: undefined, cause: undefined };
