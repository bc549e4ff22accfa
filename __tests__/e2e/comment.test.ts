import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startGitHubComments } from '../support/github-comments.ts';
import { openProject, type Project } from '../support/project.ts';

let project: Project;
let github: Awaited<ReturnType<typeof startGitHubComments>>;
beforeAll(async () => {
  project = await openProject();
  github = await startGitHubComments();
}, 60_000);
afterAll(async () => {
  github.close();
  await project.close();
});

const token = 'ghs_canary-comment';
const pull = (test: string, more: Parameters<typeof project.pullRequest>[2] = {}) =>
  project.pullRequest(7, 'topic', {
    inputs: { 'github-token': token, test },
    env: { GITHUB_API_URL: github.url },
    ...more,
  });

test('a pull request has one comment, kept up to date, with what it takes to run the image', async () => {
  await project.origin.commit('topic', { message: 'hello topic\n' });
  const first = await pull('true');
  expect(first.green).toBe(true);
  expect(github.comments).toHaveLength(1);
  const digest = first.outputs['digest'];
  expect(github.comments[0]?.body).toContain(`docker run --rm -it ${project.image}@${digest}`);
  const failed = await pull('false');
  expect(failed.green).toBe(false);
  expect(github.comments).toHaveLength(1);
  expect(github.comments[0]?.body).toContain('### ❌ No image');
  expect(failed.main.log.replaceAll(`::add-mask::${token}`, '')).not.toContain(token);
});

test('a fork has none and the summary says so; GitHub that is down changes nothing', async () => {
  const asked = github.asked.length;
  const fork = await pull('true', { fork: 'mallory/app' });
  expect([fork.green, github.asked.length]).toEqual([true, asked]);
  expect(fork.summary).toContain('No comment on the pull request: the token');
  github.state.fault = (response) => void response.writeHead(502).end();
  const down = await pull('true');
  expect(down.green).toBe(true);
  expect(down.receipt).toMatchObject({ comment: { kind: 'none', reason: expect.stringContaining('HTTP 502') } });
});
