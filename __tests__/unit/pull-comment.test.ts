import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ActionError } from '../../src/errors.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { Secret } from '../../src/model/secret.ts';
import { planComment } from '../../src/plan/comment.ts';
import { renderComment } from '../../src/report/comment.ts';
import type { Facts } from '../../src/report/facts.ts';
import { writeComment } from '../../src/tools/pull-comment.ts';
import { digest, facts, image, tagRecord } from '../support/facts.ts';
import { startGitHubComments } from '../support/github-comments.ts';

const owner = {
  workflow: 'acme/app/.github/workflows/image.yml',
  runUrl: 'https://github.com/acme/app/actions/runs/1',
};
const inputs = { repositories: [parseRepository('ghcr.io/acme/app')] } as unknown as Facts['inputs'];
const shipped = facts({
  inputs,
  image,
  verdict: { kind: 'ship' } as Facts['verdict'],
  tags: [tagRecord('pr-7'), tagRecord('topic', { outcome: 'superseded', after: digest('b') })],
  tests: [{ kind: 'test', command: 'pytest', platform: undefined, passed: true, ms: 5 }],
});

describe('what a comment says', () => {
  test('of an image that was published: its tags, how to run it, its tests', () => {
    const { body, marker } = renderComment(shipped, owner);
    expect(body.startsWith(marker)).toBe(true);
    expect(body).toContain('### ✅ Image built, tested and published');
    expect(body).toContain(`\`\`\`sh\ndocker run --rm -it ghcr.io/acme/app@${digest('a')}\n\`\`\``);
    expect(body).toMatch(/pr-7<\/code>\n- .*topic<\/code> \(superseded\)/);
    expect(body).toContain('Passed: <code>test</code>.');
  });

  test('of a run that failed: why, and nothing to run', () => {
    const error = new ActionError('test-failed', 'no <b>', { hint: 'look' });
    const { body } = renderComment({ ...shipped, error }, owner);
    expect(body).toContain('### ❌ No image\n\nno &lt;b&gt;\n\nLook');
    expect(body).not.toContain('docker run');
  });

  test('is found by image and workflow, and is news where a reader sees something new', () => {
    const one = renderComment(shipped, owner);
    const later = renderComment(shipped, { ...owner, runUrl: 'https://github.com/acme/app/actions/runs/2' });
    expect([later.marker, later.fingerprint]).toEqual([one.marker, one.fingerprint]);
    expect(renderComment(shipped, { ...owner, workflow: 'other' }).marker).not.toBe(one.marker);
    const changed = renderComment({ ...shipped, tests: [] }, owner);
    expect([changed.marker === one.marker, changed.fingerprint === one.fingerprint]).toEqual([true, false]);
  });

  test('is never longer than GitHub takes, and says what it leaves out', () => {
    const rows = Array.from({ length: 4_000 }, (_, at) => tagRecord(`tag-${at}`));
    const { body } = renderComment({ ...shipped, tags: [...shipped.tags, ...rows] }, owner);
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain('Left out, because GitHub takes no longer comment: the tags. The run’s summary has it.');
    expect(body).toContain('Passed: <code>test</code>.');
    const error = new ActionError('build-failed', `x\n${`${'|'.repeat(2_000)}\n`.repeat(200)}`, { hint: 'look' });
    expect(renderComment({ ...shipped, error }, owner).body.length).toBeLessThan(65_536);
  });

  test('no text from outside ends its comments or begins others', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const error = new ActionError('build-failed', `x${text}--><!-- slipway:`, { hint: text });
        const { body } = renderComment({ ...shipped, error }, owner);
        expect(body.match(/<!--/g)).toHaveLength(2);
        expect(body.match(/-->/g)).toHaveLength(2);
      }),
    );
  });
});

describe('whether there is one', () => {
  const pull = { number: 7, action: 'opened', headRef: 'x', headSha: 'c'.repeat(40), sameRepository: true };
  const asked = {
    setting: 'auto',
    event: { kind: 'pull-request', ref: {}, pull },
    role: 'pull-request',
    hasToken: true,
  } as never as Parameters<typeof planComment>[0];
  test.each<[string, Partial<typeof asked>, object]>([
    ['a pull request of the repository', {}, { kind: 'write', pull: 7 }],
    ['a fork', { role: 'untrusted' }, { kind: 'none', because: expect.stringContaining('fork') }],
    ['no token', { hasToken: false }, { kind: 'none', because: expect.stringContaining('github-token') }],
    ['`comment: false`', { setting: 'false' }, { kind: 'none', because: '' }],
    ['a push', { setting: 'true', event: { kind: 'push' } as never }, { kind: 'none', because: '' }],
    [
      'a pull request that was closed',
      { event: { kind: 'pull-request', pull: { ...pull, action: 'closed' } } as never },
      { kind: 'none', because: '' },
    ],
  ])('%s', (_, change, plan) => expect(planComment({ ...asked, ...change })).toEqual(plan));
});

