import { describe, expect, test } from '@jest/globals';
import { createBuildProgress } from '../../src/model/build-progress.ts';
import { parseBuilder } from '../../src/model/builder.ts';
import { digestOf } from '../../src/model/digest.ts';
import { identityIn, isSameImage } from '../../src/model/image-identity.ts';
import { type BakePlan, planBake } from '../../src/plan/build-plan.ts';
import { canExportCache, explainElsewhere, planBuilder, requireBuildkit } from '../../src/plan/builder.ts';
import { planBuilderNotices } from '../../src/plan/builder-notices.ts';
import type { Role } from '../../src/plan/rights.ts';
import { explainFailure } from '../../src/tools/buildx/failure.ts';
import { readIdentity } from '../../src/tools/buildx/metadata.ts';
import { plainRequest } from '../support/build-request.ts';

/** What `docker-buildx inspect` prints with DEBUG set (0.29.1), recorded here; kubernetes and cloud as buildx's sources and
 * documentation have them: no cluster was there to ask. */
const features = (exporter = 'true', cache = 'true'): string =>
  [
    'Features:',
    ' Automatically load images to the Docker Engine image store: false',
    ` Cache export:                                               ${cache}`,
    ' Direct push:                                                true',
    ` Docker exporter:                                            ${exporter}`,
    ' Multi-platform build:                                       true',
    ' OCI exporter:                                               true',
  ].join('\n');
const head = (name: string, driver: string): string =>
  `Name:          ${name}\nDriver:        ${driver}\nLast Activity: 2026-11-21 16:33:43 +0000 UTC\n\nNodes:\n`;
const docker = (name: string): string =>
  `${head(name, 'docker')}Name:             ${name}\nEndpoint:         ${name}\nStatus:           running\nBuildKit version: v0.0.0+unknown\nPlatforms:        linux/amd64, linux/amd64/v2\n${features()}\nLabels:\n org.mobyproject.buildkit.worker.executor:             containerd\nGC Policy rule#0:\n All:            false\n`;
const container = `${head('c', 'docker-container')}Name:                  c0\nEndpoint:              unix:///var/run/docker.sock\nDriver Options:        env.http_proxy="a b" image="x\\"y" network="host"\nStatus:                inactive\nBuildKit daemon flags: --allow-insecure-entitlement=network.host\n${features()}\n`;
const remote = `${head('rt', 'remote')}Name:           rt0\nEndpoint:       tcp://127.0.0.1:1\nDriver Options: cacert="/tmp/ca.pem" cert="/tmp/c.pem" key="/tmp/k.pem" servername="x"\nStatus:         inactive\n${features()}\n`;
const pod = (name: string, error = ''): string =>
  `Name:                  ${name}\nEndpoint:              kubernetes:///kube?deployment=kube0&kubeconfig=\nDriver Options:        namespace="buildkit" replicas="2"\n${error || 'Status:                running\n'}BuildKit daemon flags: --allow-insecure-entitlement=network.host\nBuildKit version:      v0.30.0\nPlatforms:             linux/amd64, linux/amd64/v2\n`;
const pods = ['kube0-6977cdcb75-k9h9m', 'kube0-6977cdcb75-xkbvx'];
const kubernetes = `${head('kube', 'kubernetes')}${pods.map((name) => `${pod(name)}${features()}`).join('\n\n')}\n`;
const two = `${head('far', 'remote')}Name:     far0\nEndpoint: tcp://10.0.0.1:1234\nStatus:   inactive\n${features()}\n\nName:     far1\nEndpoint: tcp://10.0.0.2:1234\nStatus:   running\n${features()}\n`;
const unknown =
  'Name:          lost\nDriver:        docker-container\nLast Activity: 2026-11-21 16:33:43 +0000 UTC\nError:         context "gone": context not found\n';
const broken = `${head('kube', 'kubernetes')}${pod('kube0', 'Error:                 Get "https://10.0.0.1:443/apis": dial tcp 10.0.0.1:443: i/o timeout\n')}`;
const old = container.slice(0, container.indexOf('Features:'));

