import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { planLocalName } from '../../src/plan/build-plan.ts';
import { connectEngine } from '../../src/tools/engine/call.ts';
import { findEngine } from '../../src/tools/engine/endpoint.ts';
import { pushImage, readEngineInfo, registryAuth } from '../../src/tools/engine/engine.ts';
import { inspectImage, isNamed, removeImageName, tagImage, tagImageId } from '../../src/tools/engine/images.ts';
import { dropName } from '../../src/tools/tidy-up.ts';
import { bench, buildImage, engine, env, folderWith, never, sweep } from './engine-bench.ts';

// in base64 it has a plus and a slash, which the URL-safe alphabet spells otherwise
const login = { username: 'ada', password: 'top"secret>>>???~~' } as const;
const basic = { kind: 'basic', ...login } as const;
const none = { kind: 'none' } as const;
const tag = parseTag('one');
let open: Awaited<ReturnType<typeof bench.startRegistry>>;
let locked: typeof open;
let name: string;
const given: string[] = [];

beforeAll(async () => {
  [open, locked] = await Promise.all([bench.startRegistry(), bench.startRegistry({ htpasswd: login })]);
  name = await buildImage({ Dockerfile: 'FROM busybox:stable\nARG NONCE\nRUN echo $NONCE > /n\n' });
}, 60_000);

afterAll(async () => {
  for (const one of [name, ...given]) await removeImageName(engine, one, never);
  await Promise.all([open.remove(), locked.remove()]);
  sweep();
});

function push(host: string, auth: string, at = tag) {
  const repository = parseRepository(`${host}/team/app`);
  const lines: string[] = [];
  const done = pushImage(engine, { repository, tag: at, auth, onProgress: (line) => lines.push(line) }, never);
  return { done, lines };
}

async function tagFor(host: string): Promise<void> {
  const repository = parseRepository(`${host}/team/app`);
  await tagImage(engine, { from: name, repository, tag }, never);
  given.push(`${repository.name}:${tag}`);
}

describe('the engine', () => {
  test('says what it is', async () => {
    const info = await readEngineInfo(engine, never);
    expect(info.store).toBe(bench.engine.store);
    expect(info.version).toBe(bench.engine.version);
    expect(info.insecureRegistries).toContain('127.0.0.0/8');
  });

  test('knows an image, its manifest and its size; of others it says that there is none', async () => {
    const image = await inspectImage(engine, name, never);
    expect(image?.size).toBeGreaterThan(1_000);
    if (bench.engine.store === 'containerd')
      expect(image?.manifest).toMatchObject({ digest: image?.id, configDigest: expect.stringMatching(/^sha256:/) });
    expect(await inspectImage(engine, 'slipway.invalid/none:x', never)).toBeUndefined();
  });

  test('has lost the name of a run once that is dropped, with the image or without it', async () => {
    const own = planLocalName(randomUUID().replaceAll('-', ''));
    expect(await isNamed(engine, own, never)).toBe(false);
    await tagImageId(engine, { id: name, name: own }, never);
    expect(await isNamed(engine, own, never)).toBe(true);
    for (let at = 0; at < 2; at++) {
      await dropName(engine, own, never);
      expect([await isNamed(engine, own, never), await inspectImage(engine, own, never)]).toEqual([false, undefined]);
    }
    expect(await inspectImage(engine, name, never)).toBeDefined();
  });

  test('gives names and takes them; taking one that is not there is fine', async () => {
    const other = 'slipway.invalid/other:x';
    await tagImageId(engine, { id: name, name: other }, never);
    expect(await inspectImage(engine, other, never)).toEqual(await inspectImage(engine, name, never));
    for (let at = 0; at < 2; at++) await removeImageName(engine, other, never);
    expect(await inspectImage(engine, other, never)).toBeUndefined();
    expect(await inspectImage(engine, name, never)).toBeDefined();
    await expect(tagImageId(engine, { id: 'slipway.invalid/none:x', name: other }, never)).rejects.toThrow(
      /No such image|not found/i,
    );
  });
});

