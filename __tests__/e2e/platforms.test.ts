import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOlder } from '../../src/plan/machine.ts';
import { imageStore } from '../support/image-store.ts';
import { foreign, machines, native, prepareApp, runsForeign } from '../support/platforms.ts';
import {
  bench,
  digestOfTag,
  leftovers,
  openProject,
  type Project,
  type Run,
  runImageOn,
  tagsOf,
  writesTo,
} from '../support/project.ts';

const hasIndexes = imageStore.kind === 'containerd' && !isOlder(bench.engine.version, '28.0');
const platforms = `${native},${foreign}`;
/** Passes where the image's own programs are of the machine that it was built on. */
const sameMachine = `sh -c 'test "$(uname -m)" = "$(cat /machine)"'`;
const verify =
  'test "$(docker run --rm "$SLIPWAY_IMAGE" /machine)" = "$(docker run --rm --entrypoint uname "$SLIPWAY_IMAGE" -m)"';

let project: Project;
beforeAll(async () => {
  project = await openProject(runsForeign ? await prepareApp() : undefined);
}, 600_000);
afterAll(async () => {
  await project.close();
});

interface Entry {
  readonly digest: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The index that a tag holds, asked without any code of Slipway's; empty where it holds an image. */
async function readIndex(tag: string): Promise<readonly Entry[]> {
  const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';
  const reply = await fetch(`${project.registry.url}/v2/acme/app/manifests/${tag}`, { headers: { accept } });
  return ((await reply.json()) as { manifests?: readonly Entry[] }).manifests ?? [];
}

async function platformsOf(tag: string): Promise<readonly string[]> {
  const manifests = await readIndex(tag);
  return manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`).toSorted();
}

(runsForeign && hasIndexes ? describe : describe.skip)('two platforms on the engine’s own builder', () => {
  let first: Run;
  beforeAll(async () => {
    const tests = { test: 'grep -q hello message', 'test-target': 'test', 'test-image': sameMachine, verify };
    first = await project.push('main', { inputs: { platforms, ...tests } });
  }, 300_000);

  test('make one index, under every tag', async () => {
    expect(first.main.log).not.toContain('::error');
    expect(first.green).toBe(true);
    const sha = await project.origin.sha('refs/heads/main');
    const tags = ['latest', 'main', `sha-${sha.slice(0, 12)}`];
    // whether the cache was written is other tests' matter
    expect((await tagsOf(project.registry)).filter((tag) => tag !== 'cache-main')).toEqual(tags);
    const digests = await Promise.all(tags.map((tag) => digestOfTag(project.registry, tag)));
    expect(new Set(digests)).toEqual(new Set([first.outputs['digest']]));
    expect(await platformsOf('main')).toEqual([native, foreign].toSorted());
    for (const [platform, machine] of [
      [native, machines.native],
      [foreign, machines.foreign],
    ] as const)
      expect(runImageOn(platform, `${project.image}@${first.outputs['digest']}`, '/machine')).toBe(`${machine}\n`);
  }, 300_000);

  test('were each tested, the foreign one with a notice of how', () => {
    const ran = first.receipt.tests.map(({ kind, platform, passed }) => [kind, platform, passed]);
    expect(ran.slice(0, 2).toSorted()).toEqual([
      ['test', null, true],
      ['test-target', null, true],
    ]);
    expect(ran.slice(2)).toEqual([
      ['test-image', native, true],
      ['verify', native, true],
      ['test-image', foreign, true],
      ['verify', foreign, true],
    ]);
    expect(first.receipt.notices).toContainEqual(
      expect.stringMatching(`^${foreign}: built and tested under emulation`),
    );
    expect(leftovers(first, project.image)).toEqual([]);
  });

  test('are told of with their sizes', () => {
    const seen = first.receipt.image?.platforms ?? [];
    expect(seen.map(({ platform }) => platform)).toEqual([native, foreign]);
    for (const { digest, size } of seen) {
      expect(digest).toMatch(/^sha256:/);
      expect(size).toBeGreaterThan(500_000);
    }
    expect(first.summary).toMatch(new RegExp(`${native} \\d+\\.\\d MB, ${foreign} \\d+\\.\\d MB`));
  });

  test('are taken again as they are; tests that are new run on each', async () => {
    const again = await project.push('main', { inputs: { platforms, 'test-image': `${sameMachine}\ntrue` } });
    expect(again.main.log).not.toContain('::error');
    expect(again.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'] });
    expect(again.receipt.tests.map(({ platform }) => platform)).toEqual([native, native, foreign, foreign]);
    expect(leftovers(again, project.image)).toEqual([]);
  }, 300_000);

  test('are another image than one of them alone', async () => {
    await project.origin.commit('alone', {});
    const run = await project.push('alone', { inputs: { platforms: foreign, 'test-image': sameMachine } });
    expect(run.receipt.error).toBeNull();
    expect(run.outputs['reused']).toBe('false');
    expect(run.receipt.tests).toMatchObject([{ platform: foreign, passed: true }]);
    expect(await platformsOf('alone')).toEqual([]);
    expect(runImageOn(foreign, `${project.image}@${run.outputs['digest']}`, '/machine')).toBe(`${machines.foreign}\n`);
  }, 300_000);

  test('hold everything where one of them fails', async () => {
    const before = await tagsOf(project.registry);
    await project.origin.commit('wrong', { message: 'hello wrong\n' });
    const inputs = { platforms, 'test-image': `sh -c 'test "$(uname -m)" = ${machines.native}'` };
    const run = await project.push('wrong', { inputs });
    expect(run.receipt.error).toMatchObject({
      code: 'test-failed',
      message: expect.stringContaining(`\`test-image\` for ${foreign} ended with exit status 1`),
    });
    expect(await tagsOf(project.registry)).toEqual(before);
  }, 300_000);
});

