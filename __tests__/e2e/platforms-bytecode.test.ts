import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOlder } from '../../src/plan/machine.ts';
import { imageStore } from '../support/image-store.ts';
import { foreign, native, preparePython, runsForeign } from '../support/platforms.ts';
import { bench, leftovers, openProject, type Run, runImageOn, tagsOf } from '../support/project.ts';
import { receiptProblems } from '../support/receipt-schema.ts';

type Project = Awaited<ReturnType<typeof openProject>>;

const hasIndexes = imageStore.kind === 'containerd' && !isOlder(bench.engine.version, '28.0');
const [nativeFolder, foreignFolder] = [native, foreign].map((one) => one.split('/')[1] ?? '');
const inputs = {
  platforms: `${native},${foreign}`,
  bytecode: 'require',
  'bytecode-exclude': '/usr/lib/python3**',
  cache: 'none',
};
/** Which modules Python has a `.pyc` for, and what it compiles by itself when it imports one. */
const program = `
import os, sys
seen = []
sys.addaudithook(lambda name, args: seen.append(args[1]) if name == 'compile' and str(args[1]).endswith('.py') else None)
import part
print(os.uname().machine, part.NAME, os.path.exists(part.__cached__), seen)`;

interface Bytecode {
  readonly platform: string | null;
  readonly compiled: number;
  readonly proof: {
    readonly coverage: readonly { readonly kind: string; readonly sources: number; readonly loaded: number }[];
    readonly start: { readonly what: string | null; readonly compiled: readonly string[]; readonly reason: string };
  } | null;
  readonly others: readonly Bytecode[];
}

const bytecodeOf = (run: Run) => (run.receipt as unknown as { bytecode: Bytecode | null }).bytecode;

(runsForeign && hasIndexes ? describe : describe.skip)('bytecode for two platforms', () => {
  let project: Project;
  let run: Run;

  beforeAll(async () => {
    const Dockerfile = [
      `FROM ${await preparePython()}`,
      'ARG TARGETARCH',
      'WORKDIR /srv',
      'COPY $TARGETARCH main.py ./',
      'USER 1234',
      'CMD ["python3", "main.py"]',
      '',
    ].join('\n');
    const files = {
      [`${nativeFolder}/part.py`]: 'NAME = "native"\n',
      [`${foreignFolder}/part.py`]: 'NAME = "foreign"\n',
    };
    project = await openProject({ Dockerfile, '.dockerignore': '.git\n', 'main.py': 'import part\n', ...files });
    run = await project.push('main', { inputs });
  }, 600_000);
  afterAll(() => project.close());

  test('is made by each platform’s own Python, and taken by it', () => {
    expect(run.receipt.error).toBeNull();
    for (const [platform, name] of [
      [native, 'native'],
      [foreign, 'foreign'],
    ] as const)
      expect(runImageOn(platform, `${project.image}@${run.outputs['digest']}`, 'python3', '-c', program)).toMatch(
        new RegExp(`^\\w+ ${name} True \\[\\]\\n$`),
      );
  }, 120_000);

  test('is proved for each, by its files and by starting it, and told of each', () => {
    const proved = {
      compiled: 2,
      proof: {
        coverage: expect.arrayContaining([{ kind: 'app', sources: 2, loaded: 2 }]),
        start: { what: 'the image’s command', compiled: [], reason: '' },
      },
    };
    expect(bytecodeOf(run)).toMatchObject({
      platform: native,
      ...proved,
      others: [{ platform: foreign, ...proved, others: [] }],
    });
    expect(receiptProblems(run.receipt)).toEqual([]);
    for (const platform of [native, foreign])
      expect(run.summary).toContain(`Bytecode for ${platform}: 2 modules compiled`);
    expect(leftovers(run, project.image)).toEqual([]);
  });

  test('holds everything where one platform’s image compiles at its start', async () => {
    const before = await tagsOf(project.registry);
    const part = 'import sys\nsys.path.insert(0, "/srv/node_modules")\nimport hidden\n';
    await project.origin.commit('wrong', {
      [`${foreignFolder}/part.py`]: part,
      [`${foreignFolder}/node_modules/hidden.py`]: 'x = 1\n',
    });
    const wrong = await project.push('wrong', { inputs });
    expect(wrong.receipt.error).toMatchObject({
      code: 'bytecode-failed',
      message: expect.stringMatching(`^${foreign}: bytecode: .*compiled 1 source at its start`),
    });
    expect(await tagsOf(project.registry)).toEqual(before);
  }, 300_000);
});
