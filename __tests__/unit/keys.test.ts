import { describe, expect, test } from '@jest/globals';
import type { BuildInputs } from '../../src/inputs.ts';
import { digestOf } from '../../src/model/digest.ts';
import { basesKey, type Content, contentKey, testsKey } from '../../src/plan/content-key.ts';
import { planContainerEnvironment, planTestEnvironment } from '../../src/plan/test-environment.ts';
import { parse } from '../support/inputs.ts';

describe('contentKey', () => {
  const content: Content = {
    files: { main: 'm', named: new Map([['lib', 'l']]), unknown: undefined },
    dockerfile: 'FROM x',
    platform: 'linux/x86_64',
    bytecode: undefined,
    build: parse({
      target: 'app',
      'build-args': 'A=1\nB=2',
      labels: 'a=1\nb=2',
      annotations: 'a=1\nb=2',
      secrets: 'a=one\nb=two',
      ssh: 'default\nkey=x',
      'add-hosts': 'a:10.0.0.1\nb:10.0.0.2',
      ulimit: 'nproc=1\nnofile=1',
      allow: 'network.host\nsecurity.insecure',
      'no-cache-filters': 'a\nb',
    }).build,
  };

  const { files } = content;
  const changed = (change: Partial<BuildInputs>) => contentKey({ ...content, build: { ...content.build, ...change } });

  test('does not depend on the order in which anything was given', () => {
    const { build } = content;
    const pairs = ['args', 'labels', 'addHosts'] as const;
    for (const name of pairs) expect(changed({ [name]: new Map([...build[name]].toReversed()) })).toBe(changed({}));
    const lists = ['annotations', 'secrets', 'ssh', 'ulimits', 'allow', 'noCacheFilters'] as const;
    for (const name of lists) {
      expect(build[name]).toHaveLength(2);
      expect(changed({ [name]: build[name].toReversed() })).toBe(changed({}));
    }
  });

  test.each<[string, Partial<Content>]>([
    ['files', { files: { ...files, main: 'n' } }],
    ['whether they are known', { files: { ...files, unknown: 'a' } }],
    ['dockerfile', { dockerfile: 'FROM y' }],
    ['the machine', { platform: 'linux/aarch64' }],
    ['contexts', { files: { ...files, named: new Map([['lib', 'k']]) } }],
    ['names of contexts', { files: { ...files, named: new Map([['bil', 'l']]) } }],
  ])('depends on %s', (_, change) => {
    expect(contentKey({ ...content, ...change })).not.toBe(contentKey(content));
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['whether there is bytecode', {}, { bytecode: 'on' }],
    ['how strictly it was asked for', { bytecode: 'on' }, { bytecode: 'require' }],
    ['how Python checks it', { bytecode: 'on' }, { bytecode: 'on', 'bytecode-mode': 'checked-hash' }],
    ['which folders are compiled', { bytecode: 'on' }, { bytecode: 'on', 'bytecode-paths': '/x' }],
    ['which are not', { bytecode: 'on' }, { bytecode: 'on', 'bytecode-exclude': '/x' }],
  ])('depends on %s', (_, one, other) => {
    const key = (given: Record<string, string>) => contentKey({ ...content, bytecode: parse(given).bytecode });
    expect(key(one)).not.toBe(key(other));
    expect(key({ ...one, 'bytecode-paths': 'a\nb' })).toBe(key({ ...one, 'bytecode-paths': 'b\na' }));
  });

  test.each<[string, Record<string, string>]>([
    ['target', { target: 'x' }],
    ['args', { 'build-args': 'A=2' }],
    ['labels', { labels: 'l=1' }],
    ['annotations', { annotations: 'l=1' }],
    ['attestations', { provenance: 'true' }],
    ['their kind', { sbom: 'true' }],
    ['ids of secrets', { secrets: 'c=one' }],
    ['ids of ssh', { ssh: 'other=x' }],
    ['network', { network: 'none' }],
    ['hosts', { 'add-hosts': 'a:10.0.0.3' }],
    ['shm-size', { 'shm-size': '1g' }],
    ['ulimit', { ulimit: 'nofile=2' }],
    ['allow', { allow: 'network.host' }],
    ['no-cache-filters', { 'no-cache-filters': 'c' }],
  ])('depends on %s', (_, given) => {
    const { build } = parse(given);
    const plain = parse({}).build;
    expect(contentKey({ ...content, build })).not.toBe(contentKey({ ...content, build: plain }));
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['the value of a secret', { secrets: 'a=one' }, { secrets: 'a=two' }],
    ['where a secret is', { secrets: 'a=one' }, { 'secret-envs': 'a=A' }],
    ['freshness', {}, { pull: 'true', 'no-cache': 'true' }],
    ['who builds', {}, { builder: 'mine' }],
    ['time limits', {}, { 'build-timeout': '1m' }],
  ])('does not depend on %s', (_, one, other) => {
    expect(contentKey({ ...content, build: parse(one).build })).toBe(
      contentKey({ ...content, build: parse(other).build }),
    );
  });
});

