import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DockerConfig, openDockerConfig } from '../support/docker-config.ts';
import { imageStore } from '../support/image-store.ts';
import { app, docker, leftovers, openProjectAt, type Run, startRegistry } from '../support/project.ts';
import { filesWith, watchProcesses, withoutMasks } from '../support/secret-search.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

type Project = Awaited<ReturnType<typeof openProjectAt>>;
type Registry = Awaited<ReturnType<typeof startRegistry>>;

// of this process alone: other tests search the same machine
const robot = { username: 'robot', password: `canary:pa ss"wörd ${process.pid}` };
const other = { username: 'other', password: 'canary-of-the-other' };
const pair = Buffer.from(`${robot.username}:${robot.password}`).toString('base64');
const secrets = [robot.password, Buffer.from(robot.password).toString('latin1'), pair];

let registry: Registry;
let elsewhere: Registry;
let project: Project;
let config: DockerConfig;

function digestOfTree(folder: string, except: RegExp): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const path = join(folder, name);
    if (except.test(name)) continue;
    const stat = statSync(path);
    hash.update(`${name} ${stat.mode} ${stat.isFile() ? readFileSync(path, 'latin1') : ''}\n`);
  }
  return hash.digest('hex');
}

/** Puts a base image where only who logs in may read it. */
function publishBase(host: string, login: { username: string; password: string }): void {
  const own = openDockerConfig();
  own.login(host, login);
  docker('pull', '--quiet', 'busybox:stable');
  docker('tag', 'busybox:stable', `${host}/acme/base:1`);
  docker('--config', own.folder, 'push', '--quiet', `${host}/acme/base:1`);
  docker('image', 'rm', `${host}/acme/base:1`);
  own.remove();
}

function errorsOf(run: Run): readonly string[] {
  return run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
}

beforeAll(async () => {
  [registry, elsewhere] = await Promise.all([startRegistry({ htpasswd: robot }), startRegistry({ htpasswd: other })]);
  publishBase(registry.host, robot);
  publishBase(elsewhere.host, other);
  project = await openProjectAt(registry, {
    ...app,
    Dockerfile: [
      `FROM ${registry.host}/acme/base:1 AS base`,
      'RUN test "$no_proxy" = kept.example',
      'RUN sleep 1',
      'COPY message /app/message',
      `COPY --from=${elsewhere.host}/acme/base:1 /bin/true /bin/theirs`,
      'ENTRYPOINT ["cat", "/app/message"]',
      '',
    ].join('\n'),
    'Open.Dockerfile': 'FROM busybox:stable\nCOPY message /app/message\n',
  });
  config = openDockerConfig();
});

afterAll(async () => {
  await project.close();
  await Promise.all([registry.remove(), elsewhere.remove()]);
  config.remove();
});

