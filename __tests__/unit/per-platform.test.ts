import { describe, expect, test } from '@jest/globals';
import { createBuildProgress } from '../../src/model/build-progress.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { type Descriptor, parseManifest, takeManifest } from '../../src/model/manifest.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { planBake, planCacheExport, planPush, planTestBake } from '../../src/plan/build-plan.ts';
import type { BuilderChoice } from '../../src/plan/builder.ts';
import { planIndex } from '../../src/plan/image-index.ts';
import { requirePerPlatform, runsElsewhereBuilt, solvesPerPlatform } from '../../src/plan/per-platform.ts';
import { explainFailure } from '../../src/tools/buildx/failure.ts';
import { plainRequest } from '../support/build-request.ts';
import { parse } from '../support/inputs.ts';

const amd64 = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');
const armv7 = parsePlatform('linux/arm/v7');
const shared = { perPlatform: true, platforms: [amd64, armv7], testTarget: 'test' } as const;

const targetsOf = (plan: { readonly definition: string } | undefined) =>
  (JSON.parse(plan?.definition ?? '{}') as { target: Record<string, Record<string, unknown>> }).target;

describe('each platform of several machines', () => {
  test.each([
    ['by-engine', 'type=oci,tar=false,dest=/tmp/run/image/part'],
    ['by-folder', 'type=oci,tar=false,dest=/tmp/run/image/part'],
    ['by-builder', 'type=image,oci-mediatypes=true,push=false'],
  ] as const)('is a target of its own with its test stage, %s', (delivery, output) => {
    const plan = planBake(plainRequest({ ...shared, delivery }));
    const targets = targetsOf(plan);
    const names = ['image-linux-amd64', 'test-linux-amd64', 'image-linux-arm-v7', 'test-linux-arm-v7'];
    expect(Object.keys(targets)).toEqual(names);
    expect(plan.args.slice(-4)).toEqual(names);
    for (const [name, target] of Object.entries(targets)) {
      expect(target['platforms']).toEqual([name.endsWith('amd64') ? amd64 : armv7]);
      expect(target).not.toHaveProperty('tags');
      const to = delivery === 'by-builder' ? output : `${output}${name.slice('image'.length)}`;
      expect(target['output']).toEqual([name.startsWith('test') ? 'type=cacheonly' : to]);
    }
    const written = plan.args.filter((arg) => arg.startsWith('--allow=fs.write'));
    expect(written).toEqual(delivery === 'by-builder' ? [] : ['--allow=fs.write=/tmp/run/image']);
    expect(plan.merge).toMatchObject({
      layout: delivery === 'by-builder' ? undefined : '/tmp/run/image',
      loads: delivery === 'by-engine',
      parts: [
        { target: 'image-linux-amd64', platform: amd64 },
        { target: 'image-linux-arm-v7', platform: armv7 },
      ],
    });
  });

  test('is sent by its digest, and its test stage can be solved alone', () => {
    const request = plainRequest({ ...shared, delivery: 'by-builder' });
    const sent = targetsOf(planPush(request, parseRepository('ghcr.io/acme/app')));
    expect(Object.keys(sent)).toEqual(['image-linux-amd64', 'image-linux-arm-v7']);
    for (const { output } of Object.values(sent))
      expect(output).toEqual([expect.stringContaining('push-by-digest=true')]);
    expect(Object.keys(targetsOf(planTestBake(request)))).toEqual(['test-linux-amd64', 'test-linux-arm-v7']);
  });

  test('has a cache of its own, the first the one that a builder of one machine writes', () => {
    const write = { repository: parseRepository('ghcr.io/acme/app'), tag: parseTag('cache-main') };
    const made = targetsOf(planCacheExport(plainRequest({ ...shared, cache: { from: [], inline: false, write } })));
    const to = 'mode=max,image-manifest=true,oci-mediatypes=true';
    expect(Object.entries(made).map(([name, target]) => [name, target['cache-to']])).toEqual([
      ['image-linux-amd64', [`type=registry,ref=ghcr.io/acme/app:cache-main,${to}`]],
      ['image-linux-arm-v7', [`type=registry,ref=ghcr.io/acme/app:cache-main-linux-arm-v7,${to}`]],
    ]);
  });

  test('whose test stage fails is told as a test, in what buildx prints of it', () => {
    const plan = planBake(plainRequest(shared));
    const progress = createBuildProgress(plan);
    const vertex = {
      digest: 'sha256:b',
      name: '[test-linux-arm-v7 linux/arm/v7 test 1/1] RUN pytest',
      started: '2026-11-21T17:15:00Z',
    };
    progress.read(
      JSON.stringify({ vertexes: [{ ...vertex, completed: '2026-11-21T17:15:01Z', error: 'exit code: 1' }] }),
      1,
    );
    progress.read('ERROR: target test-linux-arm-v7: failed to solve: exit code: 1', 2);
    expect(explainFailure(plan, { code: 1, signal: null, ms: 1 }, progress.summary())).toMatchObject({
      code: 'test-failed',
    });
  });
});

