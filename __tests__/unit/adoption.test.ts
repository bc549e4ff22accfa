import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import type { GitContext } from '../../src/model/git-context.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type AdoptionRequest, adoptionTags, type Held, type Holdings, planAdoption } from '../../src/plan/adoption.ts';
import type { OurLabels } from '../../src/plan/labels.ts';
import { commitA, commitB, planOf, pull, push, runOf } from '../support/oracle-runs.ts';

const one = digestOf('one');
const two = digestOf('two');
const sha = `sha-${'a'.repeat(12)}`;
const ours: OurLabels = { revision: commitA, head: commitA, key: 'k1', bases: 'b1', tests: 't1', dirty: 'false' };
const app = parseRepository('ghcr.io/acme/app').name;
const copy = parseRepository('quay.io/acme/app').name;
const absent: Held = { kind: 'absent' };
const unreadable: Held = { kind: 'unreadable', reason: 'HTTP 500' };

function held(digest = one, labels: Partial<OurLabels> | undefined = {}): Held {
  return { kind: 'held', digest, labels: labels && { ...ours, ...labels } };
}

const bare: Held = { kind: 'held', digest: one, labels: undefined };

function has(tags: Readonly<Record<string, Held>>, repository = app): Holdings {
  return { repository, tags: Object.entries(tags).map(([tag, what]) => ({ tag: parseTag(tag), held: what })) };
}

function requestOf(git: GitContext, parts: Partial<AdoptionRequest> = {}): AdoptionRequest {
  return {
    wanted: planOf(git),
    commit: commitA,
    key: 'k1',
    bases: { key: 'b1', unknown: '' },
    tests: 't1',
    headKnown: true,
    dirty: false,
    reuse: 'auto',
    fresh: false,
    runId: '4711',
    runAttempt: '2',
    ...parts,
  };
}

const main = runOf(push('refs/heads/main'));
const release = runOf(push('refs/tags/v1.4.2'));
const word = runOf(push('refs/tags/nightly'));
const branch = runOf(push('refs/heads/x'));

type Row = [
  name: string,
  git: GitContext,
  parts: Partial<AdoptionRequest>,
  tags: Record<string, Held>,
  expected: object,
];

