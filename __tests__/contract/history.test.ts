import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createOrigin } from '../../scripts/testbed/repo.mjs';
import { Secret } from '../../src/model/secret.ts';
import { firstParents, readHistory } from '../../src/tools/checkout/history.ts';
import { openGit } from '../../src/tools/checkout/open-git.ts';
import type { RemoteApi } from '../../src/tools/checkout/remote.ts';

type Origin = Awaited<ReturnType<typeof createOrigin>>;
type Clone = Awaited<ReturnType<Origin['clone']>>;

/** main: first, second, third, and `merge`, which takes in `side`; `other` begins elsewhere. */
let origin: Origin;
let commits: Record<'first' | 'second' | 'third' | 'side' | 'merge' | 'other', string>;
let full: Clone;
let shallow: Clone;
let server: Server;
let asked: string[];
let reply: [status: number, body: unknown];
let api: RemoteApi;

beforeAll(async () => {
  origin = await createOrigin({ file: '1\n' });
  const first = await origin.sha('refs/heads/main');
  const second = await origin.commit('main', { file: '2\n' });
  const third = await origin.commit('main', { file: '3\n' });
  const side = await origin.commit('side', { side: '1\n' }, { from: first });
  const { mergeSha: merge } = await origin.pullRequest({ number: 7, head: 'refs/heads/side' });
  await origin.setRef('refs/heads/main', merge);
  const tree = await origin.git('rev-parse', `${first}^{tree}`);
  const other = await origin.git('commit-tree', tree, '-m', 'elsewhere');
  await origin.setRef('refs/heads/other', other);
  commits = { first, second, third, side, merge, other };
  [full, shallow] = await Promise.all([origin.clone(), origin.clone({ depth: 2 })]);
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(reply[0], { 'content-type': 'application/json' }).end(JSON.stringify(reply[1]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = { url, repository: 'acme/app', token: new Secret('t0ken') };
});

afterAll(async () => {
  for (const one of [full, shallow, origin]) one.remove();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  asked = [];
  reply = [404, { message: 'Not Found' }];
});

const known = (name: keyof typeof commits): string => commits[name];
const read = (clone: Clone, older: string, newer: string, who: RemoteApi = { ...api, token: undefined }) =>
  readHistory(openGit(clone.folder), [older, newer], who);

describe('how a commit relates to a later one, by the whole history', () => {
  test.each<[keyof typeof commits, keyof typeof commits, readonly (keyof typeof commits)[] | 'other']>([
    ['second', 'second', []],
    ['first', 'third', ['third', 'second']],
    ['second', 'merge', ['merge', 'third']],
    ['side', 'merge', ['merge', 'third', 'second']],
    ['third', 'second', 'other'],
    ['third', 'side', 'other'],
    ['first', 'other', 'other'],
  ])('%s and %s: %s', async (older, newer, expected) => {
    const history = await read(full, known(older), known(newer), api);
    if (expected === 'other') expect(history).toEqual({ kind: 'other' });
    else expect(history).toEqual({ kind: 'ancestor', since: expected.map(known) });
    expect(asked).toEqual([]);
  });
});

describe('where the checkout is not deep enough', () => {
  test('what it shows of an ancestor still counts', async () => {
    expect(await read(shallow, known('third'), known('merge'))).toEqual({ kind: 'ancestor', since: [known('merge')] });
  });

  test.each<[string, () => Clone, keyof typeof commits, RegExp]>([
    ['shallow, and the commit lies below the cut', () => shallow, 'first', /is shallow and has no/],
    ['whole, and the commit is of nobody', () => full, 'other', /has no/],
  ])('%s: unknown, with the reason', async (_, clone, older, reason) => {
    const commit = older === 'other' ? 'f'.repeat(40) : known(older);
    const history = await read(clone(), commit, known('merge'));
    expect(history).toEqual({ kind: 'unknown', reason: expect.stringMatching(reason) });
  });

  test('a shallow history never says that a commit is no ancestor', async () => {
    // both are there, and what would join them is not
    expect((await read(shallow, known('merge'), known('third'))).kind).toBe('unknown');
  });

  test.each<[string, unknown, unknown]>([
    ['ahead', { kind: 'ancestor', since: () => [known('merge'), known('third'), known('second')] }, undefined],
    ['identical', { kind: 'ancestor', since: () => [known('merge')] }, []],
    ['behind', { kind: 'other' }, undefined],
    ['diverged', { kind: 'other' }, undefined],
  ])('the API is asked: %s', async (status, expected, listed) => {
    const row = (sha: string, ...parents: string[]) => ({ sha, parents: parents.map((parent) => ({ sha: parent })) });
    const rows = [
      row(known('second'), known('first')),
      row(known('side'), known('first')),
      row(known('third'), known('second')),
      row(known('merge'), known('third'), known('side')),
    ];
    reply = [200, { status, commits: listed ?? rows }];
    const history = await read(shallow, known('first'), known('merge'), api);
    const since = (expected as { since?: () => readonly string[] }).since?.();
    expect(history).toEqual(since === undefined ? expected : { kind: 'ancestor', since });
    expect(asked).toEqual([`/repos/acme/app/compare/${known('first')}...${known('merge')}`]);
  });

  test.each<[string, [number, unknown], RegExp]>([
    ['does not know a commit', [404, { message: 'Not Found' }], /shallow.*; GitHub's API: Not Found/],
    ['refuses', [403, { message: 'Resource not accessible by integration' }], /Resource not accessible/],
    ['answers nonsense', [200, { status: 'sideways', commits: [] }], /sideways/],
    ['answers nothing', [200, {}], /GitHub's API: \S/],
  ])('it stays unknown, with both reasons, where the API %s', async (_, answer, reason) => {
    reply = answer;
    const history = await read(shallow, known('first'), known('merge'), api);
    expect(history).toEqual({ kind: 'unknown', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(history)).not.toContain('t0ken');
  });
});

test('planted replacements of commits are not taken for history', async () => {
  const clone = await origin.clone();
  try {
    await clone.git('replace', '--graft', known('other'), known('first'));
    expect(await read(clone, known('first'), known('other'))).toEqual({ kind: 'other' });
  } finally {
    clone.remove();
  }
});

describe('what a test plants for git', () => {
  test.each<[string, (clone: Clone) => Promise<unknown>, RegExp]>([
    [
      'a remote that has what is missing, by a program of its own',
      async ({ git, folder }) => {
        await git('config', 'core.repositoryFormatVersion', '1');
        await git('config', 'extensions.partialClone', 'origin');
        await git('config', 'remote.origin.uploadpack', `touch ${folder}/.git/ran; git-upload-pack`);
      },
      /configuration has changed/,
    ],
    [
      'grafts',
      async ({ folder }) =>
        writeFileSync(join(folder, '.git', 'info', 'grafts'), `${known('other')} ${known('first')}\n`),
      /has grafts/,
    ],
  ])('%s: the history is unknown', async (_, plant, reason) => {
    const clone = await origin.clone();
    try {
      expect(await read(clone, known('first'), known('other'))).toEqual({ kind: 'other' });
      await plant(clone);
      const missing = await read(clone, 'f'.repeat(40), known('other'));
      expect(missing).toEqual({ kind: 'unknown', reason: expect.stringMatching(reason) });
      expect((await read(clone, known('first'), known('other'))).kind).toBe('unknown');
      expect(existsSync(join(clone.folder, '.git', 'ran'))).toBe(false);
    } finally {
      clone.remove();
    }
  });
});

test('the way of first parents is at most 50 commits long and ends in a circle', () => {
  const ids = Array.from({ length: 80 }, (_, at) => `c${at}`);
  const chain = ids.map((id, at) => ({ id, parents: [`c${at - 1}`] }));
  expect(firstParents(chain, ['c0', 'c79'])).toHaveLength(50);
  expect(firstParents([{ id: 'c1', parents: ['c1'] }], ['c0', 'c1'])).toHaveLength(50);
});
