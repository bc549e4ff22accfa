import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type BuildShape, createBuildProgress, type ProgressEvent } from '../../src/model/build-progress.ts';
import { parseTimestamp } from '../../src/model/build-progress-records.ts';
import { Masker } from '../../src/model/masker.ts';
import { printable } from '../../src/model/printable.ts';

const both: BuildShape = { targets: ['image', 'test'], inner: [], platforms: [] };
const single: BuildShape = { targets: ['image'], inner: [], platforms: [] };

interface Replay {
  /** The record after which the context was free, as its line of the recording; undefined where it never was. */
  readonly freeAt: string | undefined;
  readonly lines: readonly string[];
  readonly summary: ReturnType<ReturnType<typeof createBuildProgress>['summary']>;
}

/** Feeds lines to a new reader; every line comes `gap` ms after the one before it. */
function replay(shape: BuildShape, recording: readonly string[], gap = 0): Replay {
  const progress = createBuildProgress(shape);
  let freeAt: string | undefined;
  const lines: string[] = [];
  recording.forEach((line, at) => {
    const events: readonly ProgressEvent[] = progress.read(line, at * gap);
    for (const event of events) {
      if (event.kind === 'line') lines.push(event.text);
      else if (event.kind === 'exported') continue;
      else if (freeAt === undefined) freeAt = line;
      else throw new Error('the context was given free twice');
    }
  });
  return { freeAt, lines, summary: progress.summary() };
}

function recording(name: string): readonly string[] {
  return readFileSync(new URL(`../fixtures/progress/${name}.jsonl`, import.meta.url), 'utf8').split('\n');
}

const time = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

interface Vertex {
  readonly [key: string]: unknown;
}

function vertex(digest: string, name: string, more: Vertex = {}): string {
  return JSON.stringify({ vertexes: [{ digest, name, ...more }] });
}

function transferred(digest: string, ms: number): string {
  return JSON.stringify({ statuses: [{ vertex: digest, id: 'transferring context:', completed: time(ms) }] });
}

describe('when the image is made', () => {
  const exporting = (more: Vertex): string => vertex('sha256:export', '[image] exporting to image', more);
  const times = { started: time(1), completed: time(2) };
  test.each<[string, readonly Vertex[], number]>([
    ['its export has ended', [times], 1],
    ['that is told twice', [times, times], 1],
    ['its export goes on', [{ started: time(1) }], 0],
    ['its export failed', [{ ...times, error: 'no space left on device' }], 0],
  ])('%s', (_, records, told) => {
    const progress = createBuildProgress(both);
    const events = records.flatMap((more) => progress.read(exporting(more), 1));
    expect(events.filter(({ kind }) => kind === 'exported')).toHaveLength(told);
  });
});

