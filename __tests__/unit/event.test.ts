import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import { defaultBranchOf, parseEvent } from '../../src/model/event.ts';

const sha = 'a'.repeat(40);

function source(name: string, ref: string, payload: unknown) {
  return { name, ref, payload, actor: 'octocat' };
}

function pullPayload(pull: object = {}, top: object = {}) {
  return {
    action: 'opened',
    number: 7,
    repository: { id: 1, default_branch: 'main' },
    pull_request: {
      number: 7,
      head: { ref: 'feature/x', sha, repo: { id: 1 } },
      base: { ref: 'main', sha, repo: { id: 1 } },
      ...pull,
    },
    ...top,
  };
}

describe('push', () => {
  test('as GitHub sends it', () => {
    const payload = { ref: 'refs/heads/main', after: sha, deleted: false };
    expect(parseEvent(source('push', 'refs/heads/main', payload))).toEqual({
      kind: 'push',
      ref: { kind: 'branch', ref: 'refs/heads/main', name: 'main' },
      after: sha,
      deleted: false,
    });
  });
  test.each<[name: string, payload: object, expected: object]>([
    ['Gitea without deleted', { ref: 'refs/heads/main', after: sha }, { after: sha, deleted: false }],
    ['nothing but an object', {}, { after: undefined, deleted: false }],
    ['deleted', { deleted: true, after: '0'.repeat(40) }, { after: undefined, deleted: true }],
    ['deleted, said by zeros alone', { after: '0'.repeat(40) }, { after: undefined, deleted: true }],
    ['zeros of a SHA-256 repository', { after: '0'.repeat(64) }, { after: undefined, deleted: true }],
    ['null fields', { ref: null, after: null, deleted: null }, { after: undefined, deleted: false }],
    ['inherited fields', Object.create({ deleted: true, after: 7 }), { after: undefined, deleted: false }],
    ['a __proto__ key', JSON.parse('{"__proto__":{"deleted":true}}'), { after: undefined, deleted: false }],
  ])('%s', (_, payload, expected) =>
    expect(parseEvent(source('push', 'refs/heads/main', payload))).toMatchObject(expected),
  );
  test.each<[name: string, payload: unknown, field: string]>([
    ['no payload', undefined, '.'],
    ['null', null, '.'],
    ['a text', 'x', '.'],
    ['a list', [], '.'],
    ['another ref', { ref: 'refs/heads/other' }, 'ref'],
    ['a short ref', { ref: 'main' }, 'ref'],
    ['a ref that is a list', { ref: ['refs/heads/main'] }, 'ref'],
    ['a short commit', { after: 'abc' }, 'after'],
    ['a commit in capitals', { after: 'A'.repeat(40) }, 'after'],
    ['deleted as text', { deleted: 'true' }, 'deleted'],
  ])('refused: %s', (_, payload, field) => {
    const parse = () => parseEvent(source('push', 'refs/heads/main', payload));
    expect(parse).toThrow(ActionError);
    expect(parse).toThrow(new RegExp(`"push" on "refs/heads/main" by "octocat": \`${field.replace('.', '\\.')}\``));
  });
});