describe('what inspect prints', () => {
  test.each([
    ['docker', docker('default'), 'default', ['default'], 'running', 'default', 'v0.0.0+unknown'],
    ['docker-container', container, 'c', ['c0'], 'inactive', 'unix:///var/run/docker.sock', ''],
    ['remote', remote, 'rt', ['rt0'], 'inactive', 'tcp://127.0.0.1:1', ''],
    ['kubernetes', kubernetes, 'kube', pods, 'running', 'kubernetes:///kube?deployment=kube0&kubeconfig=', 'v0.30.0'],
  ])('of the driver %s', (driver, text, name, nodes, status, endpoint, version) => {
    const builder = parseBuilder(text);
    expect(builder).toMatchObject({ name, driver, error: undefined });
    expect(builder.nodes.map((node) => node.name)).toEqual(nodes);
    for (const node of builder.nodes) {
      expect(node).toMatchObject({ status, endpoint, version, error: undefined });
      expect([...node.features.keys()]).toContain('Docker exporter');
    }
  });

  test('has options with blanks and quotes in them', () => {
    const [node] = parseBuilder(container).nodes;
    expect([...(node?.options ?? [])]).toEqual([
      ['env.http_proxy', 'a b'],
      ['image', 'x"y'],
      ['network', 'host'],
    ]);
  });

  test('is not guessed at where it names no driver', () => {
    expect(() => parseBuilder('something else\n')).toThrow('names no driver');
  });
});

describe('who builds', () => {
  const plan = (text: string, context = 'default') => planBuilder(parseBuilder(text), context);

  test.each([
    ['the engine’s own', docker('default'), { kind: 'engine' }],
    ['docker-container', container, { kind: 'apart', name: 'c', exportsCache: true }],
    ['remote', remote, { kind: 'apart', driver: 'remote', exportsCache: true }],
    ['kubernetes', kubernetes, { kind: 'apart', driver: 'kubernetes', exportsCache: true }],
    ['one of whose nodes does not work', `${broken}\n${pod('kube1')}${features()}`, { kind: 'apart' }],
    ['one that says nothing of features', old, { kind: 'apart', exportsCache: true }],
    ['one that writes no cache', container.replace(features(), features('true', 'false')), { exportsCache: false }],
  ])('%s', (_, text, choice) => {
    expect(plan(text)).toMatchObject(choice);
  });

  test.each([
    ['that of another engine', docker('far'), 'the builder "far" (driver docker) is that of another engine'],
    [
      'one that hands over no image',
      `${head('c', 'cloud')}${pod('c')}${features('false')}`,
      '(driver cloud) cannot hand',
    ],
    ['one that does not work', broken, 'does not work: Get "https://10.0.0.1:443/apis": dial tcp'],
    ['one that buildx cannot load', unknown, '(driver docker-container) does not work: context "gone": context not'],
    [
      'the current one where there is no engine',
      'Name:   default\nDriver: \nError:  Cannot connect to the Docker daemon at unix:///n.sock. Is the docker daemon running?\n',
      '(driver unknown) does not work: Cannot connect to the Docker daemon',
    ],
    ['one without a node', head('none', 'remote'), 'has no nodes'],
  ])('is refused: %s', (_, text, message) => {
    expect(() => plan(text)).toThrow(message);
  });

  test('the engine of a docker context is known by its name', () => {
    expect(plan(docker('far'), 'far')).toEqual({ kind: 'engine' });
  });
});

describe('a cache in the registry', () => {
  const apart = planBuilder(parseBuilder(container), 'default');
  test.each([
    ['the engine’s own builder, containerd store', { kind: 'engine' } as const, 'containerd' as const, true],
    ['the engine’s own builder, classic store', { kind: 'engine' } as const, 'classic' as const, false],
    ['another builder, whatever the store', apart, 'classic' as const, true],
  ])('%s: %s', (_, builder, store, expected) => {
    expect(canExportCache(builder, store)).toBe(expected);
  });
});

