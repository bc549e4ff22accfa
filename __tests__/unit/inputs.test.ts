import { describe, expect, test } from '@jest/globals';
import { inputNames } from '../../src/model/input-names.ts';
import { parse, problemsOf } from '../support/inputs.ts';

describe('parseInputs', () => {
  test('takes an image alone and fills in the defaults', () => {
    expect(parse({})).toEqual({
      repositories: [{ name: 'ghcr.io/acme/app', registry: 'ghcr.io', path: 'acme/app' }],
      protectedRepositories: [],
      build: {
        context: '.',
        file: undefined,
        target: undefined,
        args: new Map(),
        contexts: new Map(),
        secrets: [],
        ssh: [],
        labels: new Map(),
        annotations: [],
        network: undefined,
        addHosts: new Map(),
        shmSize: undefined,
        ulimits: [],
        allow: [],
        platforms: [],
        attestations: [],
        pull: undefined,
        noCache: undefined,
        noCacheFilters: [],
        limit: 3_600_000,
      },
      tests: {
        host: undefined,
        stage: undefined,
        image: [],
        verify: undefined,
        env: [],
        withheld: [],
        limit: 1_200_000,
        reports: [],
      },
      productionBranch: undefined,
      login: { kind: 'none' },
      latest: 'auto',
      versions: 'semver',
      versionPrefix: undefined,
      extraTags: [],
      protectedTags: [],
      push: 'auto',
      bytecode: undefined,
      checks: { mode: 'report', ignore: [], command: [], env: new Map() },
      cache: 'auto',
      reuse: 'auto',
      stale: 'skip',
      githubToken: undefined,
      summary: true,
      comment: 'auto',
      notices: [],
    });
  });

  test.each<[string, Record<string, string>, object]>([
    ['a script of several lines keeps them', { test: 'make\npytest -q' }, { tests: { host: 'make\npytest -q' } }],
    [
      'test-image is split into words',
      { 'test-image': 'python -c "import app"\npytest' },
      { tests: { image: [['python', '-c', 'import app'], ['pytest']] } },
    ],
    ['push is a YAML boolean or a word', { push: 'True' }, { push: 'true' }],
    ['summary is a YAML boolean', { summary: 'FALSE' }, { summary: false }],
    ['durations add up', { 'test-timeout': '1h30m' }, { tests: { limit: 5_400_000 } }],
    ['an empty value means not given', { target: '  ', summary: ' ' }, { build: { target: undefined }, summary: true }],
    [
      'what the checks leave out',
      { 'checks-ignore': 'runs-as-root\n# no\nsetuid-setgid: /usr/bin/ping\nold-pip :  a: b' },
      {
        checks: {
          mode: 'report',
          ignore: [
            { id: 'runs-as-root', path: undefined, reason: '', from: { kind: 'input' } },
            { id: 'setuid-setgid', path: '/usr/bin/ping', reason: '' },
            { id: 'old-pip', path: undefined, reason: 'a: b' },
          ],
        },
      },
    ],
    [
      'how the checks start the image',
      { checks: 'high', 'checks-command': 'serve --port "80 80"', 'checks-env': 'A=b=c \nTOKEN\nEMPTY=' },
      {
        checks: {
          mode: 'high',
          command: ['serve', '--port', '80 80'],
          env: new Map([
            ['A', 'b=c'],
            ['TOKEN', undefined],
            ['EMPTY', ''],
          ]),
        },
        notices: [],
      },
    ],
    [
      'how nothing is started without checks that do',
      { checks: 'off', 'checks-env': 'A' },
      { notices: ['checks: `off` starts no image, so checks-command and checks-env have no effect'] },
    ],
    [
      'versions of Python',
      { versions: 'pep440', 'version-prefix': 'api/' },
      { versions: 'pep440', versionPrefix: 'api/' },
    ],
    ['extra tags, each once', { 'extra-tags': 'stable\n# no\nstable\nv_1' }, { extraTags: ['stable', 'v_1'] }],
    ['protected tags', { 'protected-tags': 'prod*\nrelease-?' }, { protectedTags: ['prod*', 'release-?'] }],
    [
      'a protected image',
      { 'protected-image': 'ghcr.io/acme/prod\nghcr.io/acme/prod' },
      { protectedRepositories: [{ name: 'ghcr.io/acme/prod', registry: 'ghcr.io', path: 'acme/prod' }] },
    ],
  ])('%s', (_, given, wanted) => {
    expect(parse(given)).toMatchObject(wanted);
  });

  test('lowers an upper-case repository with a notice', () => {
    const { repositories, notices } = parse({ image: 'ghcr.io/Acme/App' });
    expect(repositories[0]?.name).toBe('ghcr.io/acme/app');
    expect(notices).toEqual([expect.stringContaining('ghcr.io/Acme/App')]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no image', { image: '' }, 'image: it is required'],
    ['an image with a tag', { image: 'ghcr.io/acme/app:1' }, 'it has a tag or a digest'],
    ['an image with a port and a tag', { image: 'localhost:5000/app:1' }, 'it has a tag or a digest'],
    [
      'a protected image with a digest',
      { 'protected-image': 'a/b@sha256:0' },
      'protected-image: "a/b@sha256:0": it has',
    ],
    ['an unknown choice', { latest: 'flase' }, 'latest: "flase": allowed are auto, production-branch, release, never'],
    ['mixed-case boolean', { push: 'tRUE' }, 'push: "tRUE"'],
    ['a boolean of YAML 1.1', { summary: 'yes' }, 'summary: "yes": allowed are true, false'],
    ['a duration without unit', { 'build-timeout': '60' }, 'build-timeout: "60"'],
    ['an unknown scheme of versions', { versions: 'calver' }, 'versions: "calver": allowed are semver, pep440, none'],
    ['a prefix that no git tag can have', { 'version-prefix': 'api v' }, 'version-prefix: "api v"'],
    ['an extra tag that is none', { 'extra-tags': 'a/b' }, 'extra-tags: "a/b": a tag has'],
    ['extra tags joined by commas', { 'extra-tags': 'a,b' }, 'extra-tags: "a,b"'],
    ['a glob that no tag can match', { 'protected-tags': 'prod/*' }, 'protected-tags: "prod/*"'],
    ['a shell in test-image', { 'test-image': 'pytest && echo ok' }, '&& needs a shell'],
    ['a variable in test-image', { 'test-image': 'echo $HOME' }, '$HOME needs a shell'],
    ['an open quote in test-image', { 'test-image': 'echo "a' }, 'a quote is opened'],
    ['a severity that there is none of', { checks: 'info' }, 'checks: "info": allowed are report, full, high'],
    ['an ignore without an id', { 'checks-ignore': ': reason' }, 'checks-ignore: ": reason": ": reason" is neither'],
    ['a path in place of an id', { 'checks-ignore': '/usr/bin' }, 'checks-ignore: "/usr/bin": "/usr/bin" is neither'],
    ['a shell in checks-command', { 'checks-command': 'a | b' }, 'checks-command: "a | b": | needs a shell'],
    ['what is no variable in checks-env', { 'checks-env': 'my secret' }, 'checks-env: NAME=value or NAME is needed'],
    ['a variable with a value in test-env', { 'test-env': 'A=1' }, 'test-env: "A=1"'],
  ])('refuses %s', (_, given, message) => {
    expect(problemsOf(given)).toContain(message);
  });

  test('tells of all problems together', () => {
    const message = problemsOf({
      image: '',
      push: 'maybe',
      'build-timeout': 'soon',
      secrets: 'x',
      allow: 'all',
      pussh: '1',
    });
    expect(message).toContain('6 inputs are wrong');
    expect(message.split('\n')).toHaveLength(7);
  });
});

describe('names that are not ours', () => {
  test.each<[string, string]>([
    ['tags', 'name the repository in `image`'],
    ['images', 'name the repository in `image`'],
    ['flavor', '`latest` decides about latest'],
    ['tag-sha', 'tags follow from the git ref'],
    ['tag-semver', 'tags follow from the git ref'],
    ['registry', 'docker/login-action'],
    ['outputs', 'pushed to `image`'],
    ['load', '`verify` and `test-image` run it'],
    ['cache-from', 'see `cache`'],
    ['cache-to', 'see `cache`'],
    ['attests', 'see `provenance` and `sbom`'],
    ['call', 'docker buildx build --call'],
    ['cgroup-parent', 'driver-opts: cgroup-parent='],
  ])('%s is refused with its hint', (name, hint) => {
    const message = problemsOf({ [name]: 'x' });
    expect(message).toContain(`${name}: there is no such input: `);
    expect(message).toContain(hint);
  });

  test.each<[string, string]>([
    ['test-imgae', 'test-image'],
    ['build_args', 'build-args'],
    ['buildargs', 'build-args'],
    ['build-arg', 'build-args'],
    ['secret', 'secrets'],
    ['secret-file', 'secret-files'],
    ['no_cache', 'no-cache'],
    ['nocache', 'no-cache'],
    ['no-cache-filter', 'no-cache-filters'],
    ['add-host', 'add-hosts'],
    ['ulimits', 'ulimit'],
    ['shm_size', 'shm-size'],
    ['annotation', 'annotations'],
    ['build-context', 'build-contexts'],
    ['protected-tag', 'protected-tags'],
    ['extra-tag', 'extra-tags'],
    ['sumary', 'summary'],
    ['githubtoken', 'github-token'],
  ])('%s is a near miss of %s', (name, meant) => {
    expect(problemsOf({ [name]: 'x' })).toContain(`${name}: there is no such input: did you mean ${meant}?`);
  });

  test.each(['whatever', 'constructor', '__proto__', 'node_version'])('%s is a notice only', (name) => {
    expect(parse({ [name]: '1' }).notices).toEqual([`${name}: there is no such input; it is ignored`]);
  });

  test('a name without a value says nothing', () => {
    expect(parse({ tags: '', whatever: ' ' }).notices).toEqual([]);
  });

  test('no input of ours is taken for another', () => {
    expect(new Set(inputNames).size).toBe(inputNames.length);
    expect(inputNames.filter((name) => /^tag-|^tags$/.test(name))).toEqual([]);
  });
});

describe('attestations', () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ provenance: 'false', sbom: 'FALSE' }, []],
    [{ provenance: 'true', sbom: 'True' }, ['type=provenance', 'type=sbom']],
    [{ provenance: 'mode=min, version=v1' }, ['type=provenance,mode=min,version=v1']],
    [
      { provenance: 'mode=max,builder-id=https://acme.example/1' },
      ['type=provenance,mode=max,builder-id=https://acme.example/1'],
    ],
    [{ sbom: 'generator=ghcr.io/acme/scanner:1' }, ['type=sbom,generator=ghcr.io/acme/scanner:1']],
  ])('%j', (given, attestations) => {
    expect(parse(given).build.attestations).toEqual(attestations);
  });

  test.each([
    [{ provenance: 'maybe' }, 'provenance: "maybe": allowed are true, false, mode=min'],
    [{ provenance: 'mode=max,disabled=true' }, 'provenance: '],
    [{ provenance: 'mode=max,type=sbom' }, 'provenance: '],
    [{ sbom: 'generator=a,b' }, 'sbom: "generator=a,b": allowed are true, false, generator=IMAGE'],
  ])('%j is refused', (given, problem) => {
    expect(problemsOf(given)).toContain(problem);
  });
});