describe('one repository', () => {
  const again = `${sha}-4711-2`;
  test.each<Row>([
    ['nothing there', main, {}, { main: absent, [sha]: absent }, { kind: 'build', firstTag: sha, keep: [] }],
    [
      'own tag',
      main,
      {},
      { main: held(), [sha]: absent },
      { kind: 'adopt', digest: one, from: { tag: 'main' }, testsKnown: true, keep: [] },
    ],
    ['fixed tag', main, {}, { main: absent, [sha]: held() }, { kind: 'adopt', from: { tag: sha }, keep: [] }],
    [
      'both: a refresh is not rolled back',
      main,
      {},
      { main: held(two), [sha]: held(one) },
      { kind: 'adopt', digest: two, from: { tag: 'main' }, keep: [sha] },
    ],
    [
      'own tag of an older commit',
      main,
      {},
      { main: held(two, { revision: commitB }), [sha]: held(one) },
      { kind: 'adopt', digest: one, from: { tag: sha }, keep: [] },
    ],
    ['other tests', main, { tests: 't2' }, { main: held(), [sha]: absent }, { kind: 'adopt', testsKnown: false }],
    [
      'tests unknown to us',
      main,
      { tests: '' },
      { main: held(one, { tests: '' }), [sha]: absent },
      { kind: 'adopt', testsKnown: false },
    ],
    [
      'another content key',
      main,
      { key: 'k2' },
      { main: held(), [sha]: held() },
      { kind: 'build', firstTag: again, keep: [sha] },
    ],
    [
      'keys that are empty',
      main,
      { key: '' },
      { main: held(one, { key: '' }), [sha]: absent },
      { kind: 'build', firstTag: sha },
    ],
    [
      'commits that are empty',
      main,
      { commit: '' },
      { main: held(one, { revision: '' }), [sha]: absent },
      { kind: 'build' },
    ],
    ['no labels of ours', main, {}, { main: bare, [sha]: absent }, { kind: 'build', firstTag: sha }],
    [
      'fixed tag of no labels',
      main,
      {},
      { main: absent, [sha]: bare },
      { kind: 'build', firstTag: again, keep: [sha] },
    ],
    [
      'built from a dirty tree',
      main,
      {},
      { main: held(one, { dirty: 'true' }), [sha]: absent },
      { kind: 'build', firstTag: sha },
    ],
    [
      'dirtiness unknown',
      main,
      {},
      { main: held(one, { dirty: '' }), [sha]: absent },
      { kind: 'build', firstTag: sha },
    ],
    [
      'dirty tree',
      main,
      { dirty: true },
      { main: held(), [sha]: absent },
      { kind: 'build', firstTag: again, keep: [sha] },
    ],
    ['fresh', main, { fresh: true }, { main: held(), [sha]: held() }, { kind: 'build', firstTag: again, keep: [sha] }],
    [
      'fresh and nothing there',
      main,
      { fresh: true },
      { main: absent, [sha]: absent },
      { kind: 'build', firstTag: sha },
    ],
    ['reuse: off', main, { reuse: 'off' }, { main: held(), [sha]: absent }, { kind: 'build', firstTag: sha }],
    [
      'fixed tag unreadable',
      main,
      {},
      { main: absent, [sha]: unreadable },
      { kind: 'build', firstTag: again, keep: [sha] },
    ],
    ['fixed tag not looked at', main, {}, { main: absent }, { kind: 'build', firstTag: again, keep: [sha] }],
    ['own tag unreadable', main, {}, { main: unreadable, [sha]: held() }, { kind: 'adopt', from: { tag: sha } }],
    ['version free', release, {}, { '1.4.2': absent, [sha]: absent }, { kind: 'build', firstTag: sha, keep: [] }],
    [
      'version free, main built it',
      release,
      {},
      { '1.4.2': absent, [sha]: held() },
      { kind: 'adopt', from: { tag: sha }, testsKnown: true },
    ],
    [
      'version there',
      release,
      {},
      { '1.4.2': held(), [sha]: absent },
      { kind: 'adopt', from: { tag: '1.4.2' }, keep: [], notices: [] },
    ],
    [
      'version there, another image of main',
      release,
      {},
      { '1.4.2': held(), [sha]: held(two) },
      { kind: 'adopt', digest: one, keep: [sha] },
    ],
    [
      'version there, fresh',
      release,
      { fresh: true },
      { '1.4.2': held(), [sha]: absent },
      { kind: 'adopt', notices: [expect.stringContaining('fresh')] },
    ],
    [
      'version there, reuse: off',
      release,
      { reuse: 'off' },
      { '1.4.2': held(), [sha]: absent },
      { kind: 'adopt', notices: [expect.stringContaining('reuse')] },
    ],
    [
      'version there, other key',
      release,
      { key: 'k2' },
      { '1.4.2': held(), [sha]: absent },
      { kind: 'adopt', notices: [expect.stringContaining('content key')] },
    ],
    [
      'version there, dirty',
      release,
      { dirty: true },
      { '1.4.2': held(), [sha]: absent },
      { kind: 'adopt', notices: [expect.stringContaining('dirty')] },
    ],
    [
      'version there, built dirty',
      release,
      {},
      { '1.4.2': held(one, { dirty: 'true' }), [sha]: absent },
      { kind: 'adopt', keep: [sha] },
    ],
    [
      'version free, dirty',
      release,
      { dirty: true },
      { '1.4.2': absent, [sha]: absent },
      { kind: 'build', firstTag: again, keep: [sha] },
    ],
    [
      'git tag that is a word',
      word,
      {},
      { 'tag-nightly': held(two), [sha]: held() },
      { kind: 'adopt', digest: two, keep: [sha] },
    ],
    ['branch', branch, {}, { x: absent }, { kind: 'build', firstTag: 'x', keep: [] }],
    ['branch there', branch, {}, { x: held() }, { kind: 'adopt', from: { tag: 'x' }, keep: [] }],
    ['branch, dirty', branch, { dirty: true }, { x: held() }, { kind: 'build', firstTag: 'x' }],
    [
      'pull request',
      runOf(pull('x')),
      {},
      { 'pr-7': held(one, { head: commitB }) },
      { kind: 'adopt', from: { tag: 'pr-7' } },
    ],
    [
      'fork',
      runOf(pull('x', { sameRepository: false })),
      {},
      { 'pr-7': held() },
      { kind: 'build', firstTag: undefined, keep: [] },
    ],
  ])('%s', (_, git, parts, tags, expected) =>
    expect(planAdoption(requestOf(git, parts), [has(tags)])).toMatchObject(expected),
  );

  test.each<[name: string, what: Held, message: RegExp]>([
    [
      'of another commit',
      held(two, { revision: commitB }),
      new RegExp(`1\\.4\\.2 is ${two} of commit ${commitB}.*commit ${commitA}`),
    ],
    ['without labels', { kind: 'held', digest: two, labels: undefined }, /unknown commit/],
    ['without a revision', held(two, { revision: '' }), /unknown commit/],
    ['that cannot be read', unreadable, /HTTP 500/],
  ])('a version tag %s is red', (_, what, message) =>
    expect(() => planAdoption(requestOf(release), [has({ '1.4.2': what, [sha]: held() })])).toThrow(message),
  );
});

