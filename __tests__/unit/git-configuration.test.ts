import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Inputs } from '../../src/inputs.ts';
import { trustConfiguration } from '../../src/tools/checkout/configuration.ts';
import { readRemote } from '../../src/tools/checkout/git.ts';
import { startsPrograms } from '../../src/tools/checkout/git-context.ts';
import { openGit } from '../../src/tools/checkout/open-git.ts';

type Tests = Inputs['tests'];

let root: string;
let clone: string;
let canary: string;
const home = process.env['HOME'];

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: clone, encoding: 'utf8' });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-git-'));
  canary = join(root, 'ran');
  clone = join(root, 'clone');
  process.env['HOME'] = join(root, 'home');
  mkdirSync(join(root, 'home', '.ssh'), { recursive: true });
  const origin = join(root, 'origin');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', origin]);
  execFileSync('git', [
    '-C',
    origin,
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@t',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'x',
  ]);
  execFileSync('git', ['clone', '--quiet', origin, clone]);
});

describe('what runs on the machine', () => {
  const none: Tests = { ...({} as Tests), host: undefined, image: [], verify: undefined, stage: undefined };
  test.each<[string, Partial<Tests>, boolean]>([
    ['nothing', {}, false],
    ['a test stage, which the builder runs', { stage: 'test' }, false],
    ['`test`', { host: 'true' }, true],
    ['`verify`', { verify: 'true' }, true],
    ['`test-image`, in a container of it', { image: [['true']] }, true],
  ])('%s', (_, tests, runs) => expect(startsPrograms({ ...none, ...tests })).toBe(runs));
});

afterEach(() => {
  if (home === undefined) delete process.env['HOME'];
  else process.env['HOME'] = home;
  rmSync(root, { recursive: true, force: true });
});

const local = (key: string, value: () => string) => (): void => void git('config', '--local', key, value());
const touch = (): string => `touch ${canary}`;

describe('what a test plants for git', () => {
  test.each<[string, () => void]>([
    ['core.sshCommand', local('core.sshCommand', touch)],
    ['core.fsmonitor', local('core.fsmonitor', touch)],
    ['core.askPass', local('core.askPass', touch)],
    ['core.gitProxy', local('core.gitProxy', touch)],
    ['credential.helper', local('credential.helper', () => `!${touch()}`)],
    ['remote.origin.uploadpack', local('remote.origin.uploadpack', () => `${touch()};git-upload-pack`)],
    ['remote.origin.vcs', local('remote.origin.vcs', () => 'canary')],
    ['remote.origin.url', local('remote.origin.url', () => `ext::sh -c touch% ${canary}`)],
    ['protocol.ext.allow', local('protocol.ext.allow', () => 'always')],
    ['url.insteadOf', () => void git('config', `url.ext::sh -c touch% ${canary}% .insteadOf`, join(root, 'origin'))],
    ['http.proxy', local('http.proxy', () => 'http://127.0.0.1:9')],
    ['http.extraHeader', local('http.https://github.com/.extraheader', () => 'X-Forged: 1')],
    [
      'include.path',
      () => {
        writeFileSync(join(root, 'included'), `[core]\n\tsshCommand = ${touch()}\n`);
        git('config', 'include.path', join(root, 'included'));
      },
    ],
    [
      'another repository in its place',
      () => {
        rmSync(join(clone, '.git'), { recursive: true });
        git('init', '--quiet');
        git('remote', 'add', 'origin', `ext::sh -c touch% ${canary}`);
      },
    ],
    ['~/.gitconfig', () => writeFileSync(join(root, 'home', '.gitconfig'), `[core]\n\tsshCommand = ${touch()}\n`)],
    ['~/.ssh/config', () => writeFileSync(join(root, 'home', '.ssh', 'config'), `ProxyCommand ${touch()}\n`)],
  ])('%s: the remote is not asked with it', async (_, plant) => {
    const before = await readRemote(openGit(clone), 'refs/heads/main');
    expect(before.head.kind).toBe('known');
    plant();
    const after = await readRemote(openGit(clone), 'refs/heads/main');
    expect(after.head).toEqual({ kind: 'unknown', reason: expect.stringContaining('configuration has changed') });
    expect(after.tags).toBeUndefined();
    expect(existsSync(canary)).toBe(false);
  });

  test('another git on PATH is not started', async () => {
    const path = process.env['PATH'];
    await readRemote(openGit(clone), 'refs/heads/main');
    writeFileSync(join(root, 'git'), `#!/bin/sh\n${touch()}\n`, { mode: 0o755 });
    process.env['PATH'] = `${root}:${path}`;
    try {
      expect((await readRemote(openGit(clone), 'refs/heads/main')).head.kind).toBe('unknown');
      expect(existsSync(canary)).toBe(false);
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('nothing, as nothing of the user’s runs: the configuration is not looked at', async () => {
    trustConfiguration(openGit(clone));
    git('config', 'core.pager', 'cat');
    expect((await readRemote(openGit(clone), 'refs/heads/main')).head.kind).toBe('known');
    git('config', 'core.pager', 'less');
    expect((await readRemote(openGit(clone), 'refs/heads/main')).head.kind).toBe('known');
  });

  test('nothing: the remote is asked again', async () => {
    await readRemote(openGit(clone), 'refs/heads/main');
    writeFileSync(join(clone, '.git', 'hooks', 'pre-push'), `#!/bin/sh\n${touch()}\n`, { mode: 0o755 });
    expect((await readRemote(openGit(clone), 'refs/heads/main')).head.kind).toBe('known');
    expect(existsSync(canary)).toBe(false);
  });
});