describe('the comment on GitHub', () => {
  let github: Awaited<ReturnType<typeof startGitHubComments>>;
  const wanted = renderComment(shipped, owner);
  const never = new AbortController().signal;
  beforeEach(async () => {
    github = await startGitHubComments();
  });
  afterEach(() => github.close());
  const write = (comment = wanted, cancel = never) =>
    writeComment({ url: github.url, repository: 'acme/app', token: new Secret('t0ken'), pull: 7 }, comment, cancel);

  test('is written once, left alone while it says the same, and changed in place', async () => {
    expect(await write()).toEqual({ kind: 'written', reason: '' });
    expect(await write()).toEqual({ kind: 'unchanged', reason: '' });
    const news = renderComment({ ...shipped, tests: [] }, owner);
    expect(await write(news)).toEqual({ kind: 'updated', reason: '' });
    expect(github.comments.map(({ body }) => body)).toEqual([news.body]);
    expect(github.asked).toEqual(['list', 'addComment', 'list', 'list', 'updateIssueComment']);
  });

  test('somebody else’s with our marker stays theirs, and so does ours that only quotes it', async () => {
    github.comments.push({ id: 'theirs', body: `${wanted.marker}\nmine!`, author: 'mallory' });
    github.comments.push({ id: 'quote', body: `> ${wanted.marker}`, author: 'github-actions' });
    expect(await write()).toMatchObject({ kind: 'written' });
    expect(github.comments.map(({ body }) => body)).toEqual([
      `${wanted.marker}\nmine!`,
      `> ${wanted.marker}`,
      wanted.body,
    ]);
  });

  test('is found behind a thousand others', async () => {
    for (let at = 0; at < 1_000; at++) github.comments.push({ id: `o${at}`, body: 'hello', author: 'octocat' });
    await write();
    expect(await write()).toMatchObject({ kind: 'unchanged' });
    expect(github.comments).toHaveLength(1_001);
  });

  const status =
    (code: number, body: object, headers = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      '403, the token may not',
      status(403, { message: 'Resource not accessible by integration' }),
      /^HTTP 403: Resource not/,
    ],
    [
      '403 in words of GraphQL',
      status(200, { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] }),
      /Resource not accessible/,
    ],
    ['404, no such API', status(404, { message: 'Not Found' }), /^HTTP 404: Not Found/],
    ['422', status(422, { message: 'Validation Failed' }), /^HTTP 422/],
    ['502', status(502, { message: 'Bad Gateway' }), /^HTTP 502/],
    [
      'a secondary rate limit',
      status(403, { message: 'You have exceeded a secondary rate limit' }, { 'retry-after': '60' }),
      /^HTTP 403: .*secondary rate limit/,
    ],
    ['no JSON', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /./],
    ['an empty repository', status(200, { data: { repository: null } }), /./],
    ['a connection that breaks', (response) => void response.destroy(), /./],
  ])('%s: there is none, the reason is told, and nothing is thrown', async (_, fault, reason) => {
    github.state.fault = fault;
    const outcome = await write();
    expect(outcome).toEqual({ kind: 'none', reason: expect.stringMatching(reason) });
    expect(outcome.reason).not.toContain('t0ken');
    expect(github.comments).toEqual([]);
  });

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['403', status(403, { message: 'Resource not accessible by integration' }), /^HTTP 403: Resource/],
    [
      '404 in words of GraphQL, of a comment that was deleted meanwhile',
      status(200, { data: null, errors: [{ type: 'NOT_FOUND', message: 'Could not resolve to a node' }] }),
      /Could not resolve to a node/,
    ],
    ['422', status(422, { message: 'Body is too long (maximum is 65536 characters)' }), /^HTTP 422: Body is too long/],
    ['503', status(503, { message: 'Unavailable' }), /^HTTP 503/],
    ['429', status(429, { message: 'API rate limit exceeded' }, { 'retry-after': '60' }), /^HTTP 429/],
  ])('%s where it is written or changed: what is there stays, and the reason is told', async (_, fault, reason) => {
    github.state.faultAt = { operation: 'addComment', fault };
    expect(await write()).toEqual({ kind: 'none', reason: expect.stringMatching(reason) });
    github.state.faultAt = undefined;
    await write();
    github.state.faultAt = { operation: 'updateIssueComment', fault };
    const news = renderComment({ ...shipped, tests: [] }, owner);
    expect(await write(news)).toEqual({ kind: 'none', reason: expect.stringMatching(reason) });
    expect(github.comments.map(({ body }) => body)).toEqual([wanted.body]);
  });

  test('a cancelled run does not wait for it', async () => {
    github.state.fault = () => undefined;
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    expect(await write(wanted, cancel.signal)).toMatchObject({ kind: 'none' });
  });
});
