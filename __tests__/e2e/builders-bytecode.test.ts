import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Builders, openBuilders, startDaemon } from '../support/builders.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { openProject, type Project, type Run, tagsOf } from '../support/project.ts';
import { readPublished, runPython } from '../support/python-images.ts';
import { withoutLibrary } from '../support/python-projects.ts';

const dockerfile = (base: string): string =>
  `FROM ${base}\nWORKDIR /srv\nCOPY main.py part.py ./\nCMD ["python", "main.py"]\n`;
const files = { Dockerfile: dockerfile('python:3.11-slim'), 'main.py': 'import part\n', 'part.py': 'x = 1\n' };
const inputs = { 'bytecode-exclude': withoutLibrary, cache: 'none' };

/** What Python compiles by itself when it imports a module of the image. */
const program = `
import sys
seen = []
sys.addaudithook(lambda name, args: seen.append(args[1]) if name == 'compile' and str(args[1]).endswith('.py') else None)
import part
print(part.x, seen)`;

// what these builders are made of is built here, and a daemon of one's own needs root
(canOwnEngine ? describe : describe.skip).each<[string, (builders: Builders) => Promise<() => Promise<void>>]>([
  [
    'docker-container',
    async (builders) => {
      await builders.addContainer();
      return async () => undefined;
    },
  ],
  [
    'remote',
    async (builders) => {
      const daemon = await startDaemon();
      builders.addRemote(daemon.endpoint);
      return daemon.remove;
    },
  ],
])('bytecode on a builder of the driver %s', (_, start) => {
  let builders: Builders;
  let project: Project;
  let end: () => Promise<void>;
  let run: Run;

  beforeAll(async () => {
    builders = openBuilders();
    end = await start(builders);
    project = await openProject(files);
    run = await project.push('main', { env: builders.env, inputs: { ...inputs, bytecode: 'require' } });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    await end();
    builders.remove();
  }, 60_000);

  test('is compiled, proved and published: the last layer holds it, and Python takes it', async () => {
    expect(run.receipt.error).toBeNull();
    const { entries } = await readPublished(project.registry, run);
    const made = entries.filter(({ mode, size }) => !mode.startsWith('d') && size > 16).map(({ path }) => path);
    expect(made).toEqual(['main', 'part'].map((name) => `srv/__pycache__/${name}.cpython-311.pyc`));
    expect(runPython(`${project.image}@${run.outputs['digest']}`, program)).toBe('1 []\n');
  }, 60_000);

  test('is left out for want of Python where it is `on`, and is an error where it is required', async () => {
    await project.origin.commit('other', { Dockerfile: dockerfile('busybox:stable') });
    const required = await project.push('other', { env: builders.env, inputs: { ...inputs, bytecode: 'require' } });
    expect(required.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: expect.stringContaining('there is no Python in the image'),
    });
    expect(await tagsOf(project.registry)).not.toContain('other');
    const on = await project.push('other', { env: builders.env, inputs: { ...inputs, bytecode: 'on' } });
    expect(on.receipt.error).toBeNull();
    expect(on.receipt.notices).toContainEqual(expect.stringContaining('ships without bytecode'));
    expect(await tagsOf(project.registry)).toContain('other');
  }, 60_000);
});
