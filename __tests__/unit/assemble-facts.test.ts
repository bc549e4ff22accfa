import { describe, expect, test } from '@jest/globals';
import { assembleFacts } from '../../src/audit/assemble-facts.ts';
import type { DockerfileFacts } from '../../src/audit/dockerfile-facts.ts';
import type { FileContent, ImageFacts } from '../../src/audit/image-facts.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import { parseImageConfig } from '../../src/model/image-config.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { digest } from '../support/facts.ts';
import { entryAt, folderAt, linkAt } from '../support/layers.ts';

type Records = readonly LayerRecord<FileContent>[];

const text = (path: string, content: string): LayerRecord<FileContent> =>
  entryAt(path, { size: content.length, content: { kind: 'text', text: content, whole: true } });
const program = (path: string): LayerRecord<FileContent> => entryAt(path, { mode: 0o755, size: 10 });

function factsOf(
  layers: readonly Records[],
  about: {
    readonly env?: readonly string[];
    readonly history?: readonly object[];
    readonly dockerfile?: DockerfileFacts;
  } = {},
): ImageFacts {
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: { Env: about.env ?? [] },
    rootfs: { diff_ids: layers.map((_, at) => `sha256:${at}`) },
    history: about.history ?? layers.map((_, at) => ({ created_by: `RUN /bin/sh -c step ${at} # buildkit` })),
  };
  const contents = {
    day: '2026-11-21',
    configDigest: digest('a'),
    config: parseImageConfig(Buffer.from(JSON.stringify(config))),
    tree: new FileTree(layers),
    layers,
  };
  return assembleFacts(contents, about.dockerfile, (text) => text.replaceAll('canary', '***'));
}