(hasIndexes ? describe : describe.skip)('attestations', () => {
  test('are part of what is tested, published and taken again', async () => {
    await project.origin.commit('attested', { Dockerfile: 'FROM scratch\nCOPY message /\n' });
    const run = await project.push('attested', { inputs: { provenance: 'mode=min' } });
    expect(run.receipt.error).toBeNull();
    const index = await readIndex('attested');
    expect(await digestOfTag(project.registry, 'attested')).toBe(run.outputs['digest']);
    const [image, attestation] = index;
    expect(index).toHaveLength(2);
    expect(image?.platform).toMatchObject({ os: 'linux' });
    expect(attestation?.annotations).toMatchObject({
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': image?.digest,
    });
    const again = await project.push('attested', { inputs: { provenance: 'mode=min' } });
    expect(again.outputs).toMatchObject({ reused: 'true', digest: run.outputs['digest'] });
    const without = await project.push('attested');
    expect(without.outputs['reused']).toBe('false');
  }, 300_000);
});

(hasIndexes ? describe.skip : describe)('several platforms on an engine that keeps no index', () => {
  test('are an error before the build', async () => {
    const run = await project.push('main', { inputs: { platforms } });
    expect(run.receipt.error?.code).toMatch(/^(?:invalid-input|engine-missing|builder-missing)$/);
    expect(await writesTo(project.registry)).toEqual([]);
  });
});

test('a platform that the builder cannot run is an error before the build, with the way out', async () => {
  const before = await writesTo(project.registry);
  const run = await project.push('main', { inputs: { platforms: `${native},linux/s390x` } });
  expect(run.main.log).toContain('does not run linux/s390x yet: asking once more');
  expect(run.receipt.error).toMatchObject({
    code: 'builder-missing',
    message: expect.stringContaining('cannot run programs for linux/s390x; it can for '),
    hint: expect.stringContaining('docker/setup-qemu-action with `platforms: s390x`'),
  });
  expect(await writesTo(project.registry)).toEqual(before);
});
