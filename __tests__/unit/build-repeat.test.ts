import { describe, expect, test } from '@jest/globals';
import { planBake } from '../../src/plan/build-plan.ts';
import { planRepeat } from '../../src/tools/buildx/repeat.ts';
import { plainRequest } from '../support/build-request.ts';

const plan = planBake(plainRequest({}));
const anew = { ...plan, args: ['--no-cache', ...plan.args] };
const withoutCache = { ...plan, args: ['without'] };
const tail = (cause: string): string[] => [
  'Dockerfile:5',
  '>>> COPY . /app',
  `ERROR: target image: failed to solve: ${cause}`,
];

function repeat(
  cause: string,
  over: { signal?: NodeJS.Signals; trouble?: string; follows?: boolean } = {},
): ReturnType<typeof planRepeat> {
  const exit = { code: over.signal === undefined ? 1 : null, signal: over.signal ?? null, ms: 1 };
  const summary = {
    steps: [],
    failed: undefined,
    running: [],
    cacheFailures: [],
    warnings: [],
    config: undefined,
    unpacked: 0,
    tail: tail(cause),
  };
  return planRepeat(
    plan,
    { exit, summary },
    { withoutCache, cacheTrouble: () => over.trouble, isUntouched: () => true, mayMakeAnew: over.follows !== true },
  );
}

const broken =
  'failed to commit hmtll to f3qfe during finalize: failed to stat active key during commit: snapshot hmtll does not exist: not found';
const lost =
  'failed to prepare extraction snapshot "extract-9357-b6en sha256:0ce9": parent snapshot sha256:649a does not exist: not found';
const locked = 'ref layer-sha256:0ce9 locked for 1.2s (since 2026-11-21): unavailable';
const refused = 'failed to copy: unexpected status from PUT request to http://127.0.0.1/v2/: 503 Service Unavailable';

describe('a solve that failed', () => {
  test.each([
    ['met a step that a cancelled build left without its layer', broken, {}, anew, 3],
    ['met such a step, and a cache failed too', broken, { trouble: 'it was cut off' }, anew, 3],
    ['met such a step, and what it makes must be what is there', broken, { follows: true }, plan, 3],
    ['lost a layer under the image that it unpacks', lost, {}, plan, 3],
    ['met a layer that is being written', locked, {}, plan, 16],
    [
      'crossed itself at a layer of COPY --link',
      `mount callback failed on /m: failed to open writer: ${locked}`,
      {},
      plan,
      16,
    ],
    ['met a registry that may answer again', refused, {}, plan, 2],
    ['met a cache that failed', refused, { trouble: 'it was cut off' }, withoutCache, 2],
    ['lost a layer, and a cache failed too', lost, { trouble: 'it was cut off' }, plan, 3],
  ])('is repeated where it %s', (_, cause, over, expected, most) => {
    expect(repeat(cause, over)).toMatchObject({ plan: expected, most });
  });

  test.each<[string, string, { signal?: NodeJS.Signals }]>([
    ['a step of the build’s own', 'process "/bin/sh -c false" did not complete successfully: exit code: 1', {}],
    ['a step that says what the engine might', `process "/bin/sh -c x" did not complete successfully: ${lost}`, {}],
    ['a step that says it met a layer', `process "/bin/sh -c x" did not complete successfully: ${locked}`, {}],
    [
      'a step whose command has the words',
      `process "/bin/sh -c echo '${locked}'; exit 1" did not complete successfully: exit code: 1`,
      {},
    ],
    ['a name that the registry does not know', 'failed to resolve source metadata for x: not found', {}],
    ['a step that says what the builder might', `process "/bin/sh -c x" did not complete successfully: ${broken}`, {}],
    ['a builder that was killed', lost, { signal: 'SIGKILL' }],
  ])('is not repeated after %s', (_, cause, over) => {
    expect(repeat(cause, over)).toBeUndefined();
  });
});