describe('several repositories', () => {
  test('found in one, copied to the others', () => {
    const seen = [has({ main: absent, [sha]: absent }), has({ main: held(), [sha]: absent }, copy)];
    expect(planAdoption(requestOf(main), seen)).toMatchObject({
      kind: 'adopt',
      from: { repository: copy, tag: 'main' },
      copyTo: [app],
    });
  });
  test('in both, copied nowhere', () => {
    const seen = [has({ main: held(), [sha]: absent }), has({ main: absent, [sha]: held() }, copy)];
    expect(planAdoption(requestOf(main), seen)).toMatchObject({ from: { repository: app, tag: 'main' }, copyTo: [] });
  });
  test('own tags go before fixed ones, wherever they are', () => {
    const seen = [has({ main: absent, [sha]: held() }), has({ main: held(two), [sha]: absent }, copy)];
    expect(planAdoption(requestOf(main), seen)).toMatchObject({ digest: two, copyTo: [app], keep: [sha] });
  });
  test('a fixed tag that one of them has is not free', () => {
    const seen = [has({ main: absent, [sha]: absent }), has({ main: absent, [sha]: held() }, copy)];
    expect(planAdoption(requestOf(main, { fresh: true }), seen)).toMatchObject({ firstTag: `${sha}-4711-2` });
  });
  test.each<[name: string, tag: string, git: GitContext]>([
    ['fixed tag', sha, main],
    ['version', '1.4.2', release],
  ])('two digests for one %s are red, with both', (_, tag, git) => {
    const all = { main: absent, '1.4.2': absent, [sha]: absent };
    const seen = [has({ ...all, [tag]: held(one) }), has({ ...all, [tag]: held(two) }, copy)];
    expect(() => planAdoption(requestOf(git, { fresh: true }), seen)).toThrow(
      new RegExp(`${app}:${tag} is ${one}, ${copy}:${tag} is ${two}`),
    );
  });
  test('a version of another commit in the second one is red', () => {
    const seen = [
      has({ '1.4.2': absent, [sha]: absent }),
      has({ '1.4.2': held(two, { revision: commitB }), [sha]: absent }, copy),
    ];
    expect(() => planAdoption(requestOf(release), seen)).toThrow(`${copy}:1.4.2`);
  });
});

test.each<[name: string, git: GitContext, tags: string[]]>([
  ['main', main, ['main', sha]],
  ['version', release, ['1.4.2', sha, 'main']],
  ['word', word, ['tag-nightly', sha, 'main']],
  ['branch', branch, ['x', sha, 'main']],
  ['pull request', runOf(pull('x')), ['pr-7', 'main']],
  ['fork', runOf(pull('x', { sameRepository: false })), []],
])('what is looked at: %s', (_, git, tags) => expect(adoptionTags(planOf(git))).toEqual(tags));

