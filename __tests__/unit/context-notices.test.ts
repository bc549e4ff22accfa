import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBuildContext } from '../../src/tools/checkout/build-context.ts';
import { readContextNotices, sendsToken } from '../../src/tools/checkout/context-notices.ts';
import { openGit } from '../../src/tools/checkout/open-git.ts';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
const attributes = { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' };
const modules = (...paths: readonly string[]) => ({
  '.gitmodules': paths.map((path) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ../x.git\n`).join(''),
});
const token = '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-notices-')));
  // where Git LFS is installed its filters would look for what these tests make up
  const plain = ['filter.lfs.clean=cat', 'filter.lfs.smudge=cat', 'filter.lfs.process=', 'filter.lfs.required=false'];
  execFileSync('git', ['init', '--quiet', root]);
  for (const one of plain) execFileSync('git', ['-C', root, 'config', ...one.split(/=(.*)/s).slice(0, 2)]);
  write({ Dockerfile: 'FROM scratch\nCOPY . /\n' });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

const readHere = () => readBuildContext(root, { context: '.', file: undefined });

async function noticesOf(files: Readonly<Record<string, string>>, context = '.'): Promise<readonly string[]> {
  write(files);
  execFileSync('git', ['-C', root, 'add', '--all', '--force']);
  return readContextNotices(openGit(root), root, readBuildContext(root, { context, file: undefined }));
}

describe('a notice tells what the context lacks', () => {
  test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['a submodule that was not checked out', modules('lib'), 'not checked out: "lib"; give'],
    ['several', modules('a', 'b', 'c', 'd', 'e'), '"a", "b", "c" and 2 more'],
    ['a submodule that was', { ...modules('lib'), 'lib/file': 'x' }, undefined],
    ['a submodule that is not sent', { ...modules('lib'), '.dockerignore': 'lib\n' }, undefined],
    ['a file of Git LFS that is a pointer', { ...attributes, 'model.bin': pointer }, 'content: "model.bin"; give'],
    ['one that is there', { ...attributes, 'model.bin': 'weights' }, undefined],
    ['one that is empty', { ...attributes, 'model.bin': '' }, undefined],
    ['one that is not sent', { ...attributes, 'model.bin': pointer, '.dockerignore': '*.bin\n' }, undefined],
    ['a pointer that is a file like any other', { 'model.txt': pointer, ...attributes }, undefined],
    ['nothing of either', {}, undefined],
  ])('%s', async (_, files, said) => {
    const notices = await noticesOf(files);
    expect(notices).toEqual(said === undefined ? [] : [expect.stringContaining(said)]);
  });

  test('both at once, each with its way out', async () => {
    const notices = await noticesOf({ ...modules('lib'), ...attributes, 'model.bin': pointer });
    expect(notices).toEqual([expect.stringContaining('submodules: true'), expect.stringContaining('lfs: true')]);
  });

  test('of its own folder alone', async () => {
    const files = { 'app/Dockerfile': 'FROM scratch\n', ...modules('lib', 'app/inner'), ...attributes };
    const notices = await noticesOf({ ...files, 'model.bin': pointer, 'app/own.bin': pointer }, 'app');
    expect(notices.join('\n')).toMatch(/not checked out: "app\/inner";[^"]*\n.*content: "app\/own\.bin";/);
  });
});

describe('whether a context would send the checkout’s token', () => {
  test.each<[string, boolean, string]>([
    ['actions/checkout’s', true, token],
    ['one in any case', true, token.replace('extraheader', 'ExtraHeader')],
    ['one in an address', true, '[remote "origin"]\n\turl = https://x-access-token:s3cret@github.com/o/r\n'],
    ['one in a quoted address', true, '[remote "origin"]\n\turl = "https://s3cret@github.com/o/r"\n'],
    ['one in an address for pushing', true, '[remote "origin"]\n\tpushurl = https://me:s3cret@github.com/o/r\n'],
    ['an address without', false, '[remote "origin"]\n\turl = https://github.com/o/r\n'],
    ['an address by ssh', false, '[remote "origin"]\n\turl = git@github.com:o/r.git\n'],
    ['an empty header', false, '[http "https://github.com/"]\n\textraheader =\n'],
  ])('%s: %s', (_, sent, config) => {
    write({ '.git/config': config });
    expect(sendsToken(readHere())).toBe(sent);
  });

  test.each<[string, boolean, string]>([
    ['ignored', false, '.git\n'],
    ['ignored in part', true, '.git/objects\n'],
    ['ignored and its configuration taken in again', true, '.git\n!.git/config\n'],
    ['left out with everything', false, '*\n!Dockerfile\n'],
  ])('`.git` is %s: %s', (_, sent, ignore) => {
    write({ '.git/config': token, '.dockerignore': ignore });
    expect(sendsToken(readHere())).toBe(sent);
  });
});
