import { describe, expect, test } from '@jest/globals';
import type { BuildInputs } from '../../src/inputs.ts';
import { parse, problemsOf } from '../support/inputs.ts';

function build(given: Record<string, string>): BuildInputs {
  return parse(given).build;
}

describe('lists, in the syntax of docker/build-push-action', () => {
  test.each<[string, string, [string, string][]]>([
    [
      'comments and empty lines do not count',
      '# c\n\nA=1\n  B=x=y ',
      [
        ['A', '1'],
        ['B', 'x=y'],
      ],
    ],
    [
      'a comma is part of a value',
      'A=1,2\nB=',
      [
        ['A', '1,2'],
        ['B', ''],
      ],
    ],
    [
      'a value of several lines is in quotes with its key',
      '"A=one\ntwo\n# three"\nB=1',
      [
        ['A', 'one\ntwo\n# three'],
        ['B', '1'],
      ],
    ],
    ['a quote in quotes is doubled', '"A=say ""hi"""', [['A', 'say "hi"']]],
    ['quotes inside a value are themselves', 'A="x" y', [['A', '"x" y']]],
    ['a # inside a value is itself', 'A=#fff', [['A', '#fff']]],
    [
      'lines may end as Windows ends them',
      'A=1\r\nB=2',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['the last of equal keys counts', 'A=1\nA=2', [['A', '2']]],
    ['a quote after a comma is itself', 'A=x,"y"', [['A', 'x,"y"']]],
  ])('%s', (_, given, wanted) => {
    expect([...build({ 'build-args': given }).args]).toEqual(wanted);
    expect([...build({ labels: given }).labels]).toEqual(wanted);
  });
});

describe('what a build input means', () => {
  test.each<[string, Record<string, string>, object]>([
    [
      'a label with dots',
      { labels: 'org.opencontainers.image.title=My app' },
      { labels: new Map([['org.opencontainers.image.title', 'My app']]) },
    ],
    [
      'contexts, spelled as the frontend looks for them',
      {
        'build-contexts':
          'lib=./lib\ndocker.io/library/alpine:latest=docker-image://alpine:3\nsrc=https://github.com/a/b.git#main',
      },
      {
        contexts: new Map([
          ['lib', './lib'],
          ['alpine', 'docker-image://alpine:3'],
          ['src', 'https://github.com/a/b.git#main'],
        ]),
      },
    ],
    [
      'annotations',
      { annotations: 'a=1,2\nmanifest:b=2\nindex,manifest[linux/amd64]:c=3' },
      { annotations: ['a=1,2', 'manifest:b=2', 'index,manifest[linux/amd64]:c=3'] },
    ],
    ['the default network', { network: 'default' }, { network: undefined }],
    ['no network', { network: 'none' }, { network: 'none' }],
    [
      'hosts',
      { 'add-hosts': 'db:10.0.0.1,cache=10.0.0.2\nsix:::1\nsix:[fe80::1]\nhost:host-gateway' },
      {
        addHosts: new Map([
          ['db', '10.0.0.1'],
          ['cache', '10.0.0.2'],
          ['six', '::1,fe80::1'],
          ['host', 'host-gateway'],
        ]),
      },
    ],
    ['a builder', { builder: ' builder-5f0_a.b+c ' }, { builder: 'builder-5f0_a.b+c' }],
    ['the current builder', { builder: '' }, { builder: undefined }],
    ['a size', { 'shm-size': '1.5g' }, { shmSize: '1.5g' }],
    ['limits', { ulimit: 'nofile=1024:2048\nnproc=-1' }, { ulimits: ['nofile=1024:2048', 'nproc=-1'] }],
    [
      'entitlements',
      { allow: 'network.host,security.insecure\ndevice=nvidia.com/gpu' },
      { allow: ['network.host', 'security.insecure', 'device=nvidia.com/gpu'] },
    ],
    ['pull and no-cache', { pull: 'false', 'no-cache': 'True' }, { pull: false, noCache: true }],
    ['stages', { 'no-cache-filters': 'a,b\nc' }, { noCacheFilters: ['a', 'b', 'c'] }],
    [
      'ssh',
      { ssh: 'default\ndeploy=./key' },
      {
        ssh: [
          { id: 'default', paths: [] },
          { id: 'deploy', paths: ['./key'] },
        ],
      },
    ],
    ['ssh with two keys', { ssh: '"deploy=a,b"' }, { ssh: [{ id: 'deploy', paths: ['a', 'b'] }] }],
  ])('%s', (_, given, wanted) => {
    expect(build(given)).toMatchObject(wanted);
  });

  test.each<[string, Record<string, string>, string]>([
    ['a build-arg without value', { 'build-args': 'TOKEN' }, 'build-args: "TOKEN": KEY=value'],
    ['a quote that stays open', { 'build-args': '"A=1\nB=2' }, 'build-args: a quote is opened and never closed'],
    ['a label of ours', { labels: 'io.slipway.key=forged' }, 'labels: "io.slipway.key"'],
    ['a label of ours in capitals', { labels: 'IO.Slipway.key=forged' }, 'labels: "IO.Slipway.key"'],
    [
      'a git URL as context',
      { context: 'https://github.com/acme/app.git' },
      'context: "https://github.com/acme/app.git"',
    ],
    ['a git address as context', { context: 'git@github.com:acme/app' }, 'context: "git@github.com:acme/app"'],
    ['a context by scheme', { context: 'docker-image://alpine' }, 'context: "docker-image://alpine"'],
    ['a build context without a name', { 'build-contexts': './lib' }, 'build-contexts: "./lib"'],
    [
      'a build context in capitals',
      { 'build-contexts': 'Lib=./lib' },
      'build-contexts: "Lib=./lib": name=path is needed',
    ],
    ['a build context without a place', { 'build-contexts': 'lib=' }, 'build-contexts: "lib="'],
    [
      'a target of the bake definition',
      { 'build-contexts': 'lib=target:image' },
      'build-contexts: "lib=target:image": a path',
    ],
    [
      'a folder in OCI layout',
      { 'build-contexts': 'lib=oci-layout://x' },
      'build-contexts: "lib=oci-layout://x": a path',
    ],
    ['a folder by bake’s scheme', { 'build-contexts': 'lib=cwd://x' }, 'build-contexts: "lib=cwd://x": a path'],
    [
      'an image without a name',
      { 'build-contexts': 'lib=docker-image://' },
      'build-contexts: "lib=docker-image://": a path',
    ],
    ['a device that is none', { allow: 'device=a"b' }, 'allow: "device=a\\"b"'],
    ['a build context twice', { 'build-contexts': 'a=b\na:latest=c' }, 'build-contexts: "a:latest": it is given twice'],
    ['an annotation without key', { annotations: '=x' }, 'annotations: ""'],
    ['an annotation of nothing', { annotations: 'image:a=x' }, 'annotations: "image:a": before the key'],
    ['an annotation that bake would alter', { annotations: 'a=Cafe\u0301' }, 'annotations: "a": its value must be'],
    ['a network of docker’s', { network: 'bridge' }, 'network: "bridge": allowed are default, none, host'],
    ['a host without address', { 'add-hosts': 'db' }, 'add-hosts: "db": host:ip is needed'],
    ['a host with a wrong address', { 'add-hosts': 'db:10.0.0.256' }, 'add-hosts: "db:10.0.0.256"'],
    ['a host that is a list', { 'add-hosts': 'a b:10.0.0.1' }, 'add-hosts: "a b:10.0.0.1"'],
    ['a size in words', { 'shm-size': 'big' }, 'shm-size: "big": a size is needed'],
    ['a builder that is an option', { builder: '--debug' }, 'builder: "--debug": the name of a builder is needed'],
    ['a limit that is none', { ulimit: 'files=1' }, 'ulimit: "files=1"'],
    ['a soft limit above the hard one', { ulimit: 'nofile=2:1' }, 'ulimit: "nofile=2:1"'],
    ['no soft limit below a hard one', { ulimit: 'nofile=-1:1' }, 'ulimit: "nofile=-1:1"'],
    ['every file as an entitlement', { allow: 'fs=*' }, 'allow: "fs=*": allowed are network.host'],
    ['reading as an entitlement', { allow: 'fs.read=/' }, 'allow: "fs.read=/"'],
    ['the agent as an entitlement', { allow: 'ssh' }, 'allow: "ssh"'],
    ['deleting as an entitlement', { allow: 'buildx.local.delete' }, 'allow: "buildx.local.delete"'],
    ['pull in a word of YAML 1.1', { pull: 'on' }, 'pull: "on": allowed are true, false'],
    ['no-cache as a number', { 'no-cache': '1' }, 'no-cache: "1": allowed are true, false'],
    ['a stage that is none', { 'no-cache-filters': 'a b' }, 'no-cache-filters: "a b"'],
    ['ssh without id', { ssh: '=key' }, 'ssh: "=key"'],
    ['an ssh key whose path bake would alter', { ssh: 'k=/Cafe\u0301' }, 'a path must be without'],
    ['ssh without path', { ssh: 'x=' }, 'ssh: "x="'],
  ])('refuses %s', (_, given, message) => {
    expect(problemsOf(given)).toContain(message);
  });

  test.each([
    ['a key that is none', '9KEY=s3cr3t-value'],
    ['a line of a value without quotes', 'A=1\ns3cr3t-value of several words'],
  ])('the value of a build-arg is never shown: %s', (_, given) => {
    expect(problemsOf({ 'build-args': given })).not.toContain('s3cr3t-value');
  });
});

describe('secrets', () => {
  const secretsOf = (given: Record<string, string>) =>
    build(given).secrets.map(({ id, input, source }) => [
      id,
      input,
      source.kind === 'value'
        ? source.value.reveal()
        : source.kind === 'variable'
          ? `$${source.variable}`
          : source.path,
    ]);

  test.each<[string, Record<string, string>, [string, string, string][]]>([
    ['ID=value', { secrets: 'TOKEN=a=b,c' }, [['TOKEN', 'secrets', 'a=b,c']]],
    ['a value full of signs', { secrets: `T=,"'$x` }, [['T', 'secrets', `,"'$x`]]],
    ['a path with a comma as buildx writes it', { secrets: 'id=a,"src=x,y"' }, [['a', 'secrets', 'x,y']]],
    [
      'two of them',
      { secrets: 'A=1\nB=2\n' },
      [
        ['A', 'secrets', '1'],
        ['B', 'secrets', '2'],
      ],
    ],
    [
      'several lines in quotes, to the last byte',
      { secrets: '"KEY=one\n  two\n"' },
      [['KEY', 'secrets', 'one\n  two\n']],
    ],
    ['JSON in quotes', { secrets: '"K={""a"": 1}"' }, [['K', 'secrets', '{"a": 1}']]],
    ['an empty value, which is looked at later', { secrets: 'TOKEN=' }, [['TOKEN', 'secrets', '']]],
    ['a file as buildx writes it', { secrets: 'id=npm,src=./.npmrc' }, [['npm', 'secrets', './.npmrc']]],
    ['a variable as buildx writes it', { secrets: 'id=npm,env=NPM' }, [['npm', 'secrets', '$NPM']]],
    ['a variable by type', { secrets: 'type=env,id=npm,src=NPM' }, [['npm', 'secrets', '$NPM']]],
    ['a file by type', { secrets: 'type=file,id=npm,source=x' }, [['npm', 'secrets', 'x']]],
    [
      'variables',
      { 'secret-envs': 'a=A,b=B\nc=C' },
      [
        ['a', 'secret-envs', '$A'],
        ['b', 'secret-envs', '$B'],
        ['c', 'secret-envs', '$C'],
      ],
    ],
    [
      'files',
      { 'secret-files': 'a=x,y\nb=/z' },
      [
        ['a', 'secret-files', 'x,y'],
        ['b', 'secret-files', '/z'],
      ],
    ],
    ['an id with a host', { secrets: 'GIT_AUTH_TOKEN.github.com=x' }, [['GIT_AUTH_TOKEN.github.com', 'secrets', 'x']]],
  ])('%s', (_, given, wanted) => {
    expect(secretsOf(given)).toEqual(wanted);
  });

  test.each<[string, Record<string, string>, string]>([
    ['a value without ID', { secrets: 'hunter2-hunter2' }, 'secrets: value 1: ID=value is needed'],
    ['an empty ID', { secrets: '=hunter2-hunter2' }, 'secrets: value 1: ID=value is needed'],
    [
      'several lines without quotes',
      { secrets: 'KEY=-----BEGIN hunter2\nhunter2\n' },
      'secrets: value 2: ID=value is needed',
    ],
    ['a quote that stays open', { secrets: '"KEY=hunter2' }, 'secrets: a quote is opened and never closed'],
    ['buildx’s form without a source', { secrets: 'id=hunter2' }, 'secrets: value 1: id=…,src=…'],
    ['buildx’s form with two sources', { secrets: 'id=a,src=hunter2,env=B' }, 'secrets: value 1: id=…,src=…'],
    ['buildx’s form with an unknown key', { secrets: 'id=a,value=hunter2' }, 'secrets: value 1: id=…,src=…'],
    ['buildx’s form of another type', { secrets: 'type=hunter2,id=a,src=x' }, 'secrets: value 1: id=…,src=…'],
    ['an id twice', { secrets: 'a=hunter2', 'secret-files': 'a=x' }, 'secret-files: an id is given twice'],
    ['a variable that is none', { 'secret-envs': 'a=hunter2-x' }, 'secret-envs: value 1: ID=VARIABLE'],
    ['a variable without id', { 'secret-envs': 'hunter2' }, 'secret-envs: value 1: ID=VARIABLE'],
    ['a file without path', { 'secret-files': 'hunter2=' }, 'secret-files: value 1: ID=path'],
    ['a file without id', { 'secret-files': './hunter2' }, 'secret-files: value 1: ID=path'],
  ])('%s is an error that shows nothing of it', (_, given, message) => {
    const said = problemsOf(given);
    expect(said).toContain(message);
    expect(said).not.toContain('hunter2');
  });

  test('no rendering of the inputs shows a value', () => {
    const inputs = parse({ secrets: 'TOKEN=hunter2-hunter2', 'github-token': 'hunter2-hunter2' });
    expect(inputs.githubToken?.reveal()).toBe('hunter2-hunter2');
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
    expect(`${inputs.githubToken}`).not.toContain('hunter2');
  });

  test('variables that hold secrets are withheld from tests', () => {
    expect(parse({ 'secret-envs': 'a=A', secrets: 'id=b,env=B\nc=1' }).tests.withheld).toEqual(['B', 'A']);
  });
});
