import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/model/secret.ts';
import type { RunnerEnvironment } from '../../src/tools/environment.ts';
import { readFound, withSecrets } from '../../src/tools/secrets.ts';
import { parse } from '../support/inputs.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-secrets-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('secrets in place for a solve', () => {
  const grants = () => ({
    secrets: [
      { kind: 'variable', id: 'a', variable: 'V' },
      { kind: 'file', id: 'b', path: join(folder, 'b') },
    ] as const,
    values: new Map([
      ['V', new Secret('one\n')],
      [join(folder, 'b'), new Secret(Buffer.of(0, 255))],
    ]),
  });

  test('are variables of the plugin, and files that nobody else reads and that are gone afterwards', async () => {
    const path = join(folder, 'b');
    const seen = await withSecrets(grants(), async (env) => [env, readFileSync(path), statSync(path).mode & 0o777]);
    expect(seen).toEqual([{ V: 'one\n' }, Buffer.of(0, 255), 0o400]);
    expect(existsSync(path)).toBe(false);
  });

  test('are gone where the solve fails too', async () => {
    const failure = withSecrets(grants(), () => Promise.reject(new Error('no')));
    await expect(failure).rejects.toThrow('no');
    expect(existsSync(join(folder, 'b'))).toBe(false);
  });

  test('are never written over what lies there', async () => {
    const path = join(folder, 'b');
    writeFileSync(path, 'planted');
    await expect(withSecrets(grants(), async () => undefined)).rejects.toThrow('EEXIST');
  });
});

describe('what is found of the build’s secrets', () => {
  const find = (given: Record<string, string>, all: Record<string, string> = {}) =>
    readFound(parse(given), { workspace: folder, all } as unknown as RunnerEnvironment);

  test('is read at once: later edits do not reach the build', () => {
    writeFileSync(join(folder, 'file'), 'first');
    const { secrets } = find({ 'secret-files': 'f=file' });
    writeFileSync(join(folder, 'file'), 'later');
    expect(secrets.map(({ value }) => value.kind === 'found' && value.secret.reveal())).toEqual(['first']);
  });

  test.each<[string, Record<string, string>, string]>([
    ['an empty variable', { 'secret-envs': 'f=EMPTY' }, 'the variable EMPTY is not set, or empty'],
    ['a folder', { 'secret-files': 'f=folder' }, 'folder is no file'],
    ['a file behind a file', { 'secret-files': 'f=file/x' }, 'cannot be read: ENOTDIR'],
    [
      'a file that BuildKit would not take',
      { 'secret-files': 'f=large' },
      'large has 600000 bytes and BuildKit takes 512000',
    ],
  ])('%s is missing', (_, given, reason) => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    writeFileSync(join(folder, 'large'), Buffer.alloc(600_000));
    const { secrets } = find(given, { EMPTY: '' });
    expect(secrets.map(({ value }) => value)).toEqual([{ kind: 'missing', reason: expect.stringContaining(reason) }]);
  });

  test.each<[string, string, string | undefined]>([
    ['an agent', 'default', undefined],
    ['a key', 'k=key', undefined],
    ['a key that is not there', 'k=nowhere', 'there is no '],
    ['a folder', 'k=.', 'is a folder'],
  ])('ssh: %s', (_, ssh, missing) => {
    writeFileSync(join(folder, 'key'), '');
    chmodSync(join(folder, 'key'), 0o600);
    const [found] = find({ ssh }, { SSH_AUTH_SOCK: '/agent' }).ssh;
    expect(found?.missing).toEqual(missing === undefined ? undefined : expect.stringContaining(missing));
  });
});
