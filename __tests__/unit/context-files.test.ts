import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ContextFiles } from '../../src/plan/content-key.ts';
import { readBuildContext } from '../../src/tools/checkout/build-context.ts';
import { readContextFiles, sendsGit } from '../../src/tools/checkout/context-files.ts';
import { openGit } from '../../src/tools/checkout/open-git.ts';

let root: string;

function git(...args: string[]): void {
  execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b.test', ...args], { stdio: 'ignore' });
}

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

const files = {
  'app/Dockerfile': 'FROM scratch\nCOPY . /\n',
  'app/.dockerignore': '*.md\nbuild\n',
  'app/run.sh': 'echo one\n',
  'app/lib/a.txt': 'a\n',
  'app/README.md': 'read\n',
  'lib/b.txt': 'b\n',
  'other/c.txt': 'c\n',
};

const given = { context: 'app', file: undefined, contexts: new Map([['lib', 'lib']]) };

/** A path whose characters are bytes. */
function bytes(name: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
}

/** What the builder would be sent after a change was committed, or left in the work tree. */
async function filesAfter(change: () => void, how: 'committed' | 'left' = 'committed'): Promise<ContextFiles> {
  change();
  if (how === 'committed') {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'x');
  }
  const { sent: _, ...files } = await readContextFiles(openGit(root), root, readBuildContext(root, given));
  return files;
}

let before: ContextFiles;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-files-')));
  execFileSync('git', ['init', '--quiet', root]);
});

beforeEach(async () => {
  for (const name of ['app', 'lib', 'other']) rmSync(join(root, name), { recursive: true, force: true });
  before = await filesAfter(() => write(files));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the files of a context', () => {
  test.each<[name: string, change: () => void]>([
    ['nothing', () => undefined],
    ['a file that is ignored', () => write({ 'app/README.md': 'other\n' })],
    ['a new file that is ignored', () => write({ 'app/build/x': 'x\n' })],
    ['a folder beside it', () => write({ 'other/c.txt': 'other\n', 'new/d': 'd\n' })],
  ])('are the same after a commit that changes %s', async (_, change) => {
    expect(before.unknown).toBeUndefined();
    expect(await filesAfter(change)).toEqual(before);
  });

  test.each<[name: string, change: () => void]>([
    ['a file', () => write({ 'app/lib/a.txt': 'b\n' })],
    ['a file to another of its size', () => write({ 'app/run.sh': 'echo two\n' })],
    ['a name', () => renameSync(join(root, 'app/lib/a.txt'), join(root, 'app/lib/b.txt'))],
    ['an executable', () => chmodSync(join(root, 'app/run.sh'), 0o755)],
    ['a link', () => symlinkSync('run.sh', join(root, 'app/link'))],
    ['a file that goes', () => rmSync(join(root, 'app/lib/a.txt'))],
    ['what is ignored', () => write({ 'app/.dockerignore': 'build\n' })],
    ['a further context', () => write({ 'lib/b.txt': 'c\n' })],
    ['an empty folder', () => mkdirSync(join(root, 'app/empty'))],
    ['the permissions of a file', () => chmodSync(join(root, 'app/run.sh'), 0o600)],
  ])('are others after a commit that changes %s', async (_, change) => {
    const after = await filesAfter(change);
    expect(after).not.toEqual(before);
    expect(after.unknown).toBeUndefined();
  });

  test('tell where a link points', async () => {
    const link = (to: string) => () => {
      rmSync(join(root, 'app/link'), { force: true });
      symlinkSync(to, join(root, 'app/link'));
    };
    const one = await filesAfter(link('a'));
    expect((await filesAfter(link('b'))).main).not.toBe(one.main);
  });

  test.each<[name: string, change: () => void, unknown: string]>([
    ['an untracked file', () => write({ 'app/dist/x.js': 'x\n' }), 'app/dist/x.js'],
    ['a name that is no UTF-8', () => writeFileSync(bytes('app/\xff'), 'x'), 'app/\ufffd'],
    ['a folder of such a name', () => mkdirSync(bytes('app/\xff')), 'app/\ufffd'],
    ['a file of a further context', () => write({ 'lib/x': 'x\n' }), 'lib/x'],
    [
      'a repository within',
      () => execFileSync('git', ['init', '--quiet', join(root, 'app/module')]),
      'app/module/.git',
    ],
    ['a file that git is not to look at', () => git('update-index', '--assume-unchanged', 'app/run.sh'), 'app/run.sh'],
  ])('are not known with %s', async (_, change, unknown) => {
    const after = await filesAfter(change, 'left');
    git('update-index', '--no-assume-unchanged', 'app/run.sh');
    expect(after.unknown?.startsWith(unknown)).toBe(true);
  });

  test('a pointer in place of a large file is another file, though git calls it the same', async () => {
    write({ 'app/big.bin': 'whole\n' });
    const whole = await filesAfter(() => undefined);
    const pointer = await filesAfter(() => write({ 'app/big.bin': 'version https://git-lfs\n' }), 'left');
    expect(pointer.main).not.toBe(whole.main);
  });

  test('git’s own folder is part of them where it is not ignored', () => {
    const context = (ignore: string) => ({ path: root, sends: (path: string) => path !== ignore });
    const at = (ignore: string) => sendsGit({ ...context(ignore), inRepository: '.' });
    expect([at('.git'), at('nothing')]).toEqual([true, true]);
    const never = { path: root, inRepository: '.', sends: (path: string) => !path.startsWith('.git') };
    expect([sendsGit(never), sendsGit({ ...never, path: join(root, 'app'), sends: () => true })]).toEqual([
      false,
      false,
    ]);
  });
});