describe('what is said of a builder before it builds', () => {
  const choose = (text: string) => planBuilder(parseBuilder(text), 'default');
  const use = { role: 'main' as Role, ships: true, noCache: false, platforms: [], lasts: true };

  test('that it lasts, where production is published', () => {
    for (const role of ['main', 'release'] as const)
      expect(planBuilderNotices(choose(kubernetes), { ...use, role }).join()).toContain(
        '"kube" (driver kubernetes) lasts',
      );
  });

  test('which of several machines builds', () => {
    expect(planBuilderNotices(choose(two), { ...use, lasts: false })).toEqual([
      'the builder "far" (driver remote) has 2 nodes, and where no platform is asked for the first of them builds: "far0" (tcp://10.0.0.1:1234)',
    ]);
  });

  test.each([
    ['on a branch', kubernetes, { role: 'branch' as Role }],
    ['where nothing is published', kubernetes, { ships: false }],
    ['without a cache', kubernetes, { noCache: true }],
    ['of a job’s own', container, { lasts: false }],
    ['of pods that are alike', kubernetes, { lasts: false }],
    ['of nodes that are chosen by platform', two, { lasts: false, platforms: ['linux/arm64'] }],
    ['of the engine', docker('default'), {}],
  ])('nothing %s', (_, text, more) => {
    expect(planBuilderNotices(choose(text), { ...use, ...more })).toEqual([]);
  });
});

describe('an old BuildKit', () => {
  const running = (version: string, driver = 'remote'): string =>
    `${head('b', driver)}Name:             b0\nEndpoint:         tcp://10.0.0.1:1234\nStatus:           running\nBuildKit version: ${version}\n${features()}\n`;
  const check = (text: string, allow: readonly string[] = []) =>
    requireBuildkit(planBuilder(parseBuilder(text), 'default'), { allow });

  test.each([
    [
      'for everything',
      'v0.11.6',
      'remote',
      [],
      'runs BuildKit v0.11.6, and Slipway needs 0.12',
      'at tcp://10.0.0.1:1234',
    ],
    [
      'for a device',
      'v0.19.0',
      'docker-container',
      ['device=nvidia.com/gpu=all'],
      '`allow` of a device needs 0.20',
      'image=',
    ],
  ])('is refused %s', (_, version, driver, allow, message, hint) => {
    const asked = (): void => check(running(version, driver), allow);
    expect(asked).toThrow(message);
    expect(asked).toThrow(expect.objectContaining({ code: 'builder-missing', hint: expect.stringContaining(hint) }));
  });

  test.each([
    ['that is new', running('v0.30.0'), ['device']],
    ['that is old, for what it can do', running('v0.12.5'), ['network.host']],
    ['that says no number', running('v0.0.0+unknown'), ['device']],
    ['that is not running', container, ['device']],
    ['of the engine', docker('default'), ['device']],
  ])('is no matter for one %s', (_, text, allow) => {
    expect(() => check(text, allow)).not.toThrow();
  });
});

