import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { obtainAct, runWorkflows } from '../../scripts/testbed/act.mjs';
import { pullRequest, pushBranch, pushTag } from '../../scripts/testbed/payloads.mjs';
import { app, bench, digestOfTag, openProject, type Project, tagsOf } from '../support/project.ts';

const act = await obtainAct((line) => process.stderr.write(`${line}\n`));

interface Workflow {
  on: { push: Record<string, unknown>; schedule?: readonly unknown[] };
  jobs: Record<string, { steps: { id?: string; uses?: string; with?: Record<string, string> }[] }>;
}

/** The example's own workflow. What act cannot have is taken out: the login, which it would fetch from GitHub and which a registry on
 * loopback does not ask for; the action comes from the checkout, the app is small, and tags and a schedule start it as well. */
function adaptWorkflow(image: string): string {
  const workflow = parse(readFileSync('examples/python-app/.github/workflows/image.yml', 'utf8')) as Workflow;
  workflow.on.push['tags'] = ['**'];
  workflow.on.schedule = [{ cron: '0 3 * * *' }];
  for (const job of Object.values(workflow.jobs))
    job.steps = job.steps.flatMap((step) => {
      if (step.uses?.startsWith('docker/login-action@') === true) return [];
      if (step.uses?.startsWith('OWNER/slipway@') !== true) return [step];
      const small = { 'test-image': 'cat /app/message', verify: 'docker run --rm "$SLIPWAY_IMAGE" | grep -q hello' };
      return [{ ...step, id: 'slipway', uses: './.github/slipway', with: { ...step.with, ...small, image } }];
    });
  return stringify(workflow);
}

/** This action as files of the repository that uses it: act takes along what git knows and nothing else. */
function readAction(folder: string): Record<string, string> {
  const parts = ['action.yml', ...readdirSync('dist').map((name) => join('dist', name))];
  return Object.fromEntries(parts.map((part) => [join(folder, part), readFileSync(part, 'utf8')]));
}

describe('the example’s workflow, run by act', () => {
  let project: Project;
  let main: string;

  beforeAll(async () => {
    project = await openProject();
    main = await project.origin.commit('main', {
      ...app,
      '.dockerignore': '.git\n.github\n',
      '.github/workflows/image.yml': adaptWorkflow(project.image),
      ...readAction('.github/slipway'),
    });
  });

  afterAll(async () => {
    await project.close();
  });

  async function run(event: { name: string; payload: unknown }, ref: string) {
    const clone = await project.origin.clone({ ref, depth: 0 });
    try {
      const env = { ...process.env, ...bench.env } as Record<string, string>;
      return await runWorkflows({ act, node: bench.node24, workspace: clone.folder, event, env });
    } finally {
      clone.remove();
    }
  }

  function expectGreen(done: Awaited<ReturnType<typeof run>>) {
    expect(done.log).not.toContain('##[error]');
    expect(done.green ? '' : done.log).toBe('');
    expect(done.steps).toEqual(expect.arrayContaining(['./.github/slipway', 'Post ./.github/slipway']));
    return done.outputs['slipway'] ?? {};
  }

  test('push to main', async () => {
    const done = await run(pushBranch({ branch: 'main', sha: main }), 'refs/heads/main');
    const outputs = expectGreen(done);
    expect(outputs).toMatchObject({ role: 'main', tag: 'main', current: 'true', pushed: 'true', reused: 'false' });
    for (const tag of ['main', 'latest', `sha-${main.slice(0, 12)}`])
      expect([tag, await digestOfTag(project.registry, tag)]).toEqual([tag, outputs['digest']]);
    expect(done.log).toContain('published');
  });

  test('pull request', async () => {
    await project.origin.commit('topic', { message: 'hello topic\n' }, { from: main });
    const merged = await project.origin.pullRequest({ number: 7, head: 'refs/heads/topic' });
    const outputs = expectGreen(await run(pullRequest({ number: 7, head: 'topic', ...merged }), 'refs/pull/7/merge'));
    expect(outputs).toMatchObject({ role: 'pull-request', tag: 'pr-7', pushed: 'true' });
    for (const tag of ['pr-7', 'topic'])
      expect([tag, await digestOfTag(project.registry, tag)]).toEqual([tag, outputs['digest']]);
  });

  test('tag push', async () => {
    await project.origin.tag('v1.2.3', main);
    const outputs = expectGreen(await run(pushTag({ tag: 'v1.2.3', sha: main }), 'refs/tags/v1.2.3'));
    expect(outputs).toMatchObject({ role: 'release', tag: '1.2.3', version: '1.2.3', pushed: 'true' });
    for (const tag of ['1.2.3', '1.2', '1', 'latest'])
      expect([tag, await digestOfTag(project.registry, tag)]).toEqual([tag, outputs['digest']]);
  });

  test('schedule', async () => {
    const { payload } = pushBranch({ branch: 'main', sha: main });
    const { repository } = payload as { repository: unknown };
    const before = await tagsOf(project.registry);
    const event = { name: 'schedule', payload: { schedule: '0 3 * * *', repository } };
    const outputs = expectGreen(await run(event, 'refs/heads/main'));
    expect(outputs).toMatchObject({ role: 'main', tag: 'main', current: 'true', reused: 'false' });
    expect(await digestOfTag(project.registry, 'main')).toBe(outputs['digest']);
    const fresh = (await tagsOf(project.registry)).filter((tag) => !before.includes(tag));
    expect(fresh.every((tag) => tag.startsWith(`sha-${main.slice(0, 12)}`))).toBe(true);
  });
});