test('the machine that goes away in mid-build is told by its platform and step', () => {
  const plan = planBake(plainRequest({ ...shared, testTarget: undefined }));
  const progress = createBuildProgress(plan);
  const started = '2026-11-22T02:34:00Z';
  const ran = (digest: string, name: string, more: object = {}) => ({ digest, name, started, ...more });
  const canceled = { completed: '2026-11-22T02:34:01Z', error: 'context canceled' };
  const vertexes = [
    ran('sha256:a', '[image-linux-amd64 base 2/2] RUN make', canceled),
    ran('sha256:b', '[image-linux-arm-v7 base 2/2] RUN make'),
    ran('sha256:c', '[image-linux-arm-v7 internal] load metadata', { completed: canceled.completed }),
  ];
  const lines = progress.read(JSON.stringify({ vertexes }), 1).flatMap((one) => (one.kind === 'line' ? one.text : []));
  expect(lines).toContain('#1 [linux/amd64 base 2/2] RUN make');
  progress.read(
    'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    2,
  );
  expect(explainFailure(plan, { code: 1, signal: null, ms: 1 }, progress.summary())).toMatchObject({
    code: 'builder-missing',
    message: expect.stringContaining('went away in the middle of the build in step [linux/arm/v7 base 2/2] RUN make: '),
  });
});

/** What BuildKit 0.30 wrote of two platforms that it solved at once, with provenance: `type=oci` of one builder, recorded. */
const recorded = `{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:8ee246ad1d58b779dca772570573d9674a2179ff5783e7e7675671bbe2f2f41c",
      "size": 857,
      "platform": {
        "architecture": "amd64",
        "os": "linux"
      }
    },
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:72c20b65426aed098f60c7796f1219a6c70f2be4afe0ff922d3c040cbbef068b",
      "size": 857,
      "platform": {
        "architecture": "arm64",
        "os": "linux"
      }
    },
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:7d2235b8bc6795dae81e36940e2f5efebdcb493d6dcf53f77bf68489a3909e61",
      "size": 564,
      "annotations": {
        "vnd.docker.reference.digest": "sha256:8ee246ad1d58b779dca772570573d9674a2179ff5783e7e7675671bbe2f2f41c",
        "vnd.docker.reference.type": "attestation-manifest"
      },
      "platform": {
        "architecture": "unknown",
        "os": "unknown"
      }
    },
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:822bfd6b065b47df530c6dcd0eb829a934587472310fe3f19eb9f2138aa9b307",
      "size": 564,
      "annotations": {
        "vnd.docker.reference.digest": "sha256:72c20b65426aed098f60c7796f1219a6c70f2be4afe0ff922d3c040cbbef068b",
        "vnd.docker.reference.type": "attestation-manifest"
      },
      "platform": {
        "architecture": "unknown",
        "os": "unknown"
      }
    }
  ]
}`;

describe('one index of several images', () => {
  const read = (text: string): readonly Descriptor[] => {
    const found = parseManifest(takeManifest(Buffer.from(text), undefined));
    return found.kind === 'index' ? found.manifests : [];
  };
  const madeAt = new Map([['org.opencontainers.image.created', '2026-11-21T22:58:54Z']]);

  test('is, byte for byte, what BuildKit writes where it solves them at once', () => {
    const [intel, arm, ofIntel, ofArm] = read(recorded);
    if (!(intel && arm && ofIntel && ofArm)) throw new Error('four entries were recorded');
    const made = planIndex([
      [{ ...intel, annotations: madeAt }, ofIntel],
      [arm, ofArm],
    ]);
    expect(Buffer.from(made.bytes).toString('utf8')).toBe(recorded);
    expect(made.digest).toBe('sha256:6ee5cdb5c6b7f0d8b9ad20e2c2d2eb3c663ed5e66ceb624fab2792a4a93ecb23');
  });

  test('says which variant an image is for, and is in the order that was asked for', () => {
    const [intel, arm] = read(recorded);
    if (!(intel && arm)) throw new Error('two images were recorded');
    const made = planIndex([[{ ...arm, platform: 'linux/arm/v7' }], [intel]]);
    const entries = read(Buffer.from(made.bytes).toString('utf8'));
    expect(entries.map(({ platform }) => platform)).toEqual(['linux/arm/v7', 'linux/amd64']);
  });
});