describe('basesKey', () => {
  const [one, two] = [digestOf('one'), digestOf('two')];
  test('depends on names and digests, and not on their order', () => {
    const key = basesKey(
      new Map([
        ['a', one],
        ['b', two],
      ]),
    );
    expect(
      basesKey(
        new Map([
          ['b', two],
          ['a', one],
        ]),
      ),
    ).toBe(key);
    expect(
      basesKey(
        new Map([
          ['a', two],
          ['b', one],
        ]),
      ),
    ).not.toBe(key);
    expect(basesKey(new Map([['a', one]]))).not.toBe(key);
    expect(basesKey(new Map())).not.toBe('');
  });
});

describe('testsKey', () => {
  const tests = {
    ...{ tree: 't', host: 'pytest', stage: undefined, image: [['a', 'b']], verify: undefined, checks: undefined },
  };

  test.each([
    ['the git tree', { tree: 'u' }],
    ['host', { host: 'pytest -x' }],
    ['stage', { stage: 'test' as never }],
    ['image', { image: [['a b']] }],
    ['verify', { verify: 'pytest' as never }],
    ['the checks', { checks: ['high'] as never }],
    ['which is which', { host: undefined as never, verify: 'pytest' as never }],
  ])('depends on %s', (_, change) => {
    expect(testsKey({ ...tests, ...change })).not.toBe(testsKey(tests));
  });
});

describe('the environment of tests', () => {
  const all = {
    PATH: '/bin',
    RUNNER_TRACKING_ID: 'r',
    GITHUB_SHA: 's',
    GITHUB_TOKEN: 'x',
    GITHUB_OUTPUT: 'x',
    GITHUB_ENV: 'x',
    INPUT_PASSWORD: 'x',
    'INPUT_TEST-IMAGE': 'x',
    STATE_slipway: 'x',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    GH_TOKEN: 'x',
    DATABASE_URL: 'd',
  };

  test('is a run step’s, less inputs, tokens and command files', () => {
    expect(planTestEnvironment(all, [])).toEqual({
      PATH: '/bin',
      RUNNER_TRACKING_ID: 'r',
      GITHUB_SHA: 's',
      DATABASE_URL: 'd',
    });
  });

  test('has what test-env names', () => {
    expect(planTestEnvironment(all, ['GITHUB_TOKEN'])).toHaveProperty('GITHUB_TOKEN', 'x');
  });

  test('lacks the variables that hold secrets of the build, unless test-env names them', () => {
    expect(planTestEnvironment(all, [], ['DATABASE_URL'])).not.toHaveProperty('DATABASE_URL');
    expect(planTestEnvironment(all, ['DATABASE_URL'], ['DATABASE_URL'])).toHaveProperty('DATABASE_URL', 'd');
  });

  test('of a container holds what test-env names and nothing else', () => {
    expect(planContainerEnvironment(all, ['DATABASE_URL', 'NOT_SET'])).toEqual({ DATABASE_URL: 'd' });
  });
});
