import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOlder } from '../../src/plan/machine.ts';
import { type Builders, type Daemon, openBuilders, startDaemon } from '../support/builders.ts';
import { imageStore } from '../support/image-store.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { foreign, machines, native, prepareBase, runsForeign } from '../support/platforms.ts';
import { bench, leftovers, openProject, type Project, runImageOn } from '../support/project.ts';

const keepsIndexes = imageStore.kind === 'containerd' && !isOlder(bench.engine.version, '28.0');
const inputs = { platforms: `${native},${foreign}`, bytecode: 'require', 'bytecode-exclude': '/usr/lib/python3**' };
/** On which machine Python runs, and what it compiles by itself when it imports a module. */
const program = `
import os, sys
seen = []
sys.addaudithook(lambda name, args: seen.append(args[1]) if name == 'compile' and str(args[1]).endswith('.py') else None)
import part
print(os.uname().machine, os.path.exists(part.__cached__), seen)`;

interface Bytecode {
  readonly platform: string | null;
  readonly proof: { readonly start: { readonly compiled: readonly string[]; readonly reason: string } } | null;
  readonly others: readonly Bytecode[];
}

(canOwnEngine && runsForeign && keepsIndexes ? describe : describe.skip)('bytecode on two machines', () => {
  let builders: Builders;
  let daemons: readonly Daemon[];
  let project: Project;

  beforeAll(async () => {
    builders = openBuilders();
    const [one, other] = await Promise.all([startDaemon(), startDaemon()]);
    daemons = [one, other];
    builders.addShared([
      [native, one.endpoint],
      [foreign, other.endpoint],
    ]);
    const lines = [`FROM ${await prepareBase('python')}`, 'WORKDIR /srv', 'COPY *.py ./', 'CMD ["python3", "main.py"]'];
    const files = { 'main.py': 'import part\n', 'part.py': 'x = 1\n', '.dockerignore': '.git\n' };
    project = await openProject({ ...files, Dockerfile: `${lines.join('\n')}\n` });
  }, 1_200_000);
  afterAll(async () => {
    await project.close();
    builders.remove();
    await Promise.all(daemons.map((daemon) => daemon.remove()));
  }, 60_000);

  test('is made on each for its own platform, proved and published', async () => {
    const run = await project.push('main', { env: builders.env, inputs: { ...inputs, cache: 'none' } });
    expect(run.receipt.error).toBeNull();
    const { bytecode } = run.receipt as unknown as { bytecode: Bytecode | null };
    const proved = { proof: { start: { compiled: [], reason: '' } } };
    expect(bytecode).toMatchObject({ platform: native, ...proved, others: [{ platform: foreign, ...proved }] });
    for (const [platform, machine] of [
      [native, machines.native],
      [foreign, machines.foreign],
    ] as const) {
      const image = `${project.image}@${run.outputs['digest']}`;
      expect(runImageOn(platform, image, 'python3', '-c', program)).toBe(`${machine} True []\n`);
    }
    expect(leftovers(run, project.image)).toEqual([]);
  }, 300_000);
});
