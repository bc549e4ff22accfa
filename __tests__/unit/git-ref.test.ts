import { describe, expect, test } from '@jest/globals';
import { branchRef, isCommitId, parseGitRef } from '../../src/model/git-ref.ts';

describe('a full ref is told apart by its namespace, once', () => {
  test.each<[ref: string, kind: string, name: string]>([
    ['refs/heads/main', 'branch', 'main'],
    ['refs/heads/feature/x', 'branch', 'feature/x'],
    ['refs/heads/refs/heads/main', 'branch', 'refs/heads/main'],
    ['refs/heads/refs/tags/v1', 'branch', 'refs/tags/v1'],
    ['refs/heads/main\u00a0', 'branch', 'main\u00a0'],
    ['refs/heads/\ufeffmain', 'branch', '\ufeffmain'],
    ['refs/tags/v1', 'tag', 'v1'],
    ['refs/tags/refs/heads/main', 'tag', 'refs/heads/main'],
    ['refs/pull/7/merge', 'pull', '7/merge'],
    ['refs/heads/', 'other', 'refs/heads/'],
    ['refs/heads', 'other', 'refs/heads'],
    ['refs/notes/commits', 'other', 'refs/notes/commits'],
    ['refs/Heads/main', 'other', 'refs/Heads/main'],
    [' refs/heads/main', 'other', ' refs/heads/main'],
    ['marefs/heads/in', 'other', 'marefs/heads/in'],
    ['main', 'other', 'main'],
    ['', 'other', ''],
  ])('%j', (ref, kind, name) => expect(parseGitRef(ref)).toEqual({ kind, ref, name }));
  test('a branch’s ref is read back', () => {
    expect(parseGitRef(branchRef('refs/heads/x'))).toMatchObject({ kind: 'branch', name: 'refs/heads/x' });
  });
});

test.each<[name: string, text: string, is: boolean]>([
  ['SHA-1', 'a'.repeat(40), true],
  ['SHA-256', '0'.repeat(64), true],
  ['short', 'abc1234', false],
  ['capitals', 'A'.repeat(40), false],
  ['41 digits', 'a'.repeat(41), false],
  ['a newline behind', `${'a'.repeat(40)}\n`, false],
  ['no hex', 'g'.repeat(40), false],
  ['nothing', '', false],
])('commit id: %s', (_, text, is) => expect(isCommitId(text)).toBe(is));
