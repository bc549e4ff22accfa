import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startGitHubComments } from '../support/github-comments.ts';
import { openProject, type Project, type Run } from '../support/project.ts';

const site = 'site-packages';
const metadata = (name: string, version: string) => ({
  [`${site}/${name}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
});
const status = (...packages: string[]) =>
  packages.map((one) => `Package: ${one}\nStatus: install ok installed\nVersion: 1.0-1\n\n`).join('');

const dockerfile = (...more: string[]) =>
  [
    'ARG BASE=busybox:stable',
    'FROM $BASE AS base',
    'ARG NOTHING=1',
    'ENV A=1 \\',
    '    B=2',
    'COPY status /var/lib/dpkg/status',
    'FROM base AS test',
    'RUN true',
    'FROM base',
    'LABEL a=b c=d',
    'WORKDIR /app',
    'EXPOSE 80 81',
    `COPY ${site} /usr/lib/python3/site-packages`,
    'COPY data /app/data',
    ...more,
    'HEALTHCHECK NONE',
    'CMD ["cat", "/app/data"]',
    '',
  ].join('\n');

let project: Project;
let github: Awaited<ReturnType<typeof startGitHubComments>>;
beforeAll(async () => {
  project = await openProject({
    Dockerfile: dockerfile(),
    '.dockerignore': '.git\n',
    status: status('libc6'),
    data: 'few\n',
    ...metadata('kept', '1.0'),
    ...metadata('Moved_On', '1.0'),
    ...metadata('gone', '2.0'),
  });
  github = await startGitHubComments();
}, 60_000);
afterAll(async () => {
  github.close();
  await project.close();
});

const plain = (text: string) => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
const diffOf = ({ receipt }: Run) => (receipt as unknown as { diff: unknown }).diff;

test('a pull request is told what it changes in the image: layers by their lines, packages, size', async () => {
  const first = await project.push('main');
  expect([first.green, diffOf(first)]).toEqual([true, null]);
  await project.origin.commit('topic', {
    Dockerfile: dockerfile('COPY status.new /var/lib/dpkg/status'),
    'status.new': status('libc6', 'zlib1g'),
    data: randomBytes(300_000).toString('hex'),
    [`${site}/gone-2.0.dist-info/METADATA`]: null,
    [`${site}/Moved_On-1.0.dist-info/METADATA`]: null,
    ...metadata('moved.on', '1.1'),
    ...metadata('come', '3.0'),
  });
  const run = await project.pullRequest(7, 'topic', {
    inputs: { 'github-token': 'ghs_canary-diff' },
    env: { GITHUB_API_URL: github.url },
  });
  expect(run.green).toBe(true);
  expect(diffOf(run)).toMatchObject({
    reference: `${project.image}:main`,
    digest: first.outputs['digest'],
    packages: {
      changes: [
        { kind: 'debian', name: 'zlib1g', before: '', after: '1.0-1' },
        { kind: 'python', name: 'come', before: '', after: '3.0' },
        { kind: 'python', name: 'gone', before: '2.0', after: '' },
        { kind: 'python', name: 'moved-on', before: '1.0', after: '1.1' },
      ],
      unread: [],
    },
  });
  expect((diffOf(run) as { layers: unknown[] }).layers).toMatchObject([
    { from: 'line', file: 'Dockerfile', line: 14, instruction: 'COPY data /app/data' },
    { from: 'line', line: 15, before: null },
    { from: 'line', line: 13 },
  ]);
  const comment = plain(github.comments[0]?.body ?? '');
  expect(comment).toMatch(/0\.3 MB by <code>Dockerfile:14<\/code> <code>COPY data \/app\/data/);
  expect(comment).toContain('- removed <code>gone</code> 2.0\n- <code>moved-on</code> 1.0 → 1.1');
  expect(plain(run.summary)).toMatch(/\| <code>come<\/code> \| python \| — \| 3\.0 \|/);
}, 240_000);

test('a branch without a change has the same layers, and main is compared with what it was', async () => {
  await project.origin.commit('quiet', { '.dockerignore': '.git\nnothing\n', nothing: 'x' });
  const quiet = await project.push('quiet');
  expect(diffOf(quiet)).toMatchObject({ layers: [], packages: { changes: [], unread: [] } });
  expect(quiet.summary).toContain('with the same layers');
  await project.origin.commit('main', metadata('late', '1'));
  expect(diffOf(await project.push('main'))).toMatchObject({
    packages: { changes: [{ name: 'late', before: '', after: '1' }] },
  });
  expect(diffOf(await project.push('main'))).toBeNull();
}, 240_000);