describe('username and password', () => {
  // what code of the same user can see for as long as it runs
  const spy = [
    'for i in $(seq 12); do',
    '  (find "$RUNNER_TEMP" -name config.json | sed "s/^/found /") || true',
    `  (grep -rlE 'cm9ib3Q6|canary' "$RUNNER_TEMP" "$DOCKER_CONFIG/config.json" | sed "s/^/found /") || true`,
    '  sleep 0.1',
    'done',
    '(env | grep -E "canary|cm9ib3Q6|slipway-[0-9a-f]{32}" | sed "s/^/found /") || true',
    'echo looked',
  ].join('\n');
  let first: Run;
  let seen: ReturnType<ReturnType<typeof watchProcesses>>;
  let helper: ReturnType<DockerConfig['addHelper']>;
  let left: readonly string[];

  beforeAll(async () => {
    helper = config.addHelper('vault', { [elsewhere.host]: other });
    config.write({ credsStore: 'vault', proxies: { default: { noProxy: 'kept.example' } } });
    const before = digestOfTree(config.folder, /^buildx|asked$/);
    const stop = watchProcesses(secrets);
    const root = mkdtempSync(join(tmpdir(), 'slipway-logins-'));
    const where = { workspace: join(root, 'work'), temp: join(root, 'temp') };
    for (const name of ['temp', 'tmp']) mkdirSync(join(root, name));
    left = [];
    first = await project.push('main', {
      inputs: { ...robot, test: spy, verify: 'docker run --rm "$SLIPWAY_IMAGE"' },
      env: { ...config.env, TMPDIR: join(root, 'tmp') },
      where,
      afterMain: () => {
        left = [...filesWith(root, secrets), ...filesWith(config.folder, secrets)];
      },
    });
    rmSync(root, { recursive: true, force: true });
    seen = stop();
    expect(digestOfTree(config.folder, /^buildx|asked$/)).toBe(before);
  });

  test('read private base images and push; other hosts keep their helper, and proxies stay', () => {
    expect(errorsOf(first)).toEqual([]);
    expect(first.green).toBe(true);
    expect(first.receipt.cache.export).toEqual(imageStore.cacheWritten);
    expect(helper.asked().some((line) => line === `get ${elsewhere.host}`)).toBe(true);
    expect(helper.asked().filter((line) => line.includes(registry.host))).toEqual([]);
  });

  test('are masked, and in no log, output, summary or receipt', () => {
    expect(first.masks).toEqual(expect.arrayContaining([robot.password, pair]));
    const shown = [
      withoutMasks(first.main.log),
      first.post?.log ?? '',
      first.summary,
      JSON.stringify([first.outputs, first.state, first.receipt]),
    ].join('\n');
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });

  test('are seen by no test, and by no process beside the action', () => {
    expect(first.main.log).toContain('test │ looked');
    expect(first.main.log.split('\n').filter((line) => line.startsWith('test │ found'))).toEqual([]);
    expect(seen.argv).toEqual([]);
    expect(seen.environment.filter((line) => !/dist\/(?:main|post)\.mjs$/.test(line))).toEqual([]);
  });

  test('leave nothing behind', () => {
    expect(left).toEqual([]);
    expect(first.leftFiles).toEqual([]);
    expect(leftovers(first, project.image)).toEqual([]);
  });

  test('read main’s private cache', async () => {
    await project.origin.commit('cached', { 'README.md': 'hello\n' });
    const run = await project.push('cached', { inputs: robot, env: config.env });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs['cache-from']).toContain(`${project.image}@sha256:`);
    expect(run.receipt.notices.filter((text) => text.includes('cache'))).toEqual([]);
  });

  test('are gone after post where main was killed while they lay on disk', async () => {
    const held = openDockerConfig();
    const plugin = join(held.folder, 'cli-plugins', 'docker-buildx');
    const real = readFileSync(plugin, 'latin1').slice(0, 4);
    expect(real.slice(1)).toBe('ELF');
    const path = join(held.folder, 'docker-buildx-real');
    const waits = `#!/bin/sh\ncase " $* " in *" bake "*) echo "config $DOCKER_CONFIG"; sleep 60 ;; *) exec '${path}' "$@" ;; esac\n`;
    symlinkSync(realpathSync(plugin), path);
    rmSync(plugin);
    writeFileSync(plugin, waits);
    chmodSync(plugin, 0o755);
    let folder = '';
    let modes: readonly (number | undefined)[] = [];
    const run = await project.push('main', {
      inputs: { ...robot, reuse: 'off' },
      env: held.env,
      signal: {
        kind: 'SIGKILL',
        when: (line) => {
          folder = /config (\S*slipway-[0-9a-f]{32}\/docker)$/.exec(line)?.[1] ?? folder;
          return folder !== '';
        },
      },
      afterMain: () => {
        modes = [folder, join(folder, 'config.json')].map((one) => statSync(one).mode & 0o777);
      },
    });
    expect(run.main.signal).toBe('SIGKILL');
    expect(modes).toEqual([0o700, 0o600]);
    expect(run.leftFiles).toEqual([]);
    expect(existsSync(join(held.folder, 'config.json'))).toBe(true);
    held.remove();
  });
});

describe('what is wrong with a login is said before the build', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['a wrong password', { ...robot, password: 'guess' }, /refuses the login.*wrong or has expired/],
    ['no login', {}, /asks for a login/],
    ['a name without a password', { username: 'robot' }, /password: it is empty/],
    ['a password without a name', { password: 'canary-only' }, /username: `password` is given/],
    [
      'a login for several registries',
      { ...robot, image: 'ghcr.io/acme/app\ndocker.io/acme/app' },
      /docker\/login-action/,
    ],
  ])('%s', async (_, inputs, sentence) => {
    const mark = await registry.mark();
    const run = await project.push('main', { inputs: { ...inputs, test: 'echo ran' } });
    expect(run.green).toBe(false);
    expect(errorsOf(run)).toEqual([expect.stringMatching(sentence)]);
    expect(run.main.log).not.toMatch(/^(?:build|test) │/m);
    expect(withoutMasks(run.main.log)).not.toMatch(/canary|guess/);
    expect((await mark()).filter(({ method, status }) => method !== 'GET' && status < 400)).toEqual([]);
  });

  test('a helper that fails', async () => {
    const held = openDockerConfig({ credHelpers: { [registry.host]: 'broken' } });
    held.addHelper('broken', {});
    const run = await project.push('main', { env: { ...held.env, HELPER_KEY: '' } });
    held.remove();
    expect(errorsOf(run)).toEqual([expect.stringContaining('docker-credential-broken ended with exit status 1')]);
  });
});

