import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseRepository } from '../../src/model/image-ref.ts';
import { takeManifest } from '../../src/model/manifest.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { planBake, planPush } from '../../src/plan/build-plan.ts';
import type { BuilderChoice } from '../../src/plan/builder.ts';
import { planDelivery, planSending } from '../../src/plan/delivery.ts';
import { stampBuildx } from '../../src/tools/buildx/stamp.ts';
import { sendKept } from '../../src/tools/image/send-kept.ts';
import { readSizes } from '../../src/tools/publish/platform-sizes.ts';
import { plainRequest } from '../support/build-request.ts';
import { digest, image } from '../support/facts.ts';
import { parse } from '../support/inputs.ts';
import { createMemoryRegistries } from '../support/memory-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-delivery-'));
afterAll(() => rmSync(folder, { recursive: true }));

const apart = { kind: 'apart', name: 'b', driver: 'remote', nodes: [{}], exportsCache: true, pushes: true } as unknown;
const builder = apart as Extract<BuilderChoice, { kind: 'apart' }>;
const repository = parseRepository('ghcr.io/acme/app');

describe('an image', () => {
  test.each<[string, Record<string, string>]>([
    ['that nobody runs', {}],
    ['that a stage tests', { 'test-target': 'test' }],
    ['that is checked for a report', { checks: 'report', platforms: 'linux/amd64,linux/arm64' }],
  ])('%s stays with its builder', (_, given) => {
    expect(planDelivery(builder, parse(given), true)).toBe('by-builder');
  });

  test.each<[string, Record<string, string>]>([
    ['beside which a script runs, which may change the context', { test: 'pytest' }],
    ['that is tested by running it', { 'test-image': 'true' }],
    ['that a script looks at', { verify: 'true' }],
    ['with bytecode, which is proved by running', { bytecode: 'on' }],
    ['whose findings hold it', { checks: 'high' }],
    ['that is run for its checks', { checks: 'full' }],
  ])('%s comes to the engine', (_, given) => {
    expect(planDelivery(builder, parse(given), true)).toBe('by-engine');
  });

  test.each<[string, Record<string, string>]>([
    ['with attestations, which another solve would make anew', { provenance: 'true' }],
    ['for several platforms, beside which a script runs', { test: 'pytest', platforms: 'linux/amd64,linux/arm64' }],
  ])('%s goes by a folder', (_, given) => {
    expect(planDelivery(builder, parse(given), true)).toBe('by-folder');
  });

  test.each<[string, Record<string, string>]>([
    ['with attestations', { provenance: 'true', 'test-image': 'true' }],
    ['for several platforms', { verify: 'true', platforms: 'linux/amd64,linux/arm64' }],
  ])('%s comes to the engine where it is run there', (_, given) => {
    expect(planDelivery(builder, parse(given), true)).toBe('by-engine');
  });

  test('of the engine, or of a builder that cannot push, comes from the engine', () => {
    expect(planDelivery({ kind: 'engine' }, parse({}), true)).toBe('by-engine');
    expect(planDelivery({ ...builder, pushes: false }, parse({}), true)).toBe('by-engine');
  });
});

describe('the solve that makes an image', () => {
  const node = { name: 'b0' } as never;
  const [amd64, arm64] = ['linux/amd64', 'linux/arm64'].map(parsePlatform) as [never, never];
  const tag = parseTag('topic');
  const build = { kind: 'build', firstTag: tag, keep: [], because: '', notices: [] } as const;
  const adopted = {
    ...build,
    kind: 'adopt',
    digest: digest('a'),
    testsKnown: false,
    builtFrom: '',
    copyTo: [],
  } as const;
  const run = { testTarget: undefined, push: { kind: 'ship' }, adoption: build, platforms: [], repository } as const;
  const sending = (
    more: Partial<Parameters<typeof planSending>[2]>,
    who: BuilderChoice = builder,
    how = 'by-builder',
  ) => planSending(how as 'by-builder', who, { ...run, ...more });

  test.each<[string, Parameters<typeof sending>]>([
    ['for a run that publishes', [{}]],
    ['for two platforms of one machine', [{ platforms: [amd64, arm64] }]],
    ['for one platform of two machines', [{ platforms: [arm64] }, { ...builder, nodes: [node, node] }]],
  ])('sends it %s', (_, asked) => {
    expect(sending(...asked)).toBe(repository);
  });

  test.each<[string, Parameters<typeof sending>]>([
    ['that may not publish', [{ push: { kind: 'test-only', because: 'it is a fork’s' } }]],
    ['that writes no tag', [{ adoption: { ...build, firstTag: undefined } }]],
    ['whose image exists', [{ adoption: { ...adopted, from: { repository: repository.name, tag } } }]],
    ['with a test stage, which may fail after that', [{ testTarget: 'test' }]],
    ['for two platforms of two machines', [{ platforms: [amd64, arm64] }, { ...builder, nodes: [node, node] }]],
    ['whose image comes to the engine', [{}, builder, 'by-engine']],
    ['whose image goes by a folder', [{}, builder, 'by-folder']],
    ['on the engine’s own builder', [{}, { kind: 'engine' }]],
  ])('sends nothing for a run %s', (_, asked) => {
    expect(sending(...asked)).toBeUndefined();
  });

  test('sends it by digest and without a tag', () => {
    const { definition } = planBake(plainRequest({ delivery: 'by-builder', sendsTo: repository, pull: true }));
    const { image: made } = (JSON.parse(definition) as { target: { image: Record<string, unknown> } }).target;
    const into = 'name=ghcr.io/acme/app,push-by-digest=true,name-canonical=true,push=true';
    expect(made).toMatchObject({ output: [`type=image,oci-mediatypes=true,${into}`], pull: true });
    expect(made).not.toHaveProperty('tags');
  });
});

