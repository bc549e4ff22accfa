import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type BuildStep, type BuildSummary, createBuildProgress } from '../../src/model/build-progress.ts';
import { parseDigest } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { findLine, parseStepName } from '../../src/plan/dockerfile-lines.ts';
import { findUncached, type UncachedQuestion } from '../../src/plan/uncached.ts';
import { plainRequest } from '../support/build-request.ts';

const dockerfile = `# syntax=docker/dockerfile:1
ARG BASE=busybox:stable
FROM busybox:stable AS Base
WORKDIR /x
run apk add \\
    # a comment
    git

COPY <<EOF /here
FROM nothing
RUN nothing
EOF
RUN make

FROM base AS test
COPY . /t
RUN pytest

FROM \${BASE}
COPY --from=base /x /x
ENV A=1
RUN sleep 1

FROM scratch AS last
ADD a b /
`;

describe('the line of a step', () => {
  test.each<[string, number | undefined]>([
    ['[base 2/5] WORKDIR /x', 4],
    ['[base 3/5] RUN apk add     git', 5],
    ['[base 4/5] COPY <<EOF /here', 9],
    ['[linux/amd64 base 5/5] RUN make', 13],
    ['[test 1/2] COPY . /t', 16],
    ['[linux/amd64->arm64 test 2/2] RUN pytest', 17],
    ['[stage-2  2/3] COPY --from=base /x /x', 20],
    ['[stage-2 2/2] RUN sleep 1', 22],
    ['[last 1/1] ADD a b /', 25],
    ['[base 1/5] FROM docker.io/library/busybox:stable', undefined],
    ['[base 7/7] RUN make', 13],
    ['[base 3/7] RUN make', undefined],
    ['[base 3/3] RUN make', undefined],
    ['[base 3/5] COPY x y', undefined],
    ['[elsewhere 2/3] RUN x', undefined],
    ['[stage-9 2/3] RUN x', undefined],
  ])('%s', (name, line) => {
    const step = parseStepName(name);
    expect(step && findLine(dockerfile, step)).toBe(line);
  });

  test.each([
    ['[2/3] RUN b', 3],
    ['[linux/amd64 3/3] RUN c', 4],
  ])('of one stage alone: %s', (name, line) => {
    const step = parseStepName(name);
    expect(step && findLine('\nFROM a AS x\nRUN b\nRUN c\n', step)).toBe(line);
  });

  test.each([
    '[internal] load build context',
    'exporting to image',
    '[base] exporting',
    '[internal] load metadata for a:1/2',
  ])('there is none of %s', (name) => expect(parseStepName(name)).toBeUndefined());
});

const from = [
  {
    ...{ repository: parseRepository('ghcr.io/acme/app'), tag: parseTag('cache-main') },
    digest: parseDigest(`sha256:${'a'.repeat(64)}`),
  },
];
const cache = { from, inline: false, write: undefined };

function ask(
  steps: readonly Partial<BuildStep>[],
  request: Partial<UncachedQuestion['request']> = { cache },
  unpacked = 0,
) {
  const summary: BuildSummary = {
    running: [],
    steps: steps.map((step, at) => ({
      ...{ number: at + 1, name: '', targets: [], cached: false, ms: 5, error: undefined, said: '' },
      ...step,
    })),
    ...{ failed: undefined, cacheFailures: [], warnings: [], config: undefined, unpacked, tail: [] },
  };
  return findUncached(summary, { request: plainRequest(request), dockerfile, file: 'docker/Dockerfile' });
}

const imported = { name: 'importing cache manifest from ghcr.io/acme/app' };
const copy = { name: '[stage-2 2/3] COPY --from=base /x /x' };
const run = { name: '[base 5/5] RUN make' };