describe('a builder of several machines', () => {
  const node = (name: string, endpoint: string) => ({
    ...{ name, endpoint, options: new Map(), status: 'running', platforms: [amd64, arm64] },
    ...{ error: undefined, version: '', features: new Map() },
  });
  const builder = (...endpoints: readonly [string, ...string[]]): Extract<BuilderChoice, { kind: 'apart' }> => {
    const [first, ...others] = endpoints;
    const nodes = [node('b0', first), ...others.map((one, at) => node(`b${at + 1}`, one))] as const;
    const can = { exportsCache: true, pushes: true, exportsLayouts: true };
    return { kind: 'apart', name: 'b', driver: 'remote', nodes, ...can };
  };

  test.each<[string, BuilderChoice, readonly (typeof amd64)[], boolean]>([
    ['two platforms', builder('tcp://x', 'tcp://y'), [amd64, arm64], true],
    ['one platform', builder('tcp://x', 'tcp://y'), [arm64], false],
    ['pods of one deployment', builder('k8s://x', 'k8s://x'), [amd64, arm64], false],
    ['one machine', builder('tcp://x'), [amd64, arm64], false],
    ['the engine’s own', { kind: 'engine' }, [amd64, arm64], false],
  ])('solves each platform by itself: %s', (_, one, platforms, wanted) => {
    expect(solvesPerPlatform(one, platforms)).toBe(wanted);
  });

  const both = builder('tcp://x', 'tcp://y');
  test.each<[string, Readonly<Record<string, string>>, BuilderChoice, boolean]>([
    ['a command in it', { 'test-image': 'app --version' }, both, true],
    ['a script about it', { verify: 'true' }, both, true],
    ['checks that run it', { checks: 'high' }, both, true],
    ['a test beside the build alone', { test: 'true', 'test-target': 'test' }, both, false],
    ['bytecode of several machines', { bytecode: 'on' }, both, true],
    ['a script about what one other machine built', { verify: 'true' }, builder('tcp://x'), true],
    ['a command in it', { 'test-image': 'app --version' }, builder('tcp://x'), true],
    ['checks that run it', { checks: 'full' }, builder('tcp://x'), true],
    ['bytecode that has to be proved', { bytecode: 'require' }, builder('tcp://x'), true],
    ['bytecode that ships with a notice', { bytecode: 'on' }, builder('tcp://x'), false],
    ['a test beside the build of one machine', { test: 'true' }, builder('tcp://x'), false],
    ['what this machine’s engine builds', { verify: 'true' }, { ...builder('x'), driver: 'docker-container' }, false],
  ])('makes what this machine has to be able to run: %s', (_, given, one, wanted) => {
    const inputs = parse({ platforms: 'linux/amd64,linux/arm64', ...given });
    expect(runsElsewhereBuilt(one, inputs)).toBe(wanted);
  });

  test.each<[string, Parameters<typeof requirePerPlatform>, string]>([
    [
      'annotations of the index',
      [both, { build: { annotations: ['a=index:1', 'manifest,index:a=1'] } }, 'by-builder'],
      'annotations: manifest,index:a=1: an index that Slipway makes has none',
    ],
    [
      'what it cannot hand out',
      [{ ...both, exportsLayouts: false }, { build: { annotations: [] } }, 'by-folder'],
      'it cannot hand out an OCI layout',
    ],
  ])('is refused %s, with its driver and the way out', (_, asked, message) => {
    const check = (): void => requirePerPlatform(...asked);
    expect(check).toThrow(message);
    expect(check).toThrow('the builder "b" (driver remote) has 2 machines');
    expect(check).toThrow(expect.objectContaining({ hint: expect.stringContaining('a builder with one node') }));
  });

  test('is good for what a builder of one is good for otherwise', () => {
    const asked = { build: { annotations: ['index=1', 'manifest:a=index:1'] } };
    expect(() => requirePerPlatform(both, asked, 'by-folder')).not.toThrow();
    expect(() => requirePerPlatform({ ...both, exportsLayouts: false }, asked, 'by-builder')).not.toThrow();
  });
});
