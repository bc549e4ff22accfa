import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { app, openProject, type Project, type Run, tagsOf, writesTo } from '../support/project.ts';

const dockerfile = (app['Dockerfile'] ?? '').replace('USER nobody\n', '');
let project: Project;
beforeAll(async () => {
  // a step of its own must run in the first build, whatever was built here before
  project = await openProject({ ...app, Dockerfile: dockerfile, message: `${randomUUID()}\nhello\n` });
}, 60_000);
afterAll(() => project.close());

const push = (inputs: Readonly<Record<string, string>>): Promise<Run> =>
  project.push('main', { inputs: { ...inputs } });
const told = (run: Run) => run.main.log.match(/^the image (?:was|is not) checked.*/gm) ?? [];

test('a severity holds an image that runs as root, before anything is public; said to be meant so, it ships', async () => {
  const held = await push({ checks: 'high' });
  expect([held.green, held.receipt.error?.code]).toEqual([false, 'checks-failed']);
  expect(told(held)).toEqual([expect.stringContaining('1 high')]);
  expect(held.receipt.error?.message).toContain('runs-as-root');
  expect([await tagsOf(project.registry), await writesTo(project.registry)]).toEqual([[], []]);

  const meant = await push({ checks: 'high', 'checks-ignore': 'runs-as-root: it binds port 80' });
  expect([meant.green, meant.outputs['reused']]).toEqual([true, 'false']);
  expect(await tagsOf(project.registry)).toContain('main');

  const known = await push({ checks: 'high', 'checks-ignore': 'runs-as-root: it binds port 80' });
  expect([known.green, known.outputs['reused']]).toEqual([true, 'true']);
  const because = 'the run that published it asked the same of it';
  expect(told(known)).toEqual([`the image is not checked: ${because}`]);
  expect(known.receipt).toMatchObject({ checks: { because, found: null } });
  expect(known.receipt.steps.map(({ name }) => name)).not.toContain('Check');
  expect(known.summary).toContain(`### Checks\n\nThe image is not checked: ${because}.`);

  const reused = await push({ checks: 'high' });
  expect([reused.green, reused.receipt.error?.code]).toEqual([false, 'checks-failed']);
  const full = await push({ checks: 'full' });
  expect([full.green, full.outputs['reused']]).toEqual([true, 'true']);
}, 300_000);

test('a report holds nothing, reads what a step made, and nothing else', async () => {
  await project.origin.commit('topic', { message: `${randomUUID()}\nhello\n` });
  const first = await project.push('topic');
  expect([first.green, told(first)]).toEqual([true, [expect.stringMatching(/ in [0-9.]+ s: 1 high/)]]);
  expect(first.runnerFiles.map((name) => `/${name}`)).toContain(first.outputs['sarif']?.match(/\/[^/]+\.sarif$/)?.[0]);
  expect(first.summary).toContain('The image runs as root');
  const again = await project.push('topic', { inputs: { reuse: 'off' } });
  expect([again.green, told(again)]).toEqual([true, [expect.stringMatching(/^the image is not checked: no step /)]]);
  const reused = await project.push('topic');
  expect([reused.green, told(reused)]).toEqual([
    true,
    [expect.stringMatching(/^the image is not checked: .* was there/)],
  ]);
  expect(reused.receipt).toMatchObject({ checks: { because: expect.stringContaining('was there'), found: null } });
  expect(reused.summary).toMatch(/^### Checks\n\nThe image is not checked: the image was there already/m);
}, 120_000);

test('switched off, nothing is looked at', async () => {
  await project.origin.commit('quiet', { message: `${randomUUID()}\nhello\n` });
  const run = await project.push('quiet', { inputs: { checks: 'off' } });
  expect([run.green, told(run)]).toEqual([true, []]);
}, 120_000);