describe('when the context is free', () => {
  const from = (prefix: string, more: Vertex = {}): string =>
    vertex('sha256:from', `[${prefix}base 1/2] FROM busybox`, more);
  const local = (prefix: string, digest: string, more: Vertex = {}): string =>
    vertex(digest, `[${prefix}internal] load build context`, more);
  const started = { started: time(1) };
  const keyed = { started: time(1), completed: time(2) };
  const done = { started: time(1), completed: time(9) };

  test.each([
    ['no vertex but the definition', [vertex('d', '[internal] load build definition from Dockerfile', done)]],
    ['a graph that is listed and not started', [from('')]],
    ['a context whose cache key alone is known', [from(''), local('', 'c'), from('', started), local('', 'c', keyed)]],
    ['a context that arrived and is not put away', [from(''), local('', 'c'), from('', started), transferred('c', 8)]],
    [
      'the cache key’s record after the transfer, in the builder’s time before it',
      [from(''), local('', 'c'), from('', started), transferred('c', 8), local('', 'c', keyed)],
    ],
    [
      'a context that failed',
      [from(''), local('', 'c'), from('', started), transferred('c', 8), local('', 'c', { ...done, error: 'gone' })],
    ],
    ['a vertex that another build had started before', [from('', started)]],
  ])('not after %s', (_, lines) => {
    expect(replay(single, lines).freeAt).toBeUndefined();
  });

  test('at once where nothing local is read', () => {
    expect(replay(single, [from(''), from('', started)]).freeAt).toBe(from('', started));
  });

  test('with the record and the status before it in one line, whichever stands first', () => {
    const joined = JSON.stringify({ ...JSON.parse(local('', 'c', done)), ...JSON.parse(transferred('c', 8)) });
    expect(replay(single, [from(''), local('', 'c'), from('', started), joined]).freeAt).toBe(joined);
  });

  test('not while one of two targets has no graph, though a shared vertex of it has started', () => {
    const image = [
      from('image '),
      local('image ', 'c'),
      from('image ', started),
      transferred('c', 8),
      local('image ', 'c', done),
    ];
    expect(replay(both, [...image, from('test '), from('test ', started)]).freeAt).toBeUndefined();
  });

  test('with a vertex of each target’s own', () => {
    const lines = [
      ...[local('image ', 'c'), local('test ', 't'), local('image ', 'c', keyed), local('test ', 't', keyed)],
      ...[transferred('c', 8), local('image ', 'c', done), transferred('t', 8), local('test ', 't', done)],
    ];
    expect(replay(both, lines).freeAt).toBe(local('test ', 't', done));
  });

  test.each(['booting buildkit', 'waiting for connection', 'load build definition from Dockerfile'])(
    'not while %s takes its time, before there is a graph',
    (what) => {
      const progress = createBuildProgress(single);
      expect(progress.read(vertex('b', `[internal] ${what}`, started), 10)).toHaveLength(1);
      expect(progress.tick(10_000)).toEqual([]);
    },
  );

  test('with shared vertices alone, after half a second without a new one', () => {
    const progress = createBuildProgress(both);
    const lines = [from('image '), from('test '), from('image ', started), from('test ', started)];
    for (const line of lines) expect(progress.read(line, 10).some(({ kind }) => kind === 'context-read')).toBe(false);
    expect(progress.tick(509)).toEqual([]);
    expect(progress.tick(510)).toEqual([{ kind: 'context-read' }]);
    expect(progress.tick(511)).toEqual([]);
  });

  test('of several platforms, with a graph of each', () => {
    const shape: BuildShape = { targets: ['image'], inner: [], platforms: ['linux/amd64', 'linux/arm64'] };
    const amd = [vertex('a', '[linux/amd64 1/2] COPY x'), vertex('a', '[linux/amd64 1/2] COPY x', started)];
    const cross = vertex('b', '[linux/amd64->arm64 build 2/2] RUN make');
    expect(replay(shape, [...amd, cross]).freeAt).toBeUndefined();
    const last = vertex('b', '[linux/amd64->arm64 build 2/2] RUN make', started);
    expect(replay(shape, [...amd, cross, last]).freeAt).toBe(last);
  });

  test.each([
    ['two-targets', both, 0, /transferring|load build context/],
    ['test-fails', both, 0, /COPY f|load build context/],
    [
      'platforms-cache-missing',
      { targets: ['image'], inner: [], platforms: ['linux/amd64', 'linux/arm64'] },
      0,
      /load build context/,
    ],
    ['two-targets-shared', both, 50, /./],
  ])('in the recording %s of a real build', (name, shape, gap, expected) => {
    expect(replay(shape, recording(name), gap).freeAt).toMatch(expected);
  });
});

