import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../src/model/digest.ts';
import type { ImageLayer } from '../../src/model/image-layers.ts';
import { formatInstruction, listLayers } from '../../src/model/image-layers.ts';
import type { LayerRecord } from '../../src/model/layer-record.ts';
import { type Ledger, readLedger } from '../../src/model/packages.ts';
import { diffImages, limitChanges } from '../../src/plan/image-diff/image-diff.ts';
import { countShared, diffLayers } from '../../src/plan/image-diff/layers.ts';
import { traceHistory } from '../../src/plan/image-diff/origin.ts';
import { collectAll, collectRecords, dependsOnBelow, diffPackages } from '../../src/plan/image-diff/packages.ts';
import { digest } from '../support/facts.ts';
import { entryAt } from '../support/layers.ts';

const blob = (size: number) => ({
  mediaType: '',
  digest: digestOf(Buffer.from('x')),
  size,
  platform: undefined,
  annotations: new Map(),
});
const layer = (diffId: string, instruction = `RUN ${diffId}`, size = 1): ImageLayer => ({
  diffId,
  instruction,
  blob: blob(size),
  entry: undefined,
});

describe('what a history says', () => {
  test.each([
    ['RUN /bin/sh -c make   all # buildkit', 'RUN make all'],
    ['RUN |2 VERSION=1 COMMIT=a b c /bin/sh -c make # buildkit', 'RUN make'],
    ['RUN /bin/bash -o pipefail -c make # buildkit', 'RUN make'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ["# debian.sh --arch 'amd64'", "# debian.sh --arch 'amd64'"],
    ['', ''],
  ])('%j is %j in a Dockerfile', (createdBy, instruction) => {
    expect(formatInstruction(createdBy)).toBe(instruction);
  });

  test('is given to layers only where there is one for each', () => {
    const history = [
      { createdBy: 'COPY a b', hasLayer: true },
      { createdBy: 'ENV a=b', hasLayer: false },
      { createdBy: 'COPY c d', hasLayer: true },
    ];
    const read = (diffIds: readonly string[]) =>
      listLayers(
        diffIds.map(() => blob(1)),
        { diffIds, history },
      ).map(({ instruction, entry }) => [instruction, entry]);
    expect(read(['x', 'y'])).toEqual([
      ['COPY a b', 0],
      ['COPY c d', 2],
    ]);
    expect(read(['x'])).toEqual([['', undefined]]);
    expect(() => listLayers([blob(1)], { diffIds: [], history })).toThrow('1 layers and the configuration 0');
  });
});

describe('the Dockerfile line of an entry', () => {
  const dockerfile = [
    'ARG V=1',
    'FROM debian:$V AS base',
    'ENV A=1 \\',
    '  B=2',
    'RUN one',
    'FROM base AS test',
    'RUN t',
    'FROM base',
    'COPY . /app',
    'CMD ["x"]',
  ].join('\n');
  const trace = (entries: readonly string[], target?: string, text = dockerfile) =>
    traceHistory(
      entries.map((createdBy) => ({ createdBy, hasLayer: true })),
      text,
      target,
    ).map((one) => (one.kind === 'line' ? one.line : one.kind));

  test.each<[string, readonly string[], string | undefined, readonly unknown[]]>([
    [
      'the last stage and its parents',
      ['# debian.sh', 'ENV A=1 B=2', 'RUN /bin/sh -c one', 'COPY . /app', 'CMD ["x"]'],
      undefined,
      ['base', 3, 5, 9, 10],
    ],
    ['a target', ['# debian.sh', 'ENV A=1', 'RUN one', 'RUN t'], 'TEST', ['base', 3, 5, 7]],
    ['a target by number', ['ENV A=1', 'RUN one'], '0', [3, 5]],
    [
      'with bytecode',
      ['RUN one', 'COPY . /app', 'CMD x', 'COPY /.slipway-bytecode/out/ / # buildkit'],
      undefined,
      [5, 9, 10, 'bytecode'],
    ],
    ['of another build', ['RUN a', 'COPY . /app', 'USER x', 'CMD x'], undefined, ['unknown', 'unknown', 'unknown', 10]],
    ['of a stage that is not there', ['RUN a'], 'nowhere', ['base']],
    ['of no history', [], undefined, []],
  ])('%s', (_, entries, target, expected) => {
    expect(trace(entries, target)).toEqual(expected);
  });

  test('is found for stages that hide each other and for FROM with a platform', () => {
    const text = 'FROM x AS a\nRUN 1\nFROM --platform=linux/amd64 a AS a\nRUN 2\nFROM A\nONBUILD RUN 3\nRUN 4';
    // ONBUILD leaves no entry
    expect(trace(['x', 'RUN', 'RUN', 'RUN'], undefined, text)).toEqual(['base', 2, 4, 7]);
  });

  test('never throws, and there is one for each entry', () => {
    const words = fc.constantFrom('FROM', 'AS a', 'RUN x', 'a', '0', '\n', '\\\n', '<<EOF', 'EOF', '# escape=`');
    const text = fc.array(words).map((all) => all.join(' '));
    fc.assert(
      fc.property(
        text,
        fc.array(fc.constantFrom('RUN x', 'COPY', '')),
        fc.constantFrom(undefined, 'a', '0'),
        (file, entries, target) => {
          expect(trace(entries, target, file)).toHaveLength(entries.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('layers', () => {
  const stacks = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('', 'RUN 1', 'RUN 2'), fc.nat(9))
      .map(([id, by, size]) => layer(id, by, size)),
    { maxLength: 8 },
  );
  const sizes = (changes: ReturnType<typeof diffLayers>) =>
    changes.map(({ instruction, before, after }) => [instruction, before?.blob.size, after?.blob.size]);

  test('that are equal are no difference, wherever they stand; those of one instruction belong together', () => {
    const changes = diffLayers(
      [layer('base'), layer('x', 'COPY . /app', 5), layer('y')],
      [layer('base'), layer('new'), layer('z', 'COPY . /app', 9), layer('y')],
    );
    expect(sizes(changes)).toEqual([
      ['RUN new', undefined, 1],
      ['COPY . /app', 5, 9],
    ]);
    expect(sizes(diffLayers([layer('a')], []))).toEqual([['RUN a', 1, undefined]]);
  });

  test('of an image and itself do not differ; the other way round it is the mirror', () => {
    fc.assert(
      fc.property(stacks, stacks, (before, after) => {
        expect(diffLayers(before, before)).toEqual([]);
        const mirrored = sizes(diffLayers(after, before)).map(([instruction, old, now]) => [instruction, now, old]);
        const sorted = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).toSorted();
        expect(sorted(mirrored)).toEqual(sorted(sizes(diffLayers(before, after))));
        expect(countShared(before, after)).toBe(countShared(after, before));
      }),
    );
  });

  test('that account for the whole growth are listed, the largest first', () => {
    fc.assert(
      fc.property(stacks, stacks, (a, b) => {
        // a digest stands for its bytes, so it has one size
        const sized = (all: readonly ImageLayer[]) =>
          all.map((one) => ({ ...one, blob: blob(one.diffId.charCodeAt(0)) }));
        const [before, after] = [sized(a), sized(b)];
        const rest = { trace: [], file: 'Dockerfile', packages: limitChanges([], []) };
        const diff = diffImages(
          { reference: 'r:main', digest: digest('a'), layers: before },
          { digest: digest('b'), layers: after },
          rest,
        );
        const growth = diff.layers.map((one) => (one.after ?? 0) - (one.before ?? 0));
        expect(growth.reduce((sum, one) => sum + one, 0)).toBe(diff.size.after - diff.size.before);
        expect(growth).toEqual(growth.toSorted((one, other) => other - one));
      }),
    );
  });
});

type Records = readonly LayerRecord<Ledger>[];
const site = '/usr/lib/python3/site-packages';
function put(path: string, text: string): LayerRecord<Ledger> {
  const reader = readLedger(path);
  reader?.write(Buffer.from(text));
  return entryAt(path, { content: reader?.end() });
}
const python = (name: string, version: string, where = site) =>
  put(`${where}/${name}-${version}.dist-info/METADATA`, `Name: ${name}\nVersion: ${version}\n`);
const dpkg = (...names: string[]) =>
  put('/var/lib/dpkg/status', names.map((one) => `Package: ${one}\nVersion: 1\n\n`).join(''));
const gone = (path: string): LayerRecord<Ledger> => ({ change: 'whiteout', path });
const emptied = (path: string): LayerRecord<Ledger> => ({ change: 'opaque', path });

const compareUpper = (before: readonly Records[], after: readonly Records[]) =>
  diffPackages(collectRecords(before), collectRecords(after));
const tell = (before: readonly Records[], after: readonly Records[]) =>
  compareUpper(before, after).map((one) => `${one.name} ${one.before || '-'} ${one.after || '-'}`);

describe('packages', () => {
  test.each<[string, readonly Records[], readonly Records[], readonly string[]]>([
    ['added', [[]], [[python('a', '1')]], ['a - 1']],
    ['removed', [[python('a', '1')]], [[]], ['a 1 -']],
    ['of another version', [[python('a', '1')]], [[python('a', '2')]], ['a 1 2']],
    ['of another spelling', [[python('a_b', '1')]], [[python('A.B', '1')]], []],
    ['in another layer', [[python('a', '1')], []], [[], [python('a', '1')]], []],
    ['in a second place', [[python('a', '1')]], [[python('a', '1'), python('a', '2', '/venv')]], ['a 1 1, 2']],
    ['in a second place, the same', [[python('a', '1')]], [[python('a', '1'), python('a', '1', '/venv')]], []],
    [
      'taken away by a later layer',
      [[python('a', '1')]],
      [[python('a', '1')], [gone(`${site}/a-1.dist-info`)]],
      ['a 1 -'],
    ],
    ['taken away with all else', [[python('a', '1')]], [[python('a', '1')], [gone('/usr')]], ['a 1 -']],
    [
      'in a folder that was emptied',
      [[python('a', '1')]],
      [[python('a', '1')], [emptied(site), python('b', '1')]],
      ['a 1 -', 'b - 1'],
    ],
    [
      'in a folder beside one that was',
      [[python('a', '1')]],
      [[python('a', '1')], [gone('/usr/lib/python3/site')]],
      [],
    ],
    ['taken away from below', [[]], [[gone(`${site}/a-1.dist-info`)]], ['a 1 -']],
    ['moved on from below', [[]], [[gone(`${site}/a-1.dist-info`), python('a', '2')]], ['a 1 2']],
    ['taken away from below by both', [[gone(`${site}/a-1.dist-info`)]], [[gone(`${site}/a-1.dist-info`)]], []],
    ['taken away from below and put back', [[]], [[gone(`${site}/a-1.dist-info`)], [python('a', '1')]], []],
    ['that a package brings along', [[]], [[python('a', '1', '/x/_vendor')]], []],
    ['of the system', [[dpkg('a', 'b')]], [[dpkg('b', 'c')]], ['a 1 -', 'c - 1']],
    [
      'by a hard link out of a tool’s store',
      [[]],
      [
        [
          python('a', '1', '/root/.cache/uv'),
          { change: 'hardlink', path: `${site}/a-1.dist-info/METADATA`, to: '/root/.cache/uv/a-1.dist-info/METADATA' },
        ],
      ],
      ['a - 1'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(tell(before, after)).toEqual(expected);
  });

  test.each<[string, boolean, Records, Records]>([
    ['a database that only one has written', true, [], [dpkg('a')]],
    ['a database that both have written', false, [dpkg('a')], [dpkg('b')]],
    ['one of distroless’ files', true, [], [put('/var/lib/dpkg/status.d/a', 'Package: a\n')]],
    ['a folder of packages that only one has removed', true, [gone(site)], []],
    ['a virtual environment that was made anew', true, [], [emptied('/app/.venv')]],
    ['a database that only one has removed', true, [], [gone('/var/lib/dpkg')]],
    ['distributions', false, [python('a', '1')], [gone(`${site}/b-1.dist-info`), gone(`${site}/b`)]],
    ['other files', false, [gone('/tmp/x')], [gone('/var/lib/apt/lists/x')]],
  ])('%s: whether that depends on what lies below is %p', (_, expected, before, after) => {
    const records = [collectRecords([before]), collectRecords([after])] as const;
    expect(dependsOnBelow(records[0], records[1])).toBe(expected);
    expect(dependsOnBelow(records[1], records[0])).toBe(expected);
  });

  const record = fc.oneof(
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'), fc.constantFrom(site, '/venv'))
      .map((all) => python(...all)),
    fc.subarray(['x', 'y', 'z']).map((all) => dpkg(...all)),
    fc.constantFrom(gone(`${site}/a-1.dist-info`), gone('/venv'), emptied(site), gone('/var/lib/dpkg/status')),
  );
  const image = fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 4 });

  test('of an image and itself do not differ; the other way round it is the mirror; the order in a layer is nothing', () => {
    const unique = (layers: readonly Records[]) =>
      layers.map((all) => [...new Map(all.map((one) => [`${one.change} ${one.path}`, one])).values()]);
    fc.assert(
      fc.property(image, image, (one, other) => {
        const [before, after] = [unique(one), unique(other)];
        expect(tell(before, before)).toEqual([]);
        const turned = compareUpper(after, before).map((change) => ({
          ...change,
          before: change.after,
          after: change.before,
        }));
        expect(turned).toEqual(compareUpper(before, after));
        expect(
          tell(
            before.map((all) => all.toReversed()),
            after,
          ),
        ).toEqual(tell(before, after));
      }),
    );
  });

  test('read from the upper layers alone are what the whole images say', () => {
    const below: Records = [python('a', '1'), python('c', '9'), dpkg('x')];
    // an upper layer that installs again what lies below, the same version, is the one thing that cannot be told without it
    const upper = fc.array(
      fc.array(
        record.filter(({ change, path }) => change !== 'entry' || !path.includes('/a-1.')),
        { maxLength: 4 },
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(upper, upper, (before, after) => {
        fc.pre(!dependsOnBelow(collectRecords(before), collectRecords(after)));
        const names = (all: ReturnType<typeof diffPackages>) => all.map(({ name }) => name);
        expect(names(compareUpper(before, after))).toEqual(
          names(diffPackages(collectAll([below, ...before]), collectAll([below, ...after]))),
        );
      }),
    );
  });
});
