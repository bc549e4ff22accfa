import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registryAuth } from '../../src/tools/engine/push.ts';
import {
  type Credentials,
  createHelperRunner,
  type HelperExit,
  type RunHelper,
  readCredentials,
} from '../../src/tools/registry/credentials.ts';

let configDir: string;
beforeEach(async () => {
  configDir = await mkdtemp(join(tmpdir(), 'slipway-credentials-'));
});
afterEach(() => rm(configDir, { recursive: true }));

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const basic = (username: string, password: string): Credentials => ({ kind: 'basic', username, password });
const none: Credentials = { kind: 'none' };
const unused = async (program: string): Promise<HelperExit> => {
  throw new Error(`${program} was run`);
};

async function readFrom(
  config: unknown,
  registry: string,
  runHelper: (program: string, stdin: string) => Promise<HelperExit> = unused,
): Promise<Credentials> {
  await writeFile(join(configDir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return readCredentials(registry, { configDir, env: {}, runHelper });
}

describe('the file’s auths', () => {
  test.each<[string, unknown, string, Credentials]>([
    ['user and password', { auth: b64('u:p') }, 'ghcr.io', basic('u', 'p')],
    ['colons in the password', { auth: b64('u:p:q:') }, 'ghcr.io', basic('u', 'p:q:')],
    ['letters beyond ASCII', { auth: b64('ü:wörd') }, 'ghcr.io', basic('ü', 'wörd')],
    ['an empty password', { auth: b64('u:') }, 'ghcr.io', basic('u', '')],
    ['NUL padding', { auth: b64('u:p\0\0') }, 'ghcr.io', basic('u', 'p')],
    ['username and password apart', { username: 'u', password: 'p' }, 'ghcr.io', basic('u', 'p')],
    ['an identity token', { auth: b64('u:p'), identitytoken: 'id' }, 'ghcr.io', { kind: 'identity', token: 'id' }],
    [
      'a registry token',
      { identitytoken: 'id', registrytoken: 'rt' },
      'ghcr.io',
      { kind: 'registry-token', token: 'rt' },
    ],
    ['an empty entry', {}, 'ghcr.io', none],
  ])('%s', async (_, entry, registry, expected) => {
    expect(await readFrom({ auths: { [registry]: entry } }, registry)).toEqual(expected);
  });

  test.each([
    ['ghcr.io', 'ghcr.io'],
    ['https://ghcr.io', 'ghcr.io'],
    ['https://ghcr.io/v2/', 'ghcr.io'],
    ['http://127.0.0.1:5000/v1/', '127.0.0.1:5000'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['https://registry-1.docker.io/v2/', 'docker.io'],
  ])('the key %s is found for %s', async (key, registry) => {
    expect(await readFrom({ auths: { [key]: { auth: b64('u:p') } } }, registry)).toEqual(basic('u', 'p'));
  });

  test.each([
    ['ghcr.io', 'evil-ghcr.io'],
    ['ghcr.io.evil.example', 'ghcr.io'],
    ['evil.example/ghcr.io', 'ghcr.io'],
    ['127.0.0.1:5000', '127.0.0.1:5001'],
    ['ghcr.io', 'docker.io'],
    ['ftp://ghcr.io', 'ghcr.io'],
  ])('the key %s is not that of %s', async (key, registry) => {
    expect(await readFrom({ auths: { [key]: { auth: b64('u:p') } } }, registry)).toEqual(none);
  });

  test('an exact key comes before an address of the same host', async () => {
    const auths = { 'https://ghcr.io/v1/': { auth: b64('old:p') }, 'ghcr.io': { auth: b64('new:p') } };
    expect(await readFrom({ auths }, 'ghcr.io')).toEqual(basic('new', 'p'));
  });

  test.each(['', ' \n', '{}', '{"auths":{}}'])('nobody logged in: %j', async (text) => {
    expect(await readFrom(text, 'ghcr.io')).toEqual(none);
  });

  test('no file is nobody logged in', async () => {
    expect(await readCredentials('ghcr.io', { configDir, env: {}, runHelper: unused })).toEqual(none);
  });

  test.each<[string, unknown]>([
    ['no JSON', '{"auths": sekret'],
    ['a list', '["sekret"]'],
    ['auth without a colon', { auths: { 'ghcr.io': { auth: b64('sekret') } } }],
    ['auth without a name', { auths: { 'ghcr.io': { auth: b64(':sekret') } } }],
    ['auth that is no base64', { auths: { 'ghcr.io': { auth: 'sekret!' } } }],
    ['an entry that is no object', { auths: { 'ghcr.io': 'sekret' } }],
    ['a helper with a path', { credHelpers: { 'ghcr.io': '../sekret' } }],
    ['a store with a space', { credsStore: 'x sekret' }],
  ])('%s is an error that names the file and no secret', async (_, config) => {
    const error: unknown = await readFrom(config, 'ghcr.io').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ActionError', code: 'login-missing' });
    expect(String(error)).toContain(join(configDir, 'config.json'));
    if (!JSON.stringify(config).includes('credHelpers')) expect(String(error)).not.toContain('sekret');
  });

  test('a broken entry of another registry harms nobody', async () => {
    const auths = { 'broken.example': { auth: '!' }, 'ghcr.io': { auth: b64('u:p') } };
    expect(await readFrom({ auths }, 'ghcr.io')).toEqual(basic('u', 'p'));
  });
});

describe('DOCKER_AUTH_CONFIG', () => {
  test('comes before the file, for the hosts it names', async () => {
    const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'ghcr.io': { auth: b64('env:p') } } }) };
    const auths = { 'ghcr.io': { auth: b64('file:p') }, 'quay.io': { auth: b64('file:p') } };
    await writeFile(join(configDir, 'config.json'), JSON.stringify({ auths }));
    expect(await readCredentials('ghcr.io', { configDir, env, runHelper: unused })).toEqual(basic('env', 'p'));
    expect(await readCredentials('quay.io', { configDir, env, runHelper: unused })).toEqual(basic('file', 'p'));
  });
});