describe('what a build did', () => {
  test('a failed test stage: the step, whose it is, the output, BuildKit’s own text', () => {
    const { lines, summary } = replay(both, recording('test-fails'));
    expect(summary.failed).toMatchObject({ targets: ['test'], error: expect.stringMatching(/exit code: 3$/) });
    expect(lines).toContain('#5 café red');
    expect(lines).toContain('#5 boom');
    expect(lines).toContain('#9 CANCELED');
    expect(lines.filter((line) => line === '#5 boom')).toHaveLength(1);
    expect(summary.tail[0]).toBe('Dockerfile:3');
    expect(summary.tail.at(-1)).toMatch(/^ERROR: target test: failed to solve: process/);
  });

  test('a cache that cannot be read, and a warning with its line', () => {
    const shape = { targets: ['image'], inner: [], platforms: ['linux/amd64', 'linux/arm64'] };
    const { summary } = replay(shape, recording('platforms-cache-missing'));
    expect(summary.cacheFailures).toEqual([
      {
        ref: expect.stringMatching(/^127\.0\.0\.1:1\/x@sha256:/),
        reason: expect.stringMatching(/connection refused$/),
      },
    ]);
    expect(summary.warnings).toEqual([
      {
        text: expect.stringMatching(/^MaintainerDeprecated/),
        line: 8,
        url: expect.stringMatching(/rule\/maintainer-deprecated\/$/),
      },
    ]);
    expect(summary.failed).toBeUndefined();
    expect(summary.steps.filter(({ cached }) => cached).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^\[linux\/amd64 b 1\/2\] FROM/),
    ]);
  });

  test.each([260, 280, 299, 1_960, 1_990])('no secret at character %d is cut in two', (length) => {
    const secret = 'cANARY-of-some-length';
    const masker = new Masker();
    masker.learn(Buffer.from(secret));
    const progress = createBuildProgress(single, (line, limit) => masker.cut(line, limit));
    const long = `${'x'.repeat(length)}${secret}${'y'.repeat(3_000)}`;
    progress.read(vertex('sha256:a', `RUN ${long}`, { started: time(0) }), 0);
    progress.read(`ERROR: ${long}`, 0);
    const { steps, tail } = progress.summary();
    for (const text of [...steps.map(({ name }) => name), ...tail]) {
      const shown = masker.redact(text);
      for (let at = 0; at + 6 <= secret.length; at++) expect(shown).not.toContain(secret.slice(at, at + 6));
      expect(shown.length).toBeLessThan(2_100);
    }
  });

  test('a record that was cut into pieces on the way is read as a whole', () => {
    const [first = ''] = recording('test-fails');
    const long = vertex('v', `[1/2] RUN ${'x'.repeat(200_000)}`, { started: time(1) });
    const { lines, summary } = replay(single, [
      first,
      long.slice(0, 65_536),
      long.slice(65_536, 131_072),
      long.slice(131_072),
    ]);
    expect(lines.at(-1)).toMatch(/^#2 \[1\/2\] RUN x{200}/);
    expect(summary.tail).toEqual([]);
  });

  test('what a shared step prints comes once per target and is shown once; what it prints twice is shown twice', () => {
    const log = (at: number): string =>
      JSON.stringify({ logs: [{ vertex: 'v', data: Buffer.from('same\n').toString('base64'), timestamp: time(at) }] });
    const { lines } = replay(both, [
      vertex('v', '[test 1/1] RUN x', { started: time(1) }),
      log(2),
      log(2),
      log(3),
      log(3),
    ]);
    expect(lines).toEqual(['#1 [1/1] RUN x', '#1 same', '#1 same']);
  });

  test('endless output and endless steps do not grow', () => {
    const progress = createBuildProgress(single);
    for (let at = 0; at < 20_000; at++) progress.read(vertex(`v${at}`, `step ${at}`, { started: time(at) }), at);
    for (let at = 0; at < 20_000; at++) progress.read(`plain ${at}`, at);
    expect(progress.summary().steps).toHaveLength(5_000);
    expect(progress.summary().tail.length).toBeLessThanOrEqual(120);
  });

  test.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a link', '\u001b]8;;http://x\u0007text\u001b]8;;\u0007', 'text'],
    ['line ends', 'a\r\nb\u2028c', 'a b c'],
    ['a bell', 'a\u0007b', 'ab'],
  ])('%s leave nothing but text', (_, given, expected) => {
    expect(printable(given)).toBe(expected);
  });

  test.each([
    ['2026-11-21T10:01:11.7Z', Date.UTC(2026, 10, 21, 10, 1, 11) + 700],
    ['2026-11-21T10:01:11Z', Date.UTC(2026, 10, 21, 10, 1, 11)],
    ['yesterday', undefined],
  ])('the time %s', (given, expected) => {
    expect(parseTimestamp(given)).toBe(expected);
  });

  test('times a microsecond apart are told apart', () => {
    const [early, late] = ['2026-11-21T10:01:11.782514993Z', '2026-11-21T10:01:11.782516Z'].map(parseTimestamp);
    expect(early).toBeLessThan(late ?? 0);
  });
});

describe('records that are spread over many lines, as buildx before 0.14 writes them', () => {
  const spread = (line: string): readonly string[] =>
    line.startsWith('{') ? JSON.stringify(JSON.parse(line), null, 2).split('\n') : [line];

  test.each(['two-targets', 'two-targets-shared', 'test-fails', 'platforms-cache-missing'])(
    '%s reads the same',
    (name) => {
      const lines = recording(name);
      const shape =
        name === 'platforms-cache-missing' ? { ...single, platforms: ['linux/amd64', 'linux/arm64'] } : both;
      const [whole, parts] = [replay(shape, lines), replay(shape, lines.flatMap(spread))];
      expect(whole.lines.length).toBeGreaterThan(5);
      expect(parts.lines).toEqual(whole.lines);
      expect(parts.summary).toEqual(whole.summary);
      expect(parts.freeAt === undefined).toBe(whole.freeAt === undefined);
    },
  );
});
