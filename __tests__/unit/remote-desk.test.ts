import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Inputs } from '../../src/inputs.ts';
import { openRemote, type RemoteDesk } from '../../src/tools/checkout/remote.ts';
import type { RunnerEnvironment } from '../../src/tools/environment.ts';

let root: string;
let desk: RemoteDesk;
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', join(root, folder), '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    encoding: 'utf8',
  }).trim();

/** A commit at the remote. */
function push(): string {
  git('origin', 'commit', '--quiet', '--allow-empty', '-m', 'x');
  return git('origin', 'rev-parse', 'HEAD');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-remote-'));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(root, 'origin')]);
  push();
  execFileSync('git', ['clone', '--quiet', join(root, 'origin'), join(root, 'clone')]);
  // what the remote is asked is counted where it answers
  const counted = join(root, 'upload-pack');
  writeFileSync(counted, `#!/bin/sh\necho asked >> '${join(root, 'asked')}'\nexec git-upload-pack "$@"\n`, {
    mode: 0o755,
  });
  git('clone', 'config', 'remote.origin.uploadpack', counted);
  const environment = { workspace: join(root, 'clone'), all: {}, repository: 'octo-org/app' };
  desk = openRemote(environment as unknown as RunnerEnvironment, { githubToken: undefined } as unknown as Inputs);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const timesAsked = (): number => readFileSync(join(root, 'asked'), 'utf8').trim().split('\n').length;
const headOf = async (ref: string): Promise<string> => {
  const { head } = await desk.ask(ref);
  return head.kind === 'known' ? head.commit : head.kind;
};

test('what was asked ahead answers one question, and the next one is asked anew', async () => {
  const before = git('origin', 'rev-parse', 'HEAD');
  desk.askAhead('refs/heads/main');
  expect(await headOf('refs/heads/main')).toBe(before);
  expect(timesAsked()).toBe(1);
  const after = push();
  expect(await headOf('refs/heads/main')).toBe(after);
  expect(timesAsked()).toBe(2);
});

test('what was asked ahead of another ref answers nothing', async () => {
  desk.askAhead('refs/heads/other');
  expect(await headOf('refs/heads/main')).toBe(git('origin', 'rev-parse', 'HEAD'));
});