describe('the first step that was not cached', () => {
  test('is the first in the file, whatever came first in the build', () => {
    expect(ask([imported, copy, run])).toEqual({
      step: 'RUN make',
      place: { file: 'docker/Dockerfile', line: 13 },
      because: 'the cache has nothing for this line with its arguments, on top of what stands before it',
    });
  });

  test.each<[string, readonly Partial<BuildStep>[]]>([
    ['is cached', [{ ...run, cached: true }]],
    ['was not needed', [{ ...run, ms: undefined }]],
    ['is the base image', [{ name: '[base 1/5] FROM docker.io/library/busybox:stable' }]],
    ['is of the test stage alone', [{ ...run, targets: ['test'] }]],
    [
      'is of our own compile stage',
      [
        { ...run, targets: ['bytecode', 'image'] },
        { name: 'x', targets: ['app'] },
      ],
    ],
    ['is no instruction', [{ name: '[internal] load build context' }, { name: 'exporting to image' }]],
  ])('is none that %s', (_, steps) => {
    expect(ask([imported, ...steps])).toBeUndefined();
  });

  test('is told without a line where a base image has added steps', () => {
    expect(ask([imported, { name: '[base 3/9] RUN onbuild' }])).toMatchObject({
      step: 'RUN onbuild',
      place: undefined,
    });
  });

  test.each<[string, Partial<UncachedQuestion['request']>, readonly Partial<BuildStep>[], string]>([
    ['no-cache', { cache, noCache: true }, [imported, run], '`no-cache` asks for a build without any'],
    [
      'its stage is left out',
      { cache, noCacheFilters: ['Base'] },
      [imported, run],
      '`no-cache-filters` names its stage',
    ],
    ['another stage is left out', { cache, noCacheFilters: ['test'] }, [imported, run], 'the cache has nothing'],
    ['there is no cache', {}, [run], 'there was no cache to read'],
    ['the cache failed', { cache }, [{ ...imported, error: '503' }, run], 'could not be read'],
    ['the solve was repeated without it', { cache }, [run], 'could not be read'],
    ['files', { cache }, [imported, copy], 'nothing for this line with these files'],
  ])('tells why: %s', (_, request, steps, because) => {
    expect(ask(steps, request)?.because).toContain(because);
  });

  test.each<[string, Partial<BuildStep>[], Partial<UncachedQuestion['request']>, number, boolean]>([
    ['COPY of the final stage', [{ name: '[last 1/1] ADD a b /' }], { cache }, 20e6, true],
    ['of the stage that `target` names', [copy], { cache, target: '2' }, 20e6, true],
    ['where nothing was fetched', [{ name: '[last 1/1] ADD a b /' }], { cache }, 0, false],
    ['COPY --link', [{ name: '[last 1/1] ADD --chown=1 --link a b /' }], { cache }, 20e6, false],
    ['COPY of another stage', [copy], { cache }, 20e6, false],
    ['where a RUN needed them too', [{ name: '[last 1/1] ADD a b /' }, run], { cache }, 20e6, false],
    ['where no cache was read', [{ name: '[last 1/1] ADD a b /' }], {}, 20e6, false],
  ])('what plain COPY cost: %s', (_, steps, request, unpacked, isTold) => {
    const { because } = ask([imported, ...steps], request, unpacked) ?? {};
    if (isTold) expect(because).toMatch(/; for it alone 20\.0 MB .* `COPY --link` does without$/);
    else expect(because).not.toContain('--link');
  });

  test.each([
    ['cold-copy', 'COPY message /message', 6, '20.0 MB'],
    ['cold-link', 'LINK COPY --link message /message', undefined, undefined],
  ])('of a cold engine, in the recording %s of a real build', (name, step, line, cost) => {
    const progress = createBuildProgress({ targets: ['image'], inner: [], platforms: [] });
    for (const text of readFileSync(`__tests__/fixtures/progress/${name}.jsonl`, 'utf8').split('\n'))
      progress.read(text, 0);
    const text =
      'FROM busybox AS made\nCOPY once /once\nRUN make\nFROM busybox\nCOPY --from=made /big /big\nCOPY message /message\n';
    const found = findUncached(progress.summary(), {
      ...{ request: plainRequest({ cache }), dockerfile: text, file: 'Dockerfile' },
    });
    expect([found?.step, found?.place?.line]).toEqual([step, line]);
    if (cost === undefined) expect(found?.because).not.toContain('MB');
    else expect(found?.because).toContain(cost);
  });

  test('is found in what BuildKit says of a build with a test stage', () => {
    const progress = createBuildProgress({ targets: ['image', 'test'], inner: [], platforms: [] });
    for (const line of readFileSync('__tests__/fixtures/progress/two-targets.jsonl', 'utf8').split('\n'))
      progress.read(line, 0);
    const text =
      'FROM busybox:stable AS base\nRUN x\nFROM base AS test\nCOPY . /t\nRUN y\nFROM base\nRUN z\nCOPY a\nCOPY d\n';
    const question = { request: plainRequest({}), dockerfile: text, file: 'Dockerfile' };
    expect(findUncached(progress.summary(), question)).toEqual({
      step: 'RUN echo 24a2ae1006de4daa',
      place: { file: 'Dockerfile', line: 2 },
      because: 'there was no cache to read',
    });
  });
});