describe('the two solves of an image that stays with its builder', () => {
  const asked = {
    delivery: 'by-builder',
    testTarget: 'test',
    pull: true,
    noCache: true,
    noCacheFilters: ['a'],
  } as const;
  const targets = (plan: { definition: string }) =>
    (JSON.parse(plan.definition) as { target: Record<string, Record<string, unknown>> }).target;

  test('the first sends nothing anywhere', () => {
    const { image: made, test: stage } = targets(planBake(plainRequest(asked)));
    expect(made).toMatchObject({ output: ['type=image,oci-mediatypes=true,push=false'], pull: true, 'no-cache': true });
    expect(made).not.toHaveProperty('tags');
    expect(stage).toMatchObject({ output: ['type=cacheonly'] });
  });

  test('the second sends it by digest, without a tag, a test, or another wish for freshness', () => {
    const plan = targets(planPush(plainRequest(asked), repository));
    expect(Object.keys(plan)).toEqual(['image']);
    expect(plan['image']).toMatchObject({
      output: [
        'type=image,oci-mediatypes=true,name=ghcr.io/acme/app,push-by-digest=true,name-canonical=true,push=true',
      ],
      pull: false,
      'no-cache': false,
    });
    for (const field of ['tags', 'no-cache-filter']) expect(plan['image']).not.toHaveProperty(field);
  });
});

describe('what a builder sends', () => {
  /** A plugin that says that it made this image. */
  const plugin = (made: string): string => {
    const path = join(folder, `buildx-${made.slice(-4)}`);
    const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: made };
    const metadata = { image: { 'containerimage.digest': made, 'containerimage.config.digest': made } };
    const text = JSON.stringify({ image: { ...metadata.image, 'containerimage.descriptor': descriptor } });
    const script = `#!/bin/sh\nfor a; do case $a in --metadata-file=*) echo '${text}' > "\${a#*=}";; esac; done\ncat > /dev/null\n`;
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    return path;
  };
  const send = (made: string, more: { touched?: boolean; stamp?: string } = {}): Promise<void> => {
    const buildx = { path: plugin(made), env: { PATH: process.env['PATH'] ?? '', DOCKER_CONFIG: folder }, logins: [] };
    const mark = { take: () => undefined, isUntouched: () => more.touched !== true };
    const bench = { folder, cancel: new AbortController().signal } as never;
    const caches = { relay: undefined, registries: undefined as never, tell: () => undefined };
    const stamp = more.stamp ?? stampBuildx(buildx);
    const plan = {
      request: plainRequest({ delivery: 'by-builder' }),
      grants: { secrets: [], values: new Map() } as never,
    };
    return sendKept({ bench, buildx, caches, mark, limit: 60_000, stamp }, plan, {
      image,
      registry: createMemoryRegistries().open(repository),
    });
  };

  test('is the image that was tested', async () => {
    await expect(send(digest('a'))).resolves.toBeUndefined();
  });

  test('is no other one', async () => {
    await expect(send(digest('b'))).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: `the builder sent ${digest('b')} to ghcr.io/acme/app, and ${digest('a')} was tested`,
    });
  });

  test.each([
    ['the context has changed', { touched: true }],
    ['docker’s configuration has changed', { stamp: 'another' }],
  ])('is nothing where %s since', async (_, more) => {
    await expect(send(digest('a'), more)).rejects.toMatchObject({ code: 'publish-failed' });
  });
});

describe('sizes of a published index', () => {
  const registries = createMemoryRegistries();
  const registry = registries.open(repository);
  const put = (value: object, mediaType: string) => {
    const manifest = takeManifest(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value })), mediaType);
    registries.addManifest(repository, manifest);
    return manifest;
  };
  const blob = (text: string) => ({
    mediaType: 'application/octet-stream',
    digest: registries.addBlob(repository, Buffer.from(text)),
    size: text.length,
  });
  const child = (...layers: readonly string[]) =>
    put({ config: blob('{}'), layers: layers.map(blob) }, 'application/vnd.oci.image.manifest.v1+json');
  const children = { amd64: child('one', 'seven77'), arm64: child('four') };
  const manifests = Object.entries(children).map(([architecture, { digest: at, mediaType, bytes }]) => ({
    ...{ mediaType, digest: at, size: bytes.length },
    platform: { os: 'linux', architecture },
  }));
  const index = put({ manifests }, 'application/vnd.oci.image.index.v1+json');
  const asked = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((one) => ({
    ...{ platform: parsePlatform(one), digest: undefined, size: undefined },
  }));

  test('are those of its layers; what is known already, or is not there, stays', async () => {
    const known = { platform: parsePlatform('linux/amd64'), digest: digest('d'), size: 1 };
    expect(await readSizes({ registry, manifest: index }, asked)).toMatchObject([
      { digest: children.amd64.digest, size: 10 },
      { digest: children.arm64.digest, size: 4 },
      { digest: undefined, size: undefined },
    ]);
    expect(await readSizes({ registry, manifest: index }, [known])).toEqual([known]);
    expect(await readSizes({ registry, manifest: children.arm64 }, asked.slice(1, 2))).toMatchObject([{ size: 4 }]);
  });
});