describe('helpers', () => {
  const answer = (username: string, secret: string) => async (): Promise<HelperExit> => ({
    code: 0,
    stdout: JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret }),
  });

  test.each<[string, unknown, string, [string, string] | undefined]>([
    [
      'credHelpers',
      { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'two' },
      'ghcr.io',
      ['docker-credential-one', 'ghcr.io'],
    ],
    [
      'credsStore',
      { credHelpers: { 'quay.io': 'one' }, credsStore: 'two' },
      'ghcr.io',
      ['docker-credential-two', 'ghcr.io'],
    ],
    [
      'credsStore before auths',
      { credsStore: 'two', auths: { 'ghcr.io': { auth: b64('u:p') } } },
      'ghcr.io',
      ['docker-credential-two', 'ghcr.io'],
    ],
    ['Docker Hub', { credsStore: 'two' }, 'docker.io', ['docker-credential-two', 'https://index.docker.io/v1/']],
    [
      'Docker Hub in credHelpers',
      { credHelpers: { 'https://index.docker.io/v1/': 'one' } },
      'docker.io',
      ['docker-credential-one', 'https://index.docker.io/v1/'],
    ],
    [
      'an empty helper means the file',
      { credHelpers: { 'ghcr.io': '' }, credsStore: 'two', auths: { 'ghcr.io': { auth: b64('u:s') } } },
      'ghcr.io',
      undefined,
    ],
    [
      'a registry token needs no helper',
      { credsStore: 'two', auths: { 'ghcr.io': { registrytoken: 'rt' } } },
      'ghcr.io',
      undefined,
    ],
  ])('%s', async (_, config, registry, expected) => {
    const asked: [string, string][] = [];
    await readFrom(config, registry, async (program, stdin) => {
      asked.push([program, stdin]);
      return answer('u', 's')();
    });
    expect(asked).toEqual(expected === undefined ? [] : [expected]);
  });

  test.each<[string, () => Promise<HelperExit>, Credentials]>([
    ['a name and a secret', answer('u', 's:t'), basic('u', 's:t')],
    ['an identity token', answer('<token>', 'id'), { kind: 'identity', token: 'id' }],
    ['nothing known', async () => ({ code: 1, stdout: 'credentials not found in native keychain\n' }), none],
    ['an empty secret', answer('', ''), none],
  ])('%s', async (_, helper, expected) => {
    expect(await readFrom({ credsStore: 'x' }, 'ghcr.io', helper)).toEqual(expected);
  });

  test.each<[string, RunHelper]>([
    ['a failure', async () => ({ code: 1, stdout: 'sekret' })],
    ['no JSON', async () => ({ code: 0, stdout: 'sekret' })],
    ['JSON of another shape', async () => ({ code: 0, stdout: '{"Username":"u","secret":"sekret"}' })],
    ['a helper that is not installed', unused],
  ])('%s is an error that names the helper and no secret', async (_, helper) => {
    const error: unknown = await readFrom({ credsStore: 'x' }, 'ghcr.io', helper).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'login-missing', message: expect.stringContaining('docker-credential-x') });
    expect(String(error)).not.toContain('sekret');
  });
});

test('a real helper gets `get` and the host on its standard input, and nothing of it reaches the log', async () => {
  const program = join(configDir, 'docker-credential-slipwaytest');
  await writeFile(program, '#!/bin/sh\nread -r host\nprintf \'{"Username":"%s","Secret":"sekret-%s"}\' "$1" "$host"\n');
  await chmod(program, 0o755);
  const path = process.env['PATH'];
  const write = process.stdout.write.bind(process.stdout);
  const printed: string[] = [];
  process.env['PATH'] = `${configDir}${delimiter}${path}`;
  process.stdout.write = ((text: string) => printed.push(String(text)) > 0) as typeof write;
  try {
    expect(
      await readFrom(
        { credsStore: 'slipwaytest' },
        'ghcr.io',
        createHelperRunner(process.env as Record<string, string>),
      ),
    ).toEqual(basic('get', 'sekret-ghcr.io'));
  } finally {
    process.stdout.write = write;
    process.env['PATH'] = path;
  }
  expect(printed.join('')).not.toMatch(/sekret|ghcr/);
});

describe('the engine’s header', () => {
  test.each<[string, Credentials, unknown]>([
    ['none', none, {}],
    ['basic', basic('u', 'p:ÿ>>>>>>??????'), { username: 'u', password: 'p:ÿ>>>>>>??????', serveraddress: 'ghcr.io' }],
    ['identity', { kind: 'identity', token: 'id' }, { identitytoken: 'id', serveraddress: 'ghcr.io' }],
    ['registry token', { kind: 'registry-token', token: 'rt' }, { registrytoken: 'rt', serveraddress: 'ghcr.io' }],
  ])('%s, URL-safe and padded', (_, credentials, fields) => {
    const header = registryAuth(credentials, 'ghcr.io');
    expect(header).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).toEqual(fields);
  });

  test('no login is e30=, and Docker Hub has its old name', () => {
    expect(registryAuth(none, 'ghcr.io')).toBe('e30=');
    expect(Buffer.from(registryAuth(basic('u', 'p'), 'docker.io'), 'base64url').toString()).toContain(
      'index.docker.io/v1/',
    );
  });
});
