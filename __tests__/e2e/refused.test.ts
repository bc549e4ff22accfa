import { spawnSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outputNames } from '../../src/report/outputs.ts';
import { digestOfTag, leftovers, openProject, type Project, type Run, tagsOf, writesTo } from '../support/project.ts';

let project: Project;

beforeAll(async () => {
  project = await openProject();
});

afterAll(async () => {
  await project.close();
});

/** The one annotation of a red run says what its receipt says, with the way out; every output is there, empty where it has no value. */
function expectTold(run: Run): void {
  const errors = run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  const { message, hint } = run.receipt.error ?? { message: 'no error', hint: 'no way out' };
  expect(errors).toEqual([expect.stringContaining(`${message}\n${hint}`)]);
  expect(hint).not.toBe('');
  expect(Object.keys(run.outputs).toSorted()).toEqual([...outputNames].toSorted());
}

describe('a test that fails', () => {
  test.each<[string, Record<string, string>]>([
    ['test', { test: 'echo broken; exit 3' }],
    ['test that is killed', { test: 'kill -9 $$' }],
    ['test-target', { 'test-target': 'test', 'build-args': 'X=1', file: 'Failing.Dockerfile' }],
    ['test-image', { 'test-image': 'true\nfalse' }],
    ['verify', { verify: 'test -z "$SLIPWAY_IMAGE"' }],
  ])('%s: red, and nothing is public', async (_, inputs) => {
    const failing = 'FROM busybox:stable AS base\nCOPY . /app\nFROM base AS test\nRUN false\nFROM base\n';
    const run = await project.push('main', {
      inputs,
      prepare: (folder) => writeFileSync(join(folder, 'Failing.Dockerfile'), failing),
    });
    expect(run.green).toBe(false);
    expect(run.receipt.error?.code).toBe('test-failed');
    expectTold(run);
    expect(await writesTo(project.registry)).toEqual([]);
    expect(await tagsOf(project.registry)).toEqual([]);
    expect(run.outputs).toMatchObject({ pushed: 'false', tags: '', current: 'false' });
    expect(run.receipt.tests.some(({ passed }) => !passed)).toBe(true);
    expect(leftovers(run, project.image)).toEqual([]);
  });
});

describe('a build that fails', () => {
  test.each<[string, string, string]>([
    ['a RUN', 'FROM busybox:stable\nRUN echo no luck && false\n', 'RUN echo no luck'],
    ['a COPY of what is not there', 'FROM busybox:stable\nCOPY nothing /\n', 'nothing'],
    ['a base image that is not there', 'FROM no-such-image:0\n', 'no-such-image'],
    ['a Dockerfile that is none', 'FORM busybox\n', 'FORM'],
  ])('%s: red, names the cause, nothing is public', async (_, dockerfile, cause) => {
    const run = await project.push('main', {
      inputs: { test: 'sleep 300' },
      prepare: (folder) => writeFileSync(join(folder, 'Dockerfile'), dockerfile),
    });
    expect(run.green).toBe(false);
    expect(run.receipt.error).toMatchObject({ code: 'build-failed', message: expect.stringContaining(cause) });
    expectTold(run);
    expect(run.main.ms).toBeLessThan(55_000);
    expect(await writesTo(project.registry)).toEqual([]);
    expect(leftovers(run, project.image)).toEqual([]);
  });
});

describe('before anything runs', () => {
  test('all wrong inputs are told together and nothing is asked of the registry', async () => {
    const mark = await project.registry.mark();
    const run = await project.push('main', { inputs: { push: 'maybe', 'test-timeout': 'soon', tags: 'x' } });
    expect(run.green).toBe(false);
    expect(run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /3 inputs are wrong:[\s\S]*tags: there is no[\s\S]*test-timeout: "soon"[\s\S]*push: "maybe"/,
      ),
    ]);
    expect(await mark()).toEqual([]);
    expect(run.receipt.error?.code).toBe('invalid-input');
    expectTold(run);
  });

  test('a context that would ship the checkout’s token is refused, and one that leaves it out is built', async () => {
    const mark = await project.registry.mark();
    const prepare = (folder: string): void => {
      const header = '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n';
      appendFileSync(join(folder, '.git/config'), header);
    };
    const inputs = { push: 'false', test: 'touch "$RUNNER_TEMP/ran"' };
    const kept = await project.push('main', { inputs, prepare });
    expect([kept.receipt.error, kept.runnerFiles.includes('ran')]).toEqual([null, true]);
    const sent = await project.push('main', {
      inputs,
      prepare: (folder) => {
        prepare(folder);
        rmSync(join(folder, '.dockerignore'));
      },
    });
    expect(sent.receipt.error).toMatchObject({
      code: 'context-refused',
      message: expect.stringMatching(
        /\/Dockerfile:4: COPY \. would put the checkout’s token \(\.git\/config\) into a layer$/,
      ),
      hint: expect.stringMatching(/\.dockerignore.*persist-credentials: false/),
    });
    expectTold(sent);
    expect([sent.green, sent.runnerFiles.includes('ran')]).toEqual([false, false]);
    expect(sent.main.log).not.toContain('build │');
    expect((await mark()).filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  test('a checkout that is neither the event’s commit nor the head is refused', async () => {
    const old = await project.origin.sha('refs/heads/main');
    await project.origin.commit('main', { message: 'hello two\n' });
    const run = await project.push('main', {
      depth: 0,
      prepare: (folder) => spawnSync('git', ['-C', folder, 'checkout', '--quiet', '--detach', old]),
    });
    expect(run.green).toBe(false);
    expect(run.receipt.error?.code).toBe('checkout-mismatch');
    expect(await writesTo(project.registry)).toEqual([]);
  });

  test('a registry that is down is found before the build', async () => {
    const other = await openProject();
    await other.registry.stop();
    const run = await other.push('main', { inputs: { test: 'touch "$RUNNER_TEMP/ran"' } });
    expect(run.green).toBe(false);
    expect(run.receipt.error).toMatchObject({
      code: 'registry-failed',
      message: expect.stringContaining(other.registry.host),
    });
    expect(run.runnerFiles).not.toContain('ran');
    expect(run.main.log).not.toContain('build │');
    await other.close();
  });

  test('push: false builds and tests and writes nothing', async () => {
    const run = await project.push('main', { inputs: { push: 'false', test: 'true' } });
    expect(run.green).toBe(true);
    expect(run.outputs).toMatchObject({ pushed: 'false', role: 'main', tag: 'main' });
    expect(await writesTo(project.registry)).toEqual([]);
  });
});

describe('a run that is not about the head any more', () => {
  test('writes its fixed tag and leaves the moving ones', async () => {
    const other = await openProject();
    const old = await other.origin.sha('refs/heads/main');
    await other.origin.commit('main', { message: 'hello newer\n' });
    const newer = await other.push('main');
    const stale = await other.pushOld('main', old);
    expect(stale.green).toBe(true);
    expect(stale.outputs).toMatchObject({
      current: 'false',
      pushed: 'true',
      tags: `${other.image}:sha-${old.slice(0, 12)}`,
    });
    expect(stale.outputs['superseded-tags']?.split('\n').toSorted()).toEqual([
      `${other.image}:latest`,
      `${other.image}:main`,
    ]);
    expect(await digestOfTag(other.registry, 'main')).toBe(newer.outputs['digest']);
    expect(await digestOfTag(other.registry, 'latest')).toBe(newer.outputs['digest']);
    await other.close();
  });
});