describe('pull_request', () => {
  const ref = 'refs/pull/7/merge';
  test('as GitHub sends it', () => {
    expect(parseEvent(source('pull_request', ref, pullPayload()))).toEqual({
      kind: 'pull-request',
      ref: { kind: 'pull', ref, name: '7/merge' },
      pull: { number: 7, action: 'opened', headRef: 'feature/x', headSha: sha, sameRepository: true },
    });
  });
  const head = { ref: 'main', sha };
  const base = { repo: { id: 1 } };
  test.each<[name: string, pull: object, top: object, same: boolean]>([
    ['a fork', { head: { ...head, repo: { id: 2 } }, base }, {}, false],
    ['a deleted fork', { head: { ...head, repo: null }, base }, {}, false],
    ['no head repository', { head, base }, {}, false],
    ['no ids at all', { head: { ...head, repo: {} }, base: { repo: {} } }, {}, false],
    ['a base that is another repository', { head: { ...head, repo: { id: 2 } }, base: { repo: { id: 2 } } }, {}, false],
    ['no ids anywhere', { head: { ...head, repo: {} }, base: { repo: {} } }, { repository: {} }, false],
    ['no repository of its own', {}, { repository: undefined }, true],
  ])('%s', (_, pull, top, sameRepository) =>
    expect(parseEvent(source('pull_request', ref, pullPayload(pull, top)))).toMatchObject({ pull: { sameRepository } }),
  );
  test.each<[name: string, pull: object, top: object]>([
    ['no number', { number: undefined }, {}],
    ['a number as text', { number: '7' }, {}],
    ['number 0', { number: 0 }, {}],
    ['a fraction', { number: 7.5 }, {}],
    ['a huge number', { number: 1e20 }, {}],
    ['another number than the ref’s', { number: 8 }, {}],
    ['no action', {}, { action: undefined }],
    ['an empty head ref', { head: { ref: '', sha, repo: { id: 1 } } }, {}],
    ['no head', { head: null }, {}],
    ['no head commit', { head: { ref: 'x', repo: { id: 1 } } }, {}],
    ['ids as text', { head: { ref: 'x', sha, repo: { id: '1' } } }, {}],
    ['no pull request', {}, { pull_request: undefined }],
    ['a list for a pull request', {}, { pull_request: [7] }],
  ])('refused: %s', (_, pull, top) =>
    expect(() => parseEvent(source('pull_request', ref, pullPayload(pull, top)))).toThrow(/payload is .*; allowed is/),
  );
});

describe('release', () => {
  const release = { draft: false, prerelease: true, tag_name: 'v1.0.0' };
  test('as GitHub sends it', () => {
    expect(parseEvent(source('release', 'refs/tags/v1.0.0', { action: 'published', release }))).toEqual({
      kind: 'release',
      ref: { kind: 'tag', ref: 'refs/tags/v1.0.0', name: 'v1.0.0' },
      action: 'published',
      draft: false,
      prerelease: true,
      tagName: 'v1.0.0',
    });
  });
  test.each(['draft', 'prerelease', 'tag_name'])('refused without %s', (field) =>
    expect(() =>
      parseEvent(
        source('release', 'refs/tags/v1.0.0', { action: 'published', release: { ...release, [field]: null } }),
      ),
    ).toThrow(`release.${field}`),
  );
});

test.each(['workflow_dispatch', 'schedule', 'merge_group'])('%s needs no field', (name) =>
  expect(parseEvent(source(name, 'refs/heads/main', {})).kind).toBe(name.replace('_', '-')),
);

test.each(['pull_request_target', 'workflow_run', 'create', 'PUSH', 'push ', '', '__proto__', 'constructor'])(
  '%j is no event of ours',
  (name) => expect(parseEvent(source(name, 'refs/heads/main', {}))).toMatchObject({ kind: 'other', name }),
);

describe('the default branch', () => {
  test.each<[name: string, event: string, ref: string, payload: unknown, branch: string | undefined]>([
    ['of the payload', 'push', 'refs/heads/x', { repository: { default_branch: 'trunk' } }, 'trunk'],
    ['spaces stay', 'push', 'refs/heads/x', { repository: { default_branch: 'main\u00a0' } }, 'main\u00a0'],
    ['missing', 'push', 'refs/heads/x', {}, undefined],
    ['no repository', 'push', 'refs/heads/x', { repository: null }, undefined],
    ['schedule', 'schedule', 'refs/heads/trunk', { schedule: '0 0 * * *' }, 'trunk'],
    ['schedule on no branch', 'schedule', 'refs/tags/trunk', {}, undefined],
    ['inherited', 'push', 'refs/heads/x', { repository: Object.create({ default_branch: 'x' }) }, undefined],
  ])('%s', (_, event, ref, payload, branch) => expect(defaultBranchOf(source(event, ref, payload))).toBe(branch));
  test('a number is refused', () =>
    expect(() => defaultBranchOf(source('push', 'refs/heads/x', { repository: { default_branch: 7 } }))).toThrow(
      'repository.default_branch',
    ));
});
