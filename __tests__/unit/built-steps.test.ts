import { describe, expect, test } from '@jest/globals';
import { countSteps, hasChanged } from '../../src/model/built-steps.ts';

const step = (name: string, cached: boolean, ...targets: string[]) => ({
  name,
  cached,
  targets,
  ms: 5 as number | undefined,
});
const cached = [
  step('[internal] load build context', false),
  step('[auth] acme/app:pull,push token for ghcr.io', false),
  step('importing cache manifest from 127.0.0.1:5000/app@sha256:00', false),
  step('[1/3] FROM docker.io/library/busybox:stable', false),
  step('[2/3] RUN true', true, 'image', 'test'),
  step('[3/3] COPY . /app', true, 'image'),
  step('exporting to image', false, 'image'),
];

describe('whether a step of the image ran', () => {
  test.each<[string, ReturnType<typeof step>[], boolean]>([
    ['all is cached; a base image is no step of its own', cached, false],
    ['a step of the image', [...cached, step('[4/4] RUN make', false, 'image')], true],
    ['one that image and tests share', [...cached, step('[4/4] RUN make', false, 'image', 'test')], true],
    ['one of the test stage alone', [...cached, step('[test 1/1] RUN pytest', false, 'test')], false],
    ['the build has one target, which then is not named', [step('[2/2] RUN make', false)], true],
    [
      'one that nothing needed',
      [...cached, { name: '[builder 2/2] RUN make', cached: false, targets: ['image'], ms: undefined }],
      false,
    ],
    ['what is added from elsewhere', [...cached, step('https://example.org/a.tar', false, 'image')], true],
  ])('%s', (_, steps, ran) => {
    expect(hasChanged(steps)).toBe(ran);
  });
});

test('counted is what a Dockerfile names', () => {
  expect(countSteps(cached)).toEqual({ cached: 2, total: 3 });
  const unneeded = { ...step('[builder 2/2] RUN make', false, 'image'), ms: undefined };
  expect(countSteps([...cached, unneeded])).toEqual({ cached: 2, total: 3 });
});
