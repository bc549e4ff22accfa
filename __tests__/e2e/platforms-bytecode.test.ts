import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOlder } from '../../src/plan/machine.ts';
import { openBuilders, startDaemon } from '../support/builders.ts';
import { imageStore } from '../support/image-store.ts';
import { canOwnEngine } from '../support/own-engine.ts';
import { foreign, native, prepareBase, runsForeign } from '../support/platforms.ts';
import { bench, leftovers, openProject, type Run, runImageOn, tagsOf } from '../support/project.ts';
import { withoutLibrary } from '../support/python-projects.ts';
import { receiptProblems } from '../support/receipt-schema.ts';

type Project = Awaited<ReturnType<typeof openProject>>;

const hasIndexes = imageStore.kind === 'containerd' && !isOlder(bench.engine.version, '28.0');
const [nativeFolder, foreignFolder] = [native, foreign].map((one) => one.split('/')[1] ?? '');
const inputs = {
  platforms: `${native},${foreign}`,
  bytecode: 'require',
  'bytecode-exclude': withoutLibrary,
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

const kinds = [
  'oci.image.index.v1',
  'oci.image.manifest.v1',
  'docker.distribution.manifest.list.v2',
  'docker.distribution.manifest.v2',
];
const accept = kinds.map((kind) => `application/vnd.${kind}+json`).join();

interface Image {
  readonly config: object;
  readonly layers: readonly string[];
}

/** The images of what a tag holds, by their platforms, asked without any code of Slipway's. */
async function readImages({ registry }: Project, tag: string): Promise<Readonly<Record<string, Image>>> {
  const read = async <T>(path: string): Promise<T> => {
    return (await (await fetch(`${registry.url}/v2/acme/app/${path}`, { headers: { accept } })).json()) as T;
  };
  const { manifests } = await read<{
    manifests: readonly { digest: string; platform: { os: string; architecture: string } }[];
  }>(`manifests/${tag}`);
  const images = manifests.map(async ({ digest, platform: { os, architecture } }) => {
    const { config } = await read<{ config: { digest: string } }>(`manifests/${digest}`);
    const found = await read<{ config: object; rootfs: { diff_ids: string[] } }>(`blobs/${config.digest}`);
    return [`${os}/${architecture}`, { config: found.config, layers: found.rootfs.diff_ids }] as const;
  });
  return Object.fromEntries(await Promise.all(images));
}

const proved = {
  compiled: 2,
  proof: {
    coverage: expect.arrayContaining([{ kind: 'app', sources: 2, loaded: 2 }]),
    start: { what: 'the image’s command', compiled: [], reason: '' },
  },
};

const bytecodeOf = (run: Run) => (run.receipt as unknown as { bytecode: Bytecode | null }).bytecode;

(runsForeign && hasIndexes ? describe : describe.skip)('bytecode for two platforms', () => {
  let project: Project;
  let run: Run;
  let python: string;

  beforeAll(async () => {
    python = await prepareBase('python');
    const Dockerfile = [
      `FROM ${python}`,
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

  test('is one layer on each, and nothing else of an image is touched', async () => {
    await project.origin.commit('plain', { 'ignored.txt': '' });
    const plain = await project.push('plain', { inputs: { platforms: inputs.platforms, cache: 'none' } });
    expect(plain.receipt.error).toBeNull();
    const [made, bare] = await Promise.all(
      [`${run.outputs['digest']}`, 'plain'].map((tag) => readImages(project, tag)),
    );
    for (const platform of [native, foreign]) {
      expect(made?.[platform]?.layers).toHaveLength((bare?.[platform]?.layers.length ?? 0) + 1);
      const [config, expected] = [made, bare].map((all) => ({ ...all?.[platform]?.config, Labels: undefined }));
      expect(config).toEqual(expected);
    }
  }, 300_000);

  // a daemon of one's own needs root
  (canOwnEngine ? test : test.skip)(
    'is the same layer where two machines share the platforms, and proved as well',
    async () => {
      const builders = openBuilders();
      const daemons = await Promise.all([startDaemon(), startDaemon()]);
      try {
        const [one, other] = daemons.map(({ endpoint }) => endpoint);
        builders.addShared([
          [native, one ?? ''],
          [foreign, other ?? ''],
        ]);
        const shared = await project.push('main', { env: builders.env, inputs: { ...inputs, reuse: 'off' } });
        expect(shared.receipt.error).toBeNull();
        expect(bytecodeOf(shared)).toMatchObject({
          platform: native,
          ...proved,
          others: [{ platform: foreign, ...proved }],
        });
        const [made, again] = await Promise.all(
          [run, shared].map(({ outputs }) => readImages(project, `${outputs['digest']}`)),
        );
        for (const platform of [native, foreign])
          expect(again?.[platform]?.layers.at(-1)).toBe(made?.[platform]?.layers.at(-1));
        expect(leftovers(shared, project.image)).toEqual([]);
      } finally {
        builders.remove();
        await Promise.all(daemons.map((daemon) => daemon.remove()));
      }
    },
    600_000,
  );

  test('is proved for each, by its files and by starting it, and told of each', () => {
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

  test('is left out for all, with a notice, where one has no Python and it is `on`', async () => {
    const stages = [`FROM ${python} AS ${nativeFolder}`, `FROM ${await prepareBase('busybox')} AS ${foreignFolder}`];
    const Dockerfile = [...stages, 'FROM $TARGETARCH', 'COPY main.py /srv/', ''].join('\n');
    await project.origin.commit('half', { Dockerfile });
    const half = await project.push('half', { inputs: { ...inputs, bytecode: 'on' } });
    expect(half.receipt.error).toBeNull();
    expect(half.receipt.notices).toContainEqual(
      expect.stringMatching(`^the image ships without bytecode: .* for ${foreign}`),
    );
    expect(Object.values(await readImages(project, 'half')).map(({ layers }) => layers.length)).toEqual([2, 2]);
  }, 300_000);
});
