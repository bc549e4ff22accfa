import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDoor } from '../../scripts/testbed/door.mjs';
import { ensureTestbed } from '../../scripts/testbed/index.mjs';
import { imageStore } from '../support/image-store.ts';
import {
  app,
  bench,
  docker,
  engineKind,
  leftovers,
  openProject,
  type Project,
  type Run,
  type RunOptions,
  startRegistry,
  tagsOf,
  writesTo,
} from '../support/project.ts';

const classic = imageStore.kind === 'classic';
const folder = mkdtempSync(join(tmpdir(), 'slipway-machine-'));
const servers: Server[] = [];
let project: Project;

beforeAll(async () => {
  project = await openProject();
});

afterAll(async () => {
  await project.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A run that must end before anything is built or written; its one error. */
async function refusedRun(options: RunOptions): Promise<Run['receipt']['error']> {
  const run = await project.push('main', options);
  expect(run.green).toBe(false);
  expect(run.main.log).not.toContain('build │');
  expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
  expect(run.post?.code).toBe(0);
  expect(await writesTo(project.registry)).toEqual([]);
  return run.receipt.error;
}

/** A socket on which something listens that is no engine of the bench. */
async function listen(name: string, answer: RequestListener): Promise<string> {
  const path = join(folder, name);
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

/** A configuration of docker's whose buildx is this program. */
function configWith(name: string, program: string | undefined): string {
  const config = join(folder, name);
  mkdirSync(join(config, 'cli-plugins'), { recursive: true });
  if (program !== undefined) writeFileSync(join(config, 'cli-plugins', 'docker-buildx'), program, { mode: 0o755 });
  return config;
}

const info = (version: string): RequestListener => {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ServerVersion: version, DriverStatus: [], RegistryConfig: {} }));
  };
};

test('a runner that reads the log late misses nothing of it', async () => {
  const late = join(folder, 'late-node');
  writeFileSync(late, `#!/bin/bash\nset -o pipefail\n'${bench.node24}' "$@" 2>&1 | { sleep 4; cat; }\n`, {
    mode: 0o755,
  });
  const printed = 'head -c 3000000 /dev/zero | tr "\\0" "x" | fold -w 100; exit 3';
  const run = await project.push('main', { node: late, inputs: { test: printed } });
  expect(run.green).toBe(false);
  expect(run.main.log.split('\n').filter((line) => /^test │ x{100}$/.test(line))).toHaveLength(30_000);
  expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
});

describe('a machine that will not do is told apart before anything runs', () => {
  test('the engine is not running', async () => {
    const gone = join(folder, 'gone.sock');
    expect(await refusedRun({ env: { DOCKER_HOST: `unix://${gone}` } })).toMatchObject({
      code: 'engine-missing',
      message: `no Docker engine answers at ${gone} (ENOENT)`,
      hint: expect.stringContaining('start the engine'),
    });
  });

  test('no permission on its socket', async () => {
    const path = await listen('locked.sock', info('28.5.2'));
    chmodSync(path, 0);
    // root passes every permission by two capabilities: without them it is a user like any other
    const asUser = join(folder, 'node');
    const drop = process.getuid?.() === 0 ? 'setpriv --bounding-set=-dac_override,-dac_read_search ' : '';
    writeFileSync(asUser, `#!/bin/sh\nexec ${drop}'${bench.node24}' "$@"\n`, { mode: 0o755 });
    expect(await refusedRun({ env: { DOCKER_HOST: `unix://${path}` }, node: asUser })).toMatchObject({
      code: 'engine-missing',
      message: `no permission to use the Docker engine at ${path}`,
      hint: expect.stringContaining('group `docker`'),
    });
  });

  test.each(['19.03.15', '18.09.1+dfsg1'])('the engine is %s', async (version) => {
    const path = await listen(`${version}.sock`, info(version));
    expect(await refusedRun({ env: { DOCKER_HOST: `unix://${path}` } })).toMatchObject({
      code: 'engine-missing',
      message: `the Docker engine is version ${version}, and Slipway needs 20.10 or newer`,
    });
  });

  test('it is elsewhere and does not answer', async () => {
    const port = 1; // below what anybody is given
    expect(await refusedRun({ env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } })).toMatchObject({
      code: 'engine-missing',
      message: `no Docker engine answers at 127.0.0.1:${port} (ECONNREFUSED)`,
    });
  });

  test('it is behind ssh', async () => {
    expect(await refusedRun({ env: { DOCKER_HOST: 'ssh://root@far.example' } })).toMatchObject({
      code: 'engine-missing',
      message: expect.stringContaining('"ssh://root@far.example": only unix:// and tcp://'),
      hint: expect.stringContaining('forwarded socket'),
    });
  });

  const system = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].some((lib) =>
    existsSync(join(lib, 'docker/cli-plugins/docker-buildx')),
  );
  (system ? test.skip : test)('there is no buildx', async () => {
    const config = configWith('no-buildx', undefined);
    expect(await refusedRun({ env: { DOCKER_CONFIG: config } })).toMatchObject({
      code: 'builder-missing',
      message: expect.stringContaining(`there is no docker-buildx in ${config}/cli-plugins`),
      hint: expect.stringContaining('docker/setup-buildx-action'),
    });
  });

  test('buildx is too old', async () => {
    const script = [
      '#!/bin/sh',
      '[ "$1" = version ] && { echo "github.com/docker/buildx v0.12.1 30feaa1"; exit 0; }',
      'echo "ERROR: invalid progress mode rawjson" >&2; exit 1',
      '',
    ].join('\n');
    expect(await refusedRun({ env: { DOCKER_CONFIG: configWith('old-buildx', script) } })).toMatchObject({
      code: 'builder-missing',
      message: 'docker-buildx is version 0.12.1, and Slipway needs 0.13 or newer',
    });
  });

  (classic ? test : test.skip)('a registry cache on the classic store', async () => {
    expect(await refusedRun({ inputs: { cache: 'registry' } })).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('classic image store'),
      hint: expect.stringContaining('cache: auto'),
    });
  });

  (engineKind === 'stable' ? test : test.skip).each<[string, string, string]>([
    ['add-hosts', 'db=10.1.2.3', '0.25'],
    ['network', 'none', '0.17'],
    ['allow', 'network.host', '0.17'],
  ])('%s, which this buildx would leave out without a word', async (input, value, since) => {
    expect(await refusedRun({ inputs: { [input]: value } })).toMatchObject({
      code: 'builder-missing',
      message: expect.stringMatching(
        new RegExp(`^docker-buildx is version 0\\.13\\.\\S+ and \`${input}\` needs ${since}`),
      ),
    });
  });
});