describe('a fork', () => {
  test('gets an empty password: it builds and tests without, and says why there is no cache', async () => {
    await project.origin.commit('theirs', { message: 'hello fork\n' });
    const mark = await registry.mark();
    const run = await project.pullRequest(9, 'theirs', {
      fork: 'mallory/app',
      inputs: { username: 'robot', password: '', file: 'Open.Dockerfile', test: 'grep -q fork message' },
    });
    expect(errorsOf(run)).toEqual([]);
    expect(run.green).toBe(true);
    expect(run.receipt.notices).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^password: it is empty/),
        expect.stringMatching(/^the cache .* cannot be read/),
      ]),
    );
    expect((await mark()).filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });
});

describe('the runner’s own login', () => {
  test('of docker login, for docker and for our client alike', async () => {
    const held = openDockerConfig({ proxies: { default: { noProxy: 'kept.example' } } });
    held.login(registry.host, robot);
    held.login(elsewhere.host, other);
    await project.origin.commit('logged-in', { message: 'hello\n' });
    const run = await project.push('logged-in', { env: held.env });
    held.remove();
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
  });

  test.each(['credHelpers', 'credsStore'])('of a helper in %s, with the settings it needs', async (how) => {
    const proxies = { default: { noProxy: 'kept.example' } };
    const byHost = { [registry.host]: 'vault', [elsewhere.host]: 'vault' };
    const held = openDockerConfig({
      proxies,
      ...(how === 'credsStore' ? { credsStore: 'vault' } : { credHelpers: byHost }),
    });
    const known = held.addHelper('vault', { [registry.host]: robot, [elsewhere.host]: other });
    await project.origin.commit(how, { message: 'hello\n' });
    const run = await project.push(how, { env: held.env });
    const asked = known.asked();
    held.remove();
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
    expect(asked).toEqual(expect.arrayContaining([`get ${registry.host}`, `get ${elsewhere.host}`]));
    expect(withoutMasks(run.main.log)).not.toContain('canary');
  });
});

describe('a registry with a token service', () => {
  const writer = {
    username: 'writer',
    password: 'canary-writer',
    refresh: 'canary-refresh',
    actions: ['pull', 'push'],
  } as const;
  const reader = { username: 'reader', password: 'canary-reader', refresh: 'canary-read', actions: ['pull'] } as const;
  let tokens: TokenServer;
  let guarded: Registry;
  let theirs: Project;

  beforeAll(async () => {
    tokens = await startTokenServer([writer, reader]);
    guarded = await startRegistry({ token: tokens.auth });
    theirs = await openProjectAt(guarded);
  });
  afterAll(async () => {
    await theirs.close();
    await guarded.remove();
    await tokens.close();
  });

  test('whose login may write: published, though the repository does not exist yet', async () => {
    const { username, password } = writer;
    const run = await theirs.push('main', { inputs: { username, password } });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
    expect(withoutMasks(run.main.log)).not.toMatch(/canary|eyJ/);
  });

  test('an identity token', async () => {
    const held = openDockerConfig({ auths: { [guarded.host]: { identitytoken: writer.refresh } } });
    await theirs.origin.commit('identity', { message: 'hello identity\n' });
    const run = await theirs.push('identity', { env: held.env });
    held.remove();
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'true', current: 'true' });
    expect(run.outputs['cache-from']).toContain('@sha256:');
    expect(withoutMasks(run.main.log)).not.toMatch(/canary|eyJ/);
  });

  test.each<[string, (host: string) => object, RegExp]>([
    [
      'a login that may only read',
      () => ({ auth: Buffer.from(`${reader.username}:${reader.password}`).toString('base64') }),
      /may not write to/,
    ],
    ['a wrong password', () => ({ auth: Buffer.from('writer:guess').toString('base64') }), /refuses the login/],
    ['an identity token that is none any more', () => ({ identitytoken: 'canary-old' }), /refuses the login/],
    [
      'a token that has expired',
      () => ({ registrytoken: tokens.token([{ name: 'acme/app', actions: ['pull', 'push'] }], -3_600) }),
      /refuses the login.*expired/,
    ],
    ['nobody', () => ({}), /asks for a login/],
  ])('%s: red before the build, in one sentence', async (_, entry, sentence) => {
    const held = openDockerConfig({ auths: { [guarded.host]: entry(guarded.host) } });
    const run = await theirs.push('main', { inputs: { reuse: 'off' }, env: held.env });
    held.remove();
    expect(run.green).toBe(false);
    expect(run.receipt.error?.code).toBe('login-missing');
    expect(run.receipt.error?.message).toMatch(sentence);
    expect(run.receipt.error?.message.split('\n')).toHaveLength(1);
    expect(run.main.log).not.toMatch(/^build │/m);
  });

  test('a branch may be read by everybody else’s login: push false builds with one that may only read', async () => {
    const { username, password } = reader;
    const run = await theirs.push('main', { inputs: { username, password, push: 'false' } });
    expect(errorsOf(run)).toEqual([]);
    expect(run.outputs['cache-from']).toContain('@sha256:');
  });
});
