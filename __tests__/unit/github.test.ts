import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/model/secret.ts';
import { readRefHead } from '../../src/tools/checkout/github.ts';
import { openGit } from '../../src/tools/checkout/open-git.ts';
import { askRemote } from '../../src/tools/checkout/remote.ts';

const commit = 'c'.repeat(40);
const tagObject = 'd'.repeat(40);

let server: Server;
let replies: Record<string, [number, unknown] | 'never'>;
let asked: { path: string; authorization: string | undefined }[];
let api: { url: string; repository: string; token: Secret };

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization });
    const reply = replies[request.url ?? ''] ?? [404, { message: 'Not Found' }];
    if (reply === 'never') return;
    response.writeHead(reply[0], { 'content-type': 'application/json' }).end(JSON.stringify(reply[1]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  replies = {};
  asked = [];
  const { port } = server.address() as AddressInfo;
  api = { url: `http://127.0.0.1:${port}/api/v3`, repository: 'acme/app', token: new Secret('t0ken') };
});

function at(ref: string, type: string, sha = commit): [number, unknown] {
  return [200, { ref, object: { type, sha } }];
}

describe('the head of a ref, asked of GitHub’s API', () => {
  test('is its commit, asked once and as the token', async () => {
    replies['/api/v3/repos/acme/app/git/ref/heads%2Ffeature%2Fx'] = at('refs/heads/feature/x', 'commit');
    expect(await readRefHead(api, 'refs/heads/feature/x')).toEqual({ kind: 'known', commit });
    expect(asked.map(({ authorization }) => authorization)).toEqual(['token t0ken']);
  });

  test.each(['a"b', 'x?y=1', '../../user', 'a%2Fb', 'ä#1', 'refs/heads/main'])(
    'of a branch called %j is asked for it alone',
    async (name) => {
      const path = `/api/v3/repos/acme/app/git/ref/${encodeURIComponent(`heads/${name}`)}`;
      replies[path] = at(`refs/heads/${name}`, 'commit');
      expect(await readRefHead(api, `refs/heads/${name}`)).toEqual({ kind: 'known', commit });
      expect(asked.map((one) => one.path)).toEqual([path]);
    },
  );

  test('of an annotated git tag is the commit behind it', async () => {
    replies['/api/v3/repos/acme/app/git/ref/tags%2Fv1'] = at('refs/tags/v1', 'tag', tagObject);
    replies[`/api/v3/repos/acme/app/git/tags/${tagObject}`] = at('', 'commit');
    expect(await readRefHead(api, 'refs/tags/v1')).toEqual({ kind: 'known', commit });
  });

  test('is gone where the repository can be seen and the ref is not there', async () => {
    replies['/api/v3/repos/acme/app'] = [200, { id: 1 }];
    expect(await readRefHead(api, 'refs/heads/gone')).toEqual({ kind: 'gone' });
  });

  test('is unknown where the token may not see the repository: that is 404 as well', async () => {
    expect(await readRefHead(api, 'refs/heads/main')).toEqual({
      kind: 'unknown',
      reason: expect.stringContaining('Not Found'),
    });
  });

  test.each<[string, [number, unknown], string]>([
    ['refuses', [403, { message: 'Resource not accessible by integration' }], 'Resource not accessible'],
    ['fails', [500, { message: 'oops' }], 'oops'],
    ['answers nonsense', [200, { object: { type: 'commit', sha: 'main' } }], 'names a commit'],
    ['names a tree', at('', 'tree'), 'names a tree'],
    ['answers nothing', [200, {}], ''],
  ])('is unknown with a reason where the API %s', async (_, reply, reason) => {
    replies['/api/v3/repos/acme/app/git/ref/heads%2Fmain'] = reply;
    const head = await readRefHead(api, 'refs/heads/main');
    expect(head).toEqual({ kind: 'unknown', reason: expect.stringContaining(reason) });
    expect(JSON.stringify(head)).not.toContain('t0ken');
  });

  test('is unknown after 10 s without an answer', async () => {
    replies['/api/v3/repos/acme/app/git/ref/heads%2Fmain'] = 'never';
    const began = performance.now();
    expect(await readRefHead(api, 'refs/heads/main')).toEqual({ kind: 'unknown', reason: 'no answer within 10 s' });
    expect(performance.now() - began).toBeLessThan(12_000);
  }, 20_000);

  test('is unknown where nobody listens', async () => {
    const head = await readRefHead({ ...api, url: 'http://127.0.0.1:9' }, 'refs/heads/main');
    expect(head).toEqual({ kind: 'unknown', reason: expect.stringMatching(/\S/) });
  });
});

describe('askRemote', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/slipway-remote-`);
    execFileSync('git', ['-C', folder, 'init', '--quiet']);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('asks the API where git cannot be asked', async () => {
    replies['/api/v3/repos/acme/app/git/ref/heads%2Fmain'] = at('refs/heads/main', 'commit');
    expect(await askRemote(openGit(folder), 'refs/heads/main', api)).toEqual({
      head: { kind: 'known', commit },
      tags: undefined,
    });
  });

  test('tells both reasons where neither answers', async () => {
    const { head } = await askRemote(openGit(folder), 'refs/heads/main', api);
    expect(head).toEqual({ kind: 'unknown', reason: expect.stringMatching(/origin.*; GitHub's API: Not Found/) });
  });

  test('without a token asks nobody else', async () => {
    const { head } = await askRemote(openGit(folder), 'refs/heads/main', { ...api, token: undefined });
    expect(head.kind).toBe('unknown');
    expect(asked).toEqual([]);
  });

  test('does not ask the API what git answers', async () => {
    execFileSync('git', [
      '-C',
      folder,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'x',
    ]);
    execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', folder]);
    const here = execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    execFileSync('git', ['-C', folder, 'branch', '--force', 'side']);
    expect((await askRemote(openGit(folder), 'refs/heads/side', api)).head).toEqual({ kind: 'known', commit: here });
    expect(asked).toEqual([]);
  });
});