describe('content that main shipped, from another commit', () => {
  const theirs = (labels: Partial<OurLabels> = {}, digest = two): Held =>
    held(digest, { revision: commitB, ...labels });
  const adopted = { kind: 'adopt', digest: two, from: { repository: app, tag: 'main' } };
  const unknown = { bases: { key: '', unknown: 'FROM x' } };
  test.each<Row>([
    ['main itself', main, {}, { main: theirs(), [sha]: absent }, { ...adopted, keep: [], testsKnown: true }],
    ['a branch', branch, {}, { x: absent, main: theirs(), [sha]: absent }, { ...adopted, keep: [] }],
    ['a branch that was built', branch, {}, { x: held(), main: theirs(), [sha]: absent }, { digest: one }],
    ['a branch with an image of its own before', branch, {}, { x: theirs({}, one), main: theirs() }, adopted],
    ['a pull request', runOf(pull('x')), {}, { 'pr-7': absent, main: theirs() }, adopted],
    ['a git tag', word, {}, { 'tag-nightly': absent, main: theirs(), [sha]: absent }, adopted],
    ['a version', release, {}, { '1.4.2': absent, main: theirs(), [sha]: absent }, adopted],
    ['the commit’s own image goes first', branch, {}, { x: absent, main: theirs(), [sha]: held() }, { digest: one }],
    ['other tests', branch, { tests: 't2' }, { x: absent, main: theirs() }, { ...adopted, testsKnown: false }],
    ['other content', branch, { key: 'k2' }, { x: absent, main: theirs() }, { kind: 'build', firstTag: 'x' }],
    ['a base that has moved', branch, {}, { x: absent, main: theirs({ bases: 'b2' }) }, { kind: 'build' }],
    ['a base that is not known', branch, unknown, { x: absent, main: theirs({ bases: '' }) }, { kind: 'build' }],
    ['a base that was not known', branch, {}, { x: absent, main: theirs({ bases: '' }) }, { kind: 'build' }],
    ['built from a dirty tree', branch, {}, { x: absent, main: theirs({ dirty: 'true' }) }, { kind: 'build' }],
    ['a dirty tree', branch, { dirty: true }, { x: absent, main: theirs() }, { kind: 'build' }],
    ['a fresh one', branch, { fresh: true }, { x: absent, main: theirs() }, { kind: 'build' }],
    ['reuse: off', branch, { reuse: 'off' }, { x: absent, main: theirs() }, { kind: 'build' }],
    ['a ref that may be anywhere', branch, { headKnown: false }, { x: absent, main: theirs() }, { kind: 'build' }],
    ['no labels', branch, {}, { x: absent, main: bare }, { kind: 'build' }],
    ['only the branch’s own tag has it', branch, {}, { x: theirs(), main: absent }, { kind: 'build' }],
    [
      'only a git tag’s own tag has it',
      word,
      {},
      { 'tag-nightly': theirs(), main: absent, [sha]: absent },
      { kind: 'build' },
    ],
    [
      'a fixed tag that holds another image stays the commit’s',
      release,
      {},
      { '1.4.2': absent, main: theirs(), [sha]: held(one, { key: 'k0' }) },
      { kind: 'build', keep: [sha] },
    ],
    [
      'a fixed tag that an earlier run gave it, whatever its base is now',
      main,
      unknown,
      { main: theirs(), [sha]: theirs() },
      { ...adopted, from: { tag: sha }, keep: [] },
    ],
    [
      'a version that an earlier run gave it',
      release,
      unknown,
      { '1.4.2': theirs(), main: absent, [sha]: theirs() },
      { kind: 'adopt', digest: two, from: { tag: '1.4.2' } },
    ],
  ])('%s', (_, git, parts, tags, expected) =>
    expect(planAdoption(requestOf(git, parts), [has(tags)])).toMatchObject(expected),
  );

  test('what is said names the commit that its labels name', () => {
    const { because } = planAdoption(requestOf(branch), [has({ x: absent, main: theirs() })]);
    expect(because).toContain(`built from commit ${commitB}, whose content is the same`);
  });

  test.each<[string, Partial<AdoptionRequest>, Partial<OurLabels>, string]>([
    ['an unknown base', unknown, {}, 'would give the same is unknown: FROM x'],
    ['a base that has moved', {}, { bases: 'b2' }, 'a base image has moved since'],
    ['a base that was not known', {}, { bases: '' }, 'what that was made from is unknown'],
    ['an unknown head', { headKnown: false }, {}, 'points is unknown'],
    ['other content', { key: 'k2' }, {}, 'no tag of this run or of main'],
  ])('why it was not taken: %s', (_, parts, labels, expected) => {
    const { because } = planAdoption(requestOf(branch, parts), [has({ x: absent, main: theirs(labels) })]);
    expect(because).toContain(expected);
  });

  test('no image is ever taken for main or a release that lies under a tag which a branch may write', () => {
    const written = (git: GitContext) => planOf(git).tags.map(({ name }) => name);
    const free = [branch, runOf(pull('x'))].flatMap(written);
    for (const git of [main, release, word])
      expect(adoptionTags(planOf(git)).filter((tag) => free.includes(tag))).toEqual([]);
  });
});