describe('a builder that fails before it builds', () => {
  const plan: BakePlan = planBake(plainRequest({ builder: 'b' }));
  /** What buildx 0.29.1 printed, recorded; `step` is what had begun by then. */
  const explain = (said: string, step: string | undefined, code = 1) => {
    const progress = createBuildProgress(plan);
    const vertex = { digest: 'sha256:b', name: step, started: '2026-11-21T17:15:00Z' };
    const error = { completed: '2026-11-21T17:15:01Z', error: said.replace(/^ERROR: /, '') };
    if (step !== undefined) progress.read(JSON.stringify({ vertexes: [{ ...vertex, ...error }] }), 1);
    progress.read(said, 2);
    return explainFailure(plan, { code, signal: null, ms: 1 }, progress.summary());
  };
  const booting = '[internal] booting buildkit';

  test.each<[string, string, string | undefined, string, string]>([
    [
      'its container cannot be run',
      'ERROR: Error response from daemon: exec: "docker-init": executable file not found in $PATH',
      booting,
      'the builder does not start: Error response from daemon: exec: "docker-init"',
      'docker buildx inspect --bootstrap',
    ],
    [
      'its cluster does not answer',
      'ERROR: error for bootstrap "k0": Get "https://127.0.0.1:1/apis/apps/v1/namespaces/default/deployments/k0": dial tcp 127.0.0.1:1: connect: connection refused',
      booting,
      'the builder does not start: error for bootstrap "k0": Get "https://127.0.0.1:1/',
      'kubectl',
    ],
    [
      'its pods do not come up',
      'ERROR: expected 2 replicas to be ready, got 1',
      booting,
      'the builder does not start: expected 2 replicas to be ready, got 1',
      'kubectl',
    ],
    [
      'its container is paused',
      'ERROR: Error response from daemon: Container buildx_buildkit_b0 is paused, unpause the container before exec',
      booting,
      'the builder is paused: ',
      'docker unpause',
    ],
    [
      'its address does not answer',
      'ERROR: context deadline exceeded',
      '[internal] waiting for connection',
      'the builder does not answer: context deadline exceeded',
      'docker buildx ls',
    ],
    [
      'it is gone',
      'ERROR: no builder "b" found',
      undefined,
      'the builder does not answer: no builder',
      'docker buildx ls',
    ],
  ])('%s', (_, said, step, message, hint) => {
    expect(explain(said, step)).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test.each([
    ['an sbom', 'docker.io/docker/buildkit-syft-scanner:stable-1', '`sbom` names it'],
    ['a Dockerfile', 'docker.io/docker/dockerfile:1', '`# syntax=`'],
  ])('the image that makes %s cannot be had', (_, image, hint) => {
    const said = `ERROR: failed to build: failed to solve: failed to resolve source metadata for ${image}: not found`;
    expect(explain(said, `resolve image config for docker-image://${image}`)).toMatchObject({
      code: 'build-failed',
      message: `an image that the builder itself runs cannot be had: failed to resolve source metadata for ${image}: not found`,
      hint: expect.stringContaining(hint),
    });
  });

  test('a layer that its cache names is gone', () => {
    const lost = 'failed to stat active key during commit: snapshot a1 does not exist: not found';
    const said = `ERROR: target image: failed to solve: failed to commit a1 to b2 during finalize: ${lost}`;
    expect(explain(said, undefined)).toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('the builder lost a layer that its cache still names'),
      hint: expect.stringContaining('`no-cache: true`'),
    });
  });

  test('a layer is written twice at a time', () => {
    const said =
      'ERROR: target image: failed to solve: mount callback failed on /m: failed to open writer: ref moby/1/a locked for 4ms (since 2026-11-22): unavailable';
    expect(explain(said, undefined)).toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('the builder crossed itself at a layer'),
      hint: expect.stringContaining('COPY --link'),
    });
  });

  test.each([
    ['refuses it', '403 Forbidden', 'publish-failed', 'the login that this step has'],
    ['does not take all of it', '500 Internal Server Error', 'publish-failed', 'no tag was written'],
    ['has no room for it', '500: write /var/lib/registry/x: no space left on device', 'disk-full', 'in the registry'],
  ])('the registry that it sends the image to %s', (_, status, code, hint) => {
    const reason = `failed to push ghcr.io/acme/app: unexpected status from POST request to https://ghcr.io/v2/: ${status}`;
    expect(explain(`ERROR: target image: failed to solve: ${reason}`, 'exporting to image')).toMatchObject({
      code,
      message: expect.stringContaining(reason),
      hint: expect.stringContaining(hint),
    });
  });

  test('its disk is full', () => {
    const said = 'ERROR: failed to solve: ResourceExhausted: write /var/lib/buildkit/f: no space left on device';
    expect(explain(said, undefined, 102)).toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining("the builder's disk is full"),
      hint: expect.stringContaining('docker buildx prune'),
    });
  });
});