describe('tested is what is published', () => {
  test('the config that the engine ran is the config in the registry, and nothing is left', async () => {
    const run = await project.push('main', {
      inputs: { verify: 'docker image inspect --format "tested {{.Id}}" "$SLIPWAY_IMAGE"' },
    });
    expect(run.receipt.error).toBeNull();
    const { digest, 'image-id': config } = run.outputs;
    const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
    const reply = await fetch(`${project.registry.url}/v2/acme/app/manifests/main`, { headers: { accept } });
    expect(reply.headers.get('docker-content-digest')).toBe(digest);
    expect((await reply.json()) as object).toMatchObject({ config: { digest: config } });
    expect(run.main.log).toContain(`tested ${run.outputs[imageStore.id]}`);
    expect(run.receipt.image).toMatchObject({ digest });
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('what is not pushed has a digest where the engine knows it, and an image ID anyway', async () => {
    const run = await project.push('main', { inputs: { push: 'false' } });
    expect(run.receipt.error).toBeNull();
    expect(run.outputs['image-id']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(run.outputs['digest']).toMatch(imageStore.digestUnpushed);
  });

  test('two repositories of a registry, and a second registry, have one digest', async () => {
    const other = await openProject();
    const image = `${other.image}\n${other.registry.host}/acme/second\n${project.registry.host}/acme/third`;
    const run = await other.push('main', { inputs: { image } });
    expect(run.receipt.error).toBeNull();
    expect(new Set(run.receipt.tags.map(({ after }) => after))).toEqual(new Set([run.outputs['digest']]));
    expect(run.receipt.tags).toHaveLength(9);
    await other.close();
  });

  (classic ? test : test.skip)('a branch takes its steps from the inline cache of main’s image', async () => {
    // a step that no other test has, so that nobody else's build leaves it behind after the prune
    const mine = `echo ${randomBytes(8).toString('hex')} > /made`;
    const other = await openProject({
      ...app,
      Dockerfile: (app['Dockerfile'] ?? '').replace('echo made > /made', mine),
    });
    await other.push('main');
    docker('builder', 'prune', '--all', '--force');
    await other.origin.commit('topic', { message: 'hello topic\n' });
    const run = await other.push('topic');
    expect(run.receipt.error).toBeNull();
    expect(run.outputs['cache-from']).toContain('@sha256:');
    const step = run.main.log.split('\n').find((line) => line.endsWith(`RUN ${mine}`));
    expect(run.main.log).toContain(`${/^build │ #\d+/.exec(step ?? '')?.[0]} CACHED`);
    expect(await tagsOf(other.registry)).not.toContain('cache-main');
    await other.close();
  });
});

describe('an engine elsewhere', () => {
  test('that answers at tcp:// is used like any other', async () => {
    const door = await openDoor(bench.engine.dockerHost.replace('unix://', ''));
    const verify = 'echo "$DOCKER_HOST" && docker run --rm "$SLIPWAY_IMAGE"';
    try {
      const run = await project.push('main', {
        env: { DOCKER_HOST: door.address },
        inputs: { reuse: 'off', 'test-target': 'test', 'test-image': 'cat /app/message', verify },
      });
      expect(run.receipt.error).toBeNull();
      expect(run.main.log).toContain(`verify │ ${door.address}\nverify │ hello`);
      expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
      expect(leftovers(run, project.image)).toEqual([]);
    } finally {
      door.close();
    }
  });

  (engineKind === 'classic' ? test : test.skip)('with the other image store: its image is adopted', async () => {
    const other = await openProject();
    const second = await startRegistry();
    const { env } = await ensureTestbed({ engine: 'default' });
    const first = await other.push('main', { env });
    const inputs = { 'test-image': 'cat /app/message' };
    const again = await other.push('main', { inputs, runId: '4712' });
    expect(again.receipt.error).toBeNull();
    expect(again.outputs).toMatchObject({ reused: 'true', digest: first.outputs['digest'], current: 'true' });
    expect(again.receipt.tests).toEqual([expect.objectContaining({ kind: 'test-image', passed: true })]);
    expect(leftovers(again, other.image)).toEqual([]);
    // its manifest is not one that this store would make, so no other registry can have it
    const copied = await other.push('main', { inputs: { image: `${other.image}\n${second.host}/acme/app` } });
    expect(copied.receipt.error).toMatchObject({
      code: 'publish-failed',
      message: expect.stringContaining('classic image store cannot send it byte for byte'),
      hint: expect.stringContaining('reuse: off'),
    });
    expect(await tagsOf(second)).toEqual([]);
    await other.close();
    await second.remove();
  });
});