describe('the Pythons of an image', () => {
  const official: Records = [
    program('/usr/local/bin/python3.13'),
    linkAt('/usr/local/bin/python3', 'python3.13'),
    linkAt('/usr/local/bin/python', 'python3'),
    folderAt('/usr/local/lib/python3.13/site-packages'),
  ];
  const venv: Records = [
    linkAt('/opt/venv/bin/python', '/usr/local/bin/python3'),
    linkAt('/opt/venv/bin/python3', 'python'),
    linkAt('/opt/venv/bin/python3.13', 'python'),
    text('/opt/venv/pyvenv.cfg', 'home = /usr/local/bin\nversion_info = 3.13.9.final.0\n'),
    folderAt('/opt/venv/lib/python3.13/site-packages'),
  ];

  test.each<[string, readonly Records[], readonly string[], readonly object[]]>([
    ['none', [[]], [], []],
    [
      'of an official image, by what its configuration says',
      [official],
      ['PYTHON_VERSION=3.13.9'],
      [
        {
          path: '/usr/local/bin/python',
          version: '3.13.9',
          venv: undefined,
          sitePackages: ['/usr/local/lib/python3.13/site-packages'],
        },
      ],
    ],
    [
      'by its own header, which counts more',
      [[...official, text('/usr/local/include/python3.13/patchlevel.h', '#define PY_VERSION\t\t"3.13.10+"\n')]],
      ['PYTHON_VERSION=3.13.9'],
      [{ version: '3.13.10' }],
    ],
    ['of which no more is known than its name', [official], ['PYTHON_VERSION=3.12.1'], [{ version: '3.13' }]],
    [
      'and a virtual environment on it, each once',
      [official, venv],
      [],
      [
        {
          path: '/opt/venv/bin/python',
          version: '3.13.9',
          venv: '/opt/venv',
          sitePackages: ['/opt/venv/lib/python3.13/site-packages'],
        },
        { path: '/usr/local/bin/python', version: '3.13' },
      ],
    ],
    ['that leads nowhere is none', [venv], [], []],
    ['that may not be run is none', [[entryAt('/usr/bin/python3')]], [], []],
    [
      'of Debian',
      [
        [
          program('/usr/bin/python3.11'),
          linkAt('/usr/bin/python3', 'python3.11'),
          folderAt('/usr/lib/python3/dist-packages'),
          folderAt('/usr/local/lib/python3.11/dist-packages'),
        ],
      ],
      [],
      [
        {
          path: '/usr/bin/python3',
          sitePackages: ['/usr/lib/python3/dist-packages', '/usr/local/lib/python3.11/dist-packages'],
        },
      ],
    ],
  ])('%s', (_, layers, env, expected) => {
    const { pythons } = factsOf(layers, { env });
    expect(pythons.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject(expected);
    expect(pythons).toHaveLength(expected.length);
  });
});

test('packages are those that are installed, each once', () => {
  const site = '/usr/lib/python3/dist-packages';
  const layers: readonly Records[] = [
    [
      text(
        '/var/lib/dpkg/status',
        'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
      ),
      text(`${site}/old-1.0.dist-info/METADATA`, 'Name: old\nVersion: 1.0\n'),
      text(`${site}/My_App-2.0.dist-info/METADATA`, 'Metadata-Version: 2.1\nName: My_App\nVersion: 2.0\n\nName: no\n'),
      text(`${site}/pip/_vendor/x-1.dist-info/METADATA`, 'Name: x\nVersion: 1\n'),
    ],
    [
      text('/opt/venv/lib/a/My.App-2.0.dist-info/METADATA', 'Name: my.app\nVersion: 2.0\n'),
      { change: 'whiteout', path: `${site}/old-1.0.dist-info` },
    ],
  ];
  const { packages, hidden } = factsOf(layers);
  expect(packages).toEqual([
    { kind: 'debian', name: 'libc6', version: '2.36-9' },
    { kind: 'python', name: 'my-app', version: '2.0' },
  ]);
  expect(hidden).toMatchObject([{ path: `${site}/old-1.0.dist-info/METADATA`, by: 1, entry: { layer: 0 } }]);
});

describe('the layers of an image', () => {
  const layers: readonly Records[] = [[program('/bin/sh')], [text('/a', 'abc'), folderAt('/d')]];
  const dockerfile = {
    ...{ file: 'Dockerfile', text: 'FROM x\nRUN step 1\nUSER a', target: undefined },
    ignore: undefined,
    contextFiles: [],
    contextTexts: new Map(),
  };
  const history = [
    { created_by: '# debian.sh' },
    { created_by: 'RUN /bin/sh -c step 1 # buildkit' },
    { created_by: 'USER a', empty_layer: true },
  ];

  test.each<[string, Parameters<typeof factsOf>[1], readonly object[]]>([
    [
      'come from lines and the base',
      { dockerfile, history },
      [
        { from: 'base', line: undefined, instruction: '# debian.sh' },
        { from: 'line', line: 2, instruction: 'RUN step 1' },
      ],
    ],
    [
      'come from nobody knows where without a Dockerfile',
      { history },
      [{ from: 'unknown', instruction: '# debian.sh' }, { from: 'unknown' }],
    ],
    [
      'have no instruction where the history does not fit',
      { dockerfile, history: history.slice(1) },
      [
        { from: 'unknown', instruction: '' },
        { from: 'unknown', instruction: '' },
      ],
    ],
  ])('%s', (_, about, expected) => {
    expect(factsOf(layers, about).layers).toMatchObject(expected);
  });

  test('hide a secret of their history before it is cut in two', () => {
    const history = [{ created_by: `RUN ${'x'.repeat(293)}canary` }];
    expect(factsOf([[]], { history }).layers[0]?.instruction).toMatch(/x\*{3}$/);
  });

  test('are counted by their files', () => {
    expect(factsOf(layers).layers).toMatchObject([
      { diffId: 'sha256:0', files: 1, bytes: 10 },
      { diffId: 'sha256:1', files: 1, bytes: 3 },
    ]);
  });
});