describe('a disk that is full', () => {
  const layout = '/tmp/run/image';
  const plan = planBake(plainRequest({ builder: 'b', delivery: 'by-folder', layout }));
  const explain = (said: string, printed: string) => {
    const progress = createBuildProgress(plan);
    const step = { digest: 'sha256:b', name: '[2/2] RUN make', started: '2026-11-21T17:15:00Z' };
    const data = Buffer.from(printed).toString('base64');
    progress.read(JSON.stringify({ vertexes: [step], logs: [{ vertex: step.digest, data, timestamp: 't' }] }), 1);
    const error = said.replace(/^ERROR: /, '');
    progress.read(JSON.stringify({ vertexes: [{ ...step, completed: '2026-11-21T17:15:01Z', error }] }), 2);
    progress.read(said, 3);
    return explainFailure(plan, { code: 1, signal: null, ms: 1 }, progress.summary());
  };

  test.each([
    ['builder', '/var/lib/buildkit/f'],
    ['runner', `${layout}/ingest/f7d1/data`],
    ['runner', '/tmp/run/metadata-1.json'],
  ])('is the %s’s where that was to write %s', (whose, file) => {
    const said = `ERROR: failed to copy: rpc error: code = Unknown desc = write ${file}: no space left on device`;
    expect(explain(said, '')).toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(`^the ${whose}'s disk is full: `),
    });
  });

  test('is told of where a step of the user’s own says so, whatever it says afterwards', () => {
    const said = 'ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 1';
    const full = explain(said, "dd: error writing '/f': No space left on device\n61+0 records in\n");
    expect(full).toMatchObject({
      code: 'build-failed',
      hint: expect.stringMatching(/^it says that no space is left: /),
    });
    expect(explain(said, 'wrong\n').hint).not.toContain('space');
  });
});

describe('the config of an image that goes to a containerd store', () => {
  const [digest, configDigest] = [digestOf('manifest'), digestOf('config')];
  const metadata = {
    'containerimage.digest': digest,
    'containerimage.descriptor': { mediaType: 'application/vnd.oci.image.manifest.v1+json' },
  };

  test('is named by the progress alone', () => {
    const progress = createBuildProgress(planBake(plainRequest({})));
    progress.read(JSON.stringify({ statuses: [{ vertex: 'sha256:e', id: `exporting config ${configDigest}` }] }), 1);
    expect(readIdentity(metadata, progress.summary().config)).toEqual({ kind: 'manifest', digest, configDigest });
  });

  test('is missing where nobody names it, and then the build has named no image', () => {
    const progress = createBuildProgress(planBake(plainRequest({})));
    progress.read(JSON.stringify({ statuses: [{ vertex: 'sha256:e', id: 'exporting config sha256:short' }] }), 1);
    expect(readIdentity(metadata, progress.summary().config)).toBeUndefined();
  });
});

test('the classic store keeps of an image that is handed over its configuration alone', () => {
  const [digest, configDigest] = [digestOf('manifest'), digestOf('config')];
  const made = { kind: 'manifest', digest, configDigest } as const;
  expect(identityIn('containerd', made)).toEqual(made);
  expect(identityIn('classic', made)).toEqual({ kind: 'config', configDigest });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: configDigest, size: 1 },
    layers: [],
  });
  const pushed = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(manifest),
    bytes: Buffer.from(manifest),
  };
  expect(isSameImage(identityIn('classic', made), pushed)).toBe(true);
  expect(isSameImage(identityIn('containerd', made), pushed)).toBe(false);
});

test.each([
  ['docker-container', container, ''],
  ['remote', remote, 'the builder "rt" (driver remote) may build for another platform'],
  ['docker', docker('default'), ''],
])('whether a builder of the driver %s is known to build what this machine would', (_, text, expected) => {
  expect(explainElsewhere(planBuilder(parseBuilder(text), 'default'))).toBe(expected);
});
