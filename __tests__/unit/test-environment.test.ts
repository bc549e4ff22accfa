import { describe, expect, test } from '@jest/globals';
import {
  planCheckEnvironment,
  planContainerEnvironment,
  planTestEnvironment,
} from '../../src/plan/test-environment.ts';

const runner: Readonly<Record<string, string>> = {
  PATH: '/bin',
  HOME: '/home',
  RUNNER_TRACKING_ID: 'github_1',
  GITHUB_SHA: 'abc',
  GITHUB_EVENT_PATH: '/event.json',
  DOCKER_HOST: 'unix:///docker.sock',
  MY_SETTING: 'x',
  INPUT_PASSWORD: 'canary',
  'INPUT_GITHUB-TOKEN': 'canary',
  input_secrets: 'canary',
  STATE_slipway: 'canary',
  ACTIONS_RUNTIME_TOKEN: 'canary',
  ACTIONS_RUNTIME_URL: 'canary',
  ACTIONS_CACHE_URL: 'canary',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary',
  GITHUB_TOKEN: 'canary',
  GH_TOKEN: 'canary',
  GITHUB_OUTPUT: 'canary',
  GITHUB_ENV: 'canary',
  GITHUB_PATH: 'canary',
  GITHUB_STATE: 'canary',
  GITHUB_STEP_SUMMARY: 'canary',
  THE_SECRET: 'canary',
};

describe('the environment of a test on the runner', () => {
  test('is that of a `run:` step, less what is not the test’s', () => {
    const seen = planTestEnvironment(runner, [], ['THE_SECRET']);
    expect(Object.values(seen)).not.toContain('canary');
    expect(Object.keys(seen).sort()).toEqual(
      ['DOCKER_HOST', 'GITHUB_EVENT_PATH', 'GITHUB_SHA', 'HOME', 'MY_SETTING', 'PATH', 'RUNNER_TRACKING_ID'].sort(),
    );
  });

  test.each(['GITHUB_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'THE_SECRET'])('has %s where `test-env` names it', (name) => {
    expect(planTestEnvironment(runner, [name], ['THE_SECRET'])).toMatchObject({ [name]: 'canary' });
    expect(planContainerEnvironment(runner, [name])).toEqual({ [name]: 'canary' });
  });

  test.each([
    'INPUT_PASSWORD',
    'INPUT_GITHUB-TOKEN',
    'input_secrets',
    'STATE_slipway',
    'GITHUB_OUTPUT',
    'GITHUB_STATE',
  ])('never has %s', (name) => {
    expect(planTestEnvironment(runner, [name])).not.toHaveProperty(name);
    expect(planContainerEnvironment(runner, [name])).toEqual({});
  });
});

test('a container of the checks has what was given and what it may have of this step’s', () => {
  const asked = new Map([
    ['GIVEN', 'a=b'],
    ['EMPTY', ''],
    ['PASSED', undefined],
    ['NOT_THERE', undefined],
    ['INPUT_PASSWORD', undefined],
  ]);
  const all = { PASSED: 'here', INPUT_PASSWORD: 'canary', GIVEN: 'no', OTHER: 'no' };
  expect(planCheckEnvironment(all, asked)).toEqual({ PASSED: 'here', GIVEN: 'a=b', EMPTY: '' });
});
