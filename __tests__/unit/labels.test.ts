import { describe, expect, test } from '@jest/globals';
import { commonLabels, ourLabels, planLabels, readLabels, untouchableLabels } from '../../src/plan/labels.ts';
import { clean, commitA, commitB, commitC, pull, push, runOf } from '../support/oracle-runs.ts';

const git = runOf(push('refs/heads/main'));
const facts = { git, key: 'k1', bases: 'b1', tests: 't1' };

describe('labels of a build', () => {
  test('all are set, and none depends on ref or run', () => {
    const other = runOf(push('refs/heads/x'), { runId: '1', runAttempt: '9', actor: 'somebody' });
    expect(Object.fromEntries(planLabels(facts, []).map(({ name, value }) => [name, value]))).toEqual({
      'org.opencontainers.image.revision': commitA,
      'org.opencontainers.image.source': 'https://github.com/acme/app',
      'org.opencontainers.image.created': '2023-11-14T22:13:20.000Z',
      'io.slipway.revision': commitA,
      'io.slipway.head': commitA,
      'io.slipway.key': 'k1',
      'io.slipway.bases': 'b1',
      'io.slipway.tests': 't1',
      'io.slipway.dirty': 'false',
    });
    expect(planLabels({ ...facts, git: other }, [])).toEqual(planLabels(facts, []));
  });
  test('an unknown value is set, and empty', () => {
    const names = planLabels({ git, key: '', bases: '', tests: '' }, []);
    expect(names).toContainEqual({ name: 'io.slipway.key', value: '' });
    expect(names).toContainEqual({ name: 'io.slipway.bases', value: '' });
    expect(names).toContainEqual({ name: 'io.slipway.tests', value: '' });
  });
  test('a merge commit names the pull request’s head', () => {
    expect(ourLabels({ ...facts, git: runOf(pull('x')) })).toMatchObject({ revision: commitA, head: commitB });
  });
  test('a checked-out head names itself twice, as a push of it does', () => {
    const checkout = { ...clean, head: commitB };
    const onPull = ourLabels({ ...facts, git: runOf(pull('x'), { checkout }) });
    expect(onPull).toEqual(
      ourLabels({ ...facts, git: runOf(push('refs/heads/x', commitB), { sha: commitB, checkout }) }),
    );
  });
  test('a dirty tree says so', () => {
    expect(ourLabels({ ...facts, git: { ...git, checkout: { ...clean, dirty: true } } }).dirty).toBe('true');
  });
  test('the user’s come last, each name once, and leave ours alone', () => {
    const planned = planLabels(facts, [
      { name: 'org.opencontainers.image.source', value: 'https://example.org' },
      { name: 'team', value: 'a' },
      { name: 'team', value: 'b' },
      { name: 'io.slipway.revision', value: commitC },
      { name: '__proto__', value: 'x' },
    ]);
    expect(planned).toContainEqual({ name: 'org.opencontainers.image.source', value: 'https://example.org' });
    expect(planned).toContainEqual({ name: 'team', value: 'b' });
    expect(planned).toContainEqual({ name: '__proto__', value: 'x' });
    expect(planned).toContainEqual({ name: 'io.slipway.revision', value: commitA });
    expect(new Set(planned.map(({ name }) => name)).size).toBe(planned.length);
  });
  test('a user’s label in our namespace is named', () => {
    const asked = ['io.slipway.revision', 'IO.Slipway.x', 'io.slipwayx', 'team'].map((name) => ({ name, value: '' }));
    expect(untouchableLabels(asked)).toEqual(['io.slipway.revision', 'IO.Slipway.x']);
  });
});

describe('labels of an image', () => {
  const ours = { revision: commitA, head: commitA, key: 'k1', bases: 'b1', tests: 't1', dirty: 'false' };
  const config = Object.fromEntries(planLabels(facts, []).map(({ name, value }) => [name, value]));
  test('what was planned is read back', () => expect(readLabels(config)).toEqual(ours));
  test.each<[name: string, labels: unknown]>([
    ['none', {}],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'io.slipway.revision'],
    ['somebody else’s', { 'org.opencontainers.image.revision': commitA }],
    ['inherited ones', Object.create(config)],
  ])('%s', (_, labels) => expect(readLabels(labels)).toBeUndefined());
  test('a missing or ill-typed one is empty', () => {
    expect(readLabels({ 'io.slipway.revision': commitA, 'io.slipway.key': 7 })).toEqual({
      revision: commitA,
      head: '',
      key: '',
      bases: '',
      tests: '',
      dirty: '',
    });
  });
  test.each<[name: string, platforms: Parameters<typeof commonLabels>[0], common: typeof ours | undefined]>([
    ['no platform', [], undefined],
    ['one', [ours], ours],
    ['two equal ones', [ours, { ...ours }], ours],
    ['one without', [ours, undefined], undefined],
    ['the first without', [undefined, ours], undefined],
    ['another key', [ours, { ...ours, key: 'k2' }], undefined],
    ['other bases', [ours, { ...ours, bases: 'b2' }], undefined],
    ['other tests', [ours, ours, { ...ours, tests: 't2' }], undefined],
    ['one dirty', [ours, { ...ours, dirty: 'true' }], undefined],
  ])('an index: %s', (_, platforms, common) => expect(commonLabels(platforms)).toEqual(common));
});