describe('a push', () => {
  test('answers with the digest that the registry has, and tells how it went', async () => {
    await tagFor(open.host);
    const { done, lines } = push(open.host, registryAuth(none, open.host));
    const digest = await done;
    const head = await fetch(`${open.url}/v2/team/app/manifests/${tag}`, {
      headers: {
        accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
      },
    });
    expect(
      `sha256:${createHash('sha256')
        .update(Buffer.from(await head.arrayBuffer()))
        .digest('hex')}`,
    ).toBe(digest);
    if (bench.engine.store === 'containerd') expect(digest).toBe((await inspectImage(engine, name, never))?.id);
    expect(lines.some((line) => /Pushed|Mounted|already exists/.test(line))).toBe(true);
    expect(await push(open.host, registryAuth(none, open.host)).done).toBe(digest);
  });

  test('uses the login that it was given, and that alone', async () => {
    await tagFor(locked.host);
    const wrong = { ...basic, password: 'wrong' };
    for (const credentials of [none, wrong])
      await expect(push(locked.host, registryAuth(credentials, locked.host)).done).rejects.toMatchObject({
        code: 'login-missing',
        message: expect.not.stringContaining('wrong"'),
      });
    expect(await push(locked.host, registryAuth(basic, locked.host)).done).toMatch(/^sha256:/);
  });

  test('of a name that does not exist fails, though the engine answers 200', async () => {
    await expect(push(open.host, registryAuth(none, open.host), parseTag('nope')).done).rejects.toMatchObject({
      code: 'publish-failed',
      message: expect.stringMatching(/does not exist/),
    });
  });

  test('to a registry that is down fails and says why', async () => {
    await open.stop();
    try {
      await expect(push(open.host, registryAuth(none, open.host)).done).rejects.toMatchObject({
        code: 'publish-failed',
        message: expect.stringContaining('connection refused'),
      });
    } finally {
      await open.start();
    }
  });

  test.each([
    ['nothing', 200, '', 'without naming a digest'],
    ['half a line', 200, '{"status":"one: digest: sha256:', 'without naming a digest'],
    [
      'the digest of another tag',
      200,
      `{"status":"two: digest: sha256:${'a'.repeat(64)} size: 1"}\n`,
      'without naming a digest',
    ],
    [
      'a digest and an error',
      200,
      `{"status":"one: digest: sha256:${'a'.repeat(64)} size: 1"}\n{"errorDetail":{"message":"late"}}\n`,
      'late',
    ],
    ['a digest with another status', 500, `{"status":"one: digest: sha256:${'a'.repeat(64)} size: 1"}\n`, 'status 500'],
    ['a refusal', 404, '{"message":"page not found"}', 'page not found'],
  ])('of which the engine says %s is a failure', async (_, status, body, message) => {
    const server: Server = createServer((_request, response) => response.writeHead(status).end(body));
    const path = join(folderWith({}), 'engine.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const fake = connectEngine({ kind: 'unix', path });
    const request = { repository: parseRepository('127.0.0.1:5000/x'), tag, auth: '', onProgress: () => undefined };
    try {
      await expect(pushImage(fake, request, never)).rejects.toThrow(message);
    } finally {
      fake.agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('that was cancelled ends', async () => {
    const repository = parseRepository(`${open.host}/team/app`);
    const request = { repository, tag, auth: '', onProgress: () => undefined };
    await expect(pushImage(engine, request, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('where the engine is', () => {
  const meta = (context: string): string =>
    `.docker/contexts/meta/${createHash('sha256').update(context).digest('hex')}/meta.json`;
  const home = folderWith({
    '.docker/config.json': JSON.stringify({ currentContext: 'mine' }),
    [meta('mine')]: JSON.stringify({ Name: 'mine', Endpoints: { docker: { Host: 'unix:///mine.sock' } } }),
    [meta('far')]: JSON.stringify({ Name: 'far', Endpoints: { docker: { Host: 'ssh://root@far' } } }),
    [meta('tls')]: JSON.stringify({
      Name: 'tls',
      Endpoints: { docker: { Host: 'tcp://tls:99', SkipTLSVerify: false } },
    }),
    [meta('tls').replace('/meta/', '/tls/').replace('meta.json', 'docker/ca.pem')]: 'CA',
    'certs/ca.pem': 'CA',
    'certs/cert.pem': 'CERT',
    'certs/key.pem': 'KEY',
  });
  const tls = { ca: 'CA', cert: undefined, key: undefined, verify: true };

  test.each<[string, Record<string, string>, object]>([
    ['DOCKER_HOST', { DOCKER_HOST: 'unix:///x.sock', DOCKER_CONTEXT: 'far' }, { kind: 'unix', path: '/x.sock' }],
    ['an address', { DOCKER_HOST: 'tcp://10.0.0.1' }, { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: undefined }],
    [
      'an address with IPv6',
      { DOCKER_HOST: 'tcp://[::1]:99' },
      { kind: 'tcp', host: '[::1]', port: 99, tls: undefined },
    ],
    [
      'an address with TLS',
      { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(home, 'certs') },
      { kind: 'tcp', host: 'h', port: 2376, tls: { ...tls, cert: 'CERT', key: 'KEY' } },
    ],
    ['the current context', {}, { kind: 'unix', path: '/mine.sock' }],
    ['DOCKER_CONTEXT', { DOCKER_CONTEXT: 'tls' }, { kind: 'tcp', host: 'tls', port: 99, tls }],
    ['the context default', { DOCKER_CONTEXT: 'default' }, { kind: 'unix', path: '/var/run/docker.sock' }],
    ['nothing', { DOCKER_CONFIG: '/nowhere' }, { kind: 'unix', path: '/var/run/docker.sock' }],
  ])('by %s', async (_, variables, expected) => {
    expect((await findEngine({ HOME: home, ...variables })).endpoint).toEqual(expected);
  });

  test.each([
    ['behind ssh', { DOCKER_HOST: 'ssh://root@far' }, 'ssh://root@far'],
    ['in a context behind ssh', { DOCKER_CONTEXT: 'far' }, 'ssh://root@far'],
    ['in a context that does not exist', { DOCKER_CONTEXT: 'gone' }, 'gone'],
  ])('%s it is refused with its name', async (_, variables, named) => {
    await expect(findEngine({ HOME: home, ...variables })).rejects.toMatchObject({
      code: 'engine-missing',
      message: expect.stringContaining(named),
    });
  });

  test('where nobody answers, the message says where and what to do', async () => {
    const gone = await findEngine({ ...env, DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    await expect(readEngineInfo(gone, never)).rejects.toMatchObject({
      code: 'engine-missing',
      message: 'no Docker engine answers at /nowhere/docker.sock (ENOENT)',
      hint: expect.stringContaining('DOCKER_HOST'),
    });
  });
});
