import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseInputs } from '../../src/inputs.ts';
import { Secret } from '../../src/model/secret.ts';
import { givenLogin, planLoginNotices, secretsOfLogin, tokenLogin } from '../../src/plan/login.ts';
import type { Role } from '../../src/plan/rights.ts';
import { addLogins, lend } from '../../src/tools/buildx/private-config.ts';
import { planClientEnvironment, planHelperEnvironment } from '../../src/tools/engine/client-environment.ts';

function loginOf(given: Record<string, string>) {
  const all = { image: 'ghcr.io/acme/app', ...given };
  return parseInputs(new Map(Object.entries(all).map(([name, value]) => [name.toUpperCase(), value]))).login;
}

const login = (registry: string, username = 'u', password = 'pass') => ({
  registry,
  username,
  password: new Secret(password),
});

describe('username and password', () => {
  test('are a login for the one registry of all lines', () => {
    const image = 'ghcr.io/acme/app\nghcr.io/acme/other';
    const given = loginOf({ image, 'protected-image': 'ghcr.io/acme/prod', username: ' u ', password: 'p:w\n' });
    expect(given).toMatchObject({ kind: 'given', registry: 'ghcr.io', username: 'u' });
    expect(givenLogin(given, 'ghcr.io')?.password.reveal()).toBe('p:w');
    expect(givenLogin(given, 'ghcr.io.evil.example')).toBeUndefined();
    expect(JSON.stringify(given)).not.toContain('p:w');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a password alone', { password: 'hidden' }, 'username: `password` is given'],
    [
      'several registries',
      { image: 'ghcr.io/a/b', 'protected-image': 'quay.io/a/b', username: 'u', password: 'hidden' },
      'docker/login-action',
    ],
    ['a name that basic authentication cannot carry', { username: 'a:b', password: 'hidden' }, 'username: "a:b"'],
  ])('%s is a problem that does not show it', (_, given, message) => {
    let said = '';
    try {
      loginOf(given);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toContain(message);
    expect(said).not.toContain('hidden');
  });

  test.each<[Role, 'notice' | 'error']>([
    ['untrusted', 'notice'],
    ['main', 'error'],
    ['release', 'error'],
    ['branch', 'error'],
    ['pull-request', 'error'],
    ['test-only', 'error'],
  ])('a name without a password on %s is a %s', (role, what) => {
    const half = loginOf({ username: 'u', password: '' });
    if (what === 'notice')
      expect(planLoginNotices(half, role)).toEqual([expect.stringContaining('password: it is empty')]);
    else expect(() => planLoginNotices(half, role)).toThrow('password: it is empty');
    expect(planLoginNotices(loginOf({}), role)).toEqual([]);
    expect(planLoginNotices(loginOf({ username: 'u', password: 'p' }), role)).toEqual([]);
  });

  test('masks the password and the pair', () => {
    const secrets = secretsOfLogin(login('ghcr.io', 'u', 'first line\nabc\nlast line'));
    expect(secrets.map((one) => one.reveal())).toEqual(['first line\nabc\nlast line', 'u:first line\nabc\nlast line']);
  });
});

describe('the job’s token', () => {
  const token = new Secret('ghs_x');

  test.each<[string, string, { actor: string; token: Secret | undefined }, string | undefined, string | undefined]>([
    ['ghcr.io', 'ghcr.io', { actor: 'octocat', token }, undefined, 'octocat'],
    ['nobody’s name', 'ghcr.io', { actor: '', token }, undefined, 'x-access-token'],
    ['another registry', 'docker.io', { actor: 'octocat', token }, undefined, undefined],
    ['a registry that sounds alike', 'ghcr.io.evil.example', { actor: 'octocat', token }, undefined, undefined],
    ['no token', 'ghcr.io', { actor: 'octocat', token: undefined }, undefined, undefined],
    ['an empty token', 'ghcr.io', { actor: 'octocat', token: new Secret('') }, undefined, undefined],
    ['the test’s own host', '127.0.0.1:1', { actor: 'octocat', token }, '127.0.0.1:1', 'octocat'],
    ['ghcr.io where the rule is for another', 'ghcr.io', { actor: 'octocat', token }, '127.0.0.1:1', undefined],
  ])('%s', (_, registry, job, host, username) => {
    expect(tokenLogin(registry, job, host)?.username).toBe(username);
  });
});

describe('docker’s configuration with a login', () => {
  test('keeps what else it says, and the file counts for this host', () => {
    const before = {
      auths: { 'quay.io': { auth: 'eA==' } },
      credsStore: 'vault',
      credHelpers: { 'ecr.example': 'ecr' },
      proxies: { x: 1 },
    };
    const after = JSON.parse(addLogins(JSON.stringify(before), [login('ghcr.io')])) as object;
    expect(after).toEqual({
      ...before,
      auths: { 'quay.io': { auth: 'eA==' }, 'ghcr.io': { auth: Buffer.from('u:pass').toString('base64') } },
      credHelpers: { 'ecr.example': 'ecr', 'ghcr.io': '' },
    });
  });

  test('calls Docker Hub by its old name', () => {
    expect(JSON.parse(addLogins('', [login('docker.io')]))).toHaveProperty(['auths', 'https://index.docker.io/v1/']);
  });

  test('that is no JSON is in no message', () => {
    expect(() => addLogins('{"auths": secret', [])).toThrow(/^docker’s configuration is no JSON$/);
  });
});

describe('a loan', () => {
  let root: string;
  let runners: string;
  let folder: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-loan-'));
    [runners, folder] = [join(root, 'runner'), join(root, 'private')];
    mkdirSync(join(runners, 'contexts', 'meta'), { recursive: true });
    mkdirSync(join(runners, 'buildx', 'instances'), { recursive: true });
    mkdirSync(join(runners, 'buildx', 'refs'));
    writeFileSync(join(runners, 'buildx', 'instances', 'mine'), '{}');
    writeFileSync(join(runners, 'config.json'), '{"currentContext":"there"}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const mode = (path: string): number => statSync(path).mode & 0o777;

  test('is private, holds everything of the runner’s by links, and is taken back', () => {
    const { env, takeBack } = lend({ DOCKER_CONFIG: runners, PATH: '/bin' }, [login('ghcr.io')], folder);
    const copy = env['DOCKER_CONFIG'] ?? '';
    expect([mode(folder), mode(copy), mode(join(copy, 'config.json'))]).toEqual([0o700, 0o700, 0o600]);
    expect(JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8'))).toHaveProperty('currentContext', 'there');
    expect(existsSync(join(copy, 'contexts', 'meta'))).toBe(true);
    expect(readFileSync(join(env['BUILDX_CONFIG'] ?? '', 'instances', 'mine'), 'utf8')).toBe('{}');
    expect(readdirSync(env['BUILDX_CONFIG'] ?? '')).not.toContain('refs');
    takeBack();
    takeBack();
    expect(existsSync(join(copy, 'config.json'))).toBe(false);
    rmSync(folder, { recursive: true });
    expect(readdirSync(join(runners, 'buildx')).toSorted()).toEqual([
      '.buildNodeID',
      'activity',
      'defaults',
      'instances',
      'refs',
    ]);
    expect(readFileSync(join(runners, 'config.json'), 'utf8')).toBe('{"currentContext":"there"}');
  });

  test('without a login leaves docker its own configuration', () => {
    expect(lend({ DOCKER_CONFIG: runners }, [], folder).env['DOCKER_CONFIG']).toBe(runners);
    expect(existsSync(join(folder, 'docker'))).toBe(false);
  });

  test('can be given again, into a folder that somebody emptied', () => {
    lend({ DOCKER_CONFIG: runners }, [login('ghcr.io')], folder).takeBack();
    rmSync(folder, { recursive: true });
    const { env } = lend({ DOCKER_CONFIG: runners }, [login('ghcr.io')], folder);
    expect(existsSync(join(env['DOCKER_CONFIG'] ?? '', 'config.json'))).toBe(true);
    expect(() => lend({ DOCKER_CONFIG: runners }, [login('ghcr.io')], folder)).not.toThrow();
  });

  test('takes its host out of DOCKER_AUTH_CONFIG, which docker believes first', () => {
    const auths = { 'ghcr.io': { auth: 'old' }, 'quay.io': { auth: 'kept' } };
    const { env } = lend(
      { DOCKER_CONFIG: runners, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) },
      [login('ghcr.io')],
      folder,
    );
    expect(JSON.parse(env['DOCKER_AUTH_CONFIG'] ?? '')).toEqual({ auths: { 'quay.io': { auth: 'kept' } } });
  });

  test.each(['/proc/buildx', '/dev/null/buildx'])(
    'stands in for buildx’s folder where there can be none: %s',
    (path) => {
      const { env } = lend({ DOCKER_CONFIG: runners, BUILDX_CONFIG: path }, [], folder);
      expect(env['BUILDX_CONFIG']).toBe(join(folder, 'buildx'));
      chmodSync(env['BUILDX_CONFIG'] ?? '', 0o700);
    },
  );
});

test('a helper is told its own settings, and neither the action’s inputs nor what changes a build', () => {
  const kept = { PATH: '/bin', HOME: '/h', AWS_PROFILE: 'p', GOOGLE_APPLICATION_CREDENTIALS: '/k', GITHUB_TOKEN: 't' };
  const withheld = {
    INPUT_PASSWORD: 'x',
    STATE_slipway: 'x',
    ACTIONS_RUNTIME_TOKEN: 'x',
    GITHUB_OUTPUT: 'x',
    BUILDX_BAKE_GIT_SSH: 'x',
    SOURCE_DATE_EPOCH: '1',
    OTEL_EXPORTER: 'x',
    DOCKER_BUILDKIT: '0',
    NODE_OPTIONS: 'x',
  };
  expect(planHelperEnvironment({ ...kept, ...withheld })).toEqual({ ...kept, DOCKER_CONFIG: '/h/.docker' });
});

test('a builder in a cluster finds it: by the kubeconfig, or as a pod by where its cluster is', () => {
  const cluster = { KUBECONFIG: '/k', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  expect(planClientEnvironment({ HOME: '/h', ...cluster, KUBERNETES_PORT: 'tcp://10.0.0.1:443' })).toEqual({
    HOME: '/h',
    DOCKER_CONFIG: '/h/.docker',
    ...cluster,
  });
});
