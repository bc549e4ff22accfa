import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ActionError, type ErrorCode } from '../../src/errors.ts';
import type { PlatformBytecode } from '../../src/model/bytecode.ts';
import type { RunEvent } from '../../src/model/git-context.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { authorize } from '../../src/plan/authorize.ts';
import type { PlatformProof } from '../../src/plan/bytecode/proof-verdict.ts';
import type { Role } from '../../src/plan/rights.ts';
import { planTags } from '../../src/plan/tag-plan.ts';
import type { Verdict } from '../../src/plan/verdict.ts';
import type { TagKind } from '../../src/plan/wanted-tag.ts';
import type { Facts, TagOutcome, TestResult } from '../../src/report/facts.ts';
import { outputNames } from '../../src/report/outputs.ts';
import { renderReceipt } from '../../src/report/receipt.ts';
import { assessment, result } from '../support/checks.ts';
import { diff, digest, facts, image, tagRecord } from '../support/facts.ts';
import { noVersions, policy, pull, push, rules, runOf } from '../support/oracle-runs.ts';
import { receiptProblems, receiptSchema } from '../support/receipt-schema.ts';

/** Every member of a union once: the compiler refuses both a missing and a surplus one. */
type All<Union extends string> = Readonly<Record<Union, true>>;

const codes: All<ErrorCode | 'internal'> = {
  'invalid-input': true,
  'event-refused': true,
  'checkout-mismatch': true,
  'context-refused': true,
  'disk-full': true,
  'engine-missing': true,
  'builder-missing': true,
  'bytecode-failed': true,
  'login-missing': true,
  'registry-failed': true,
  'build-failed': true,
  'test-failed': true,
  'checks-failed': true,
  'tag-conflict': true,
  superseded: true,
  'image-unreadable': true,
  'digest-mismatch': true,
  'publish-failed': true,
  timeout: true,
  cancelled: true,
  internal: true,
};
const results: All<Verdict['kind'] | 'failed' | 'unfinished'> = {
  ship: true,
  'test-only': true,
  nothing: true,
  failed: true,
  unfinished: true,
};
const roles: All<Role> = {
  main: true,
  release: true,
  branch: true,
  'pull-request': true,
  untrusted: true,
  'test-only': true,
};
const kinds: All<TagKind> = { own: true, fixed: true, 'head-branch': true, latest: true, line: true, extra: true };
const outcomes: All<TagOutcome> = {
  new: true,
  moved: true,
  kept: true,
  superseded: true,
  'not-written': true,
  unknown: true,
};
const tests: All<TestResult['kind']> = { test: true, 'test-target': true, 'test-image': true, verify: true };

/** What a run of an event knows before anything is built. */
function asked(event: RunEvent, extraTags: readonly string[] = []): Partial<Facts> {
  const git = runOf(event);
  const rights = authorize(git, rules);
  return { git, rights, wanted: planTags({ ...policy, extraTags }, { git, rights }, noVersions) };
}

const ran = (kind: TestResult['kind'], passed = true): TestResult => ({
  ...{ kind, command: 'true\n', platform: undefined, passed },
  ms: 12.7,
});
const steps: Facts['steps'] = [
  { name: 'Who asks', ms: 31.4, outcome: 'done' },
  { name: 'Build and test', ms: 900.2, outcome: 'failed' },
];
const ship: Verdict = { kind: 'ship' };
const failure = new ActionError('publish-failed', 'one tag was not written', { hint: 'run it again' });

const bytecode: PlatformBytecode = {
  platform: undefined,
  interpreters: [{ path: '/usr/bin/python3.11', version: '3.11.2', cacheTag: 'cpython-311', magic: 3495, optimize: 0 }],
  roots: [],
  pycachePrefix: undefined,
  compiled: 12,
  bytes: 3456,
  unchanged: 1,
  skipped: [{ path: '/app/\udcff.py', reason: 'r' }],
  failed: [{ path: '/app/x.py', own: true, message: 'invalid syntax', line: 3 }],
  removed: [{ path: '/app/__pycache__/x.cpython-39.pyc', reason: 'r' }],
  useless: ['r'],
};
const bytecodeProof: PlatformProof = {
  platform: undefined,
  files: {
    faults: [{ path: '/app/x.py', reason: 'missing', version: '3.11.2', own: true }],
    coverage: [{ kind: 'app', sources: 2, loaded: 1 }],
    overlooked: [],
  },
  start: { kind: 'started', what: 'the image’s command', compiled: ['/app/x.py'], short: '' },
  times: { kind: 'measured', starts: 3, before: { ms: 900, compiled: 50 }, after: { ms: 100, compiled: 1 } },
};

/** A run that has something in each part of its receipt. */
const whole = facts({
  revisions: new Map([[digest('b'), 'b'.repeat(40)]]),
  ...asked(push('refs/heads/main'), ['stable']),
  wanted: {
    ...planTags(
      policy,
      { git: runOf(push('refs/heads/main')), rights: authorize(runOf(push('refs/heads/main')), rules) },
      noVersions,
    ),
    refused: [{ tag: 'latest', rule: 'whether there is a release is unknown' }],
    superseded: [{ tag: parseTag('1.4'), by: '1.4.3' }],
  },
  image: {
    ...image,
    platforms: [
      { platform: parsePlatform('linux/amd64'), digest: digest('d'), size: 12 },
      { platform: parsePlatform('linux/arm64'), digest: undefined, size: undefined },
    ],
    bytecode: [bytecode, { ...bytecode, platform: parsePlatform('linux/arm64') }],
    uncached: { step: 'RUN make', place: { file: 'Dockerfile', line: 3 }, because: 'there was no cache to read' },
  },
  bytecodeProofs: [bytecodeProof],
  audit: assessment([result('a', { state: 'open', check: { severity: 'high' } }), result('b', { state: 'unknown' })]),
  diff,
  verdict: ship,
  error: failure,
  cacheExport: { reference: 'ghcr.io/acme/app:cache-main', ok: false, reason: 'it took too long' },
  tests: [
    { ...ran('test-image'), platform: parsePlatform('linux/arm64') },
    ran('test'),
    ran('test-target'),
    ran('test-image'),
    ran('verify', false),
  ],
  tags: [tagRecord('main', { before: digest('b'), outcome: 'moved' }), tagRecord('latest', { outcome: 'unknown' })],
  steps,
  notices: ['the remote could not be asked'],
});

const runs: readonly (readonly [string, Facts])[] = [
  ['a run that got nowhere', facts()],
  ['wrong inputs', facts({ error: new ActionError('invalid-input', 'push: "maybe"', { hint: 'correct it' }) })],
  ['a mistake of ours', facts({ error: new TypeError('x is undefined'), steps })],
  ['an event that is refused', facts({ error: new ActionError('event-refused', 'no', { hint: 'use push' }), steps })],
  [
    'a closed pull request',
    facts({ ...asked(pull('topic', { action: 'closed' })), verdict: { kind: 'nothing', because: 'closed' } }),
  ],
  [
    'a fork',
    facts({
      ...asked(pull('topic', { sameRepository: false })),
      image,
      verdict: { kind: 'test-only', because: 'a fork' },
      tests: [ran('test')],
    }),
  ],
  [
    'a pull request',
    facts({
      ...asked(pull('topic')),
      image,
      verdict: ship,
      tags: [tagRecord('pr-7'), tagRecord('topic', { kind: 'head-branch' })],
    }),
  ],
  [
    'a branch with extra tags that it may not write',
    facts({ ...asked(push('refs/heads/topic'), ['stable']), image, verdict: ship, tags: [tagRecord('topic')] }),
  ],
  [
    'main',
    facts({
      ...asked(push('refs/heads/main')),
      image,
      verdict: ship,
      tags: [tagRecord('main'), tagRecord('latest', { kind: 'latest' })],
      cacheExport: { reference: 'r:cache-main', ok: true, reason: '' },
    }),
  ],
  [
    'a release',
    facts({
      ...asked(push('refs/tags/v1.4.2')),
      image,
      verdict: ship,
      tags: [tagRecord('1.4.2', { kind: 'fixed' }), tagRecord('1.4', { kind: 'line' })],
    }),
  ],
  [
    'an image that is taken',
    facts({
      ...asked(push('refs/heads/main')),
      image: {
        ...image,
        reused: true,
        steps: { cached: 0, total: 0 },
        metadata: {},
        size: undefined,
        configDigest: undefined,
      },
      verdict: ship,
      tags: [tagRecord('main', { before: digest('a'), outcome: 'kept' })],
    }),
  ],
  [
    'an older commit',
    facts({
      ...asked(push('refs/heads/topic')),
      image,
      verdict: ship,
      tags: [
        tagRecord('topic', {
          before: digest('b'),
          after: digest('b'),
          outcome: 'superseded',
          reason: 'a newer commit',
        }),
      ],
    }),
  ],
  [
    'an upload that broke',
    facts({
      ...asked(push('refs/heads/main')),
      image,
      verdict: ship,
      error: failure,
      tags: [tagRecord('main', { after: undefined, outcome: 'not-written', reason: 'r' })],
      steps,
    }),
  ],
  [
    'bytecode that was not proved by running',
    facts({
      image: { ...image, bytecode: [bytecode] },
      bytecodeProofs: [
        {
          ...bytecodeProof,
          start: { kind: 'unproved', reason: 'r' },
          times: { kind: 'skipped', reason: 'r' },
        },
      ],
    }),
  ],
  ['bytecode whose proof was not reached', facts({ image: { ...image, bytecode: [bytecode] } })],
  ['an image that was not looked at', facts({ image, unchecked: 'it was there already' })],
  ['something in each part', whole],
];

function receiptOf(run: Facts): unknown {
  return JSON.parse(renderReceipt(run, '/tmp/slipway-receipt.json'));
}

describe('docs/receipt.schema.json', () => {
  test.each(runs)('takes the receipt of %s', (_, run) => {
    expect(receiptProblems(receiptOf(run))).toEqual([]);
  });

  test.each(Object.keys(kinds).flatMap((kind) => Object.keys(outcomes).map((outcome) => [kind, outcome])))(
    'takes a tag of kind %s that is %s',
    (kind, outcome) => {
      const tags = [tagRecord('x', { kind: kind as TagKind, outcome: outcome as TagOutcome })];
      expect(receiptProblems(receiptOf(facts({ tags })))).toEqual([]);
    },
  );

  const { properties, $defs } = receiptSchema;
  test.each<[string, readonly unknown[] | undefined, readonly unknown[]]>([
    ['results', properties['result']?.enum, Object.keys(results)],
    ['roles', properties['role']?.enum, [...Object.keys(roles), null]],
    ['kinds of tags', $defs['tag']?.properties?.['kind']?.enum, Object.keys(kinds)],
    ['ends of tags', $defs['tag']?.properties?.['outcome']?.enum, Object.keys(outcomes)],
    ['kinds of tests', $defs['test']?.properties?.['kind']?.enum, Object.keys(tests)],
    ['codes of errors', $defs['error']?.properties?.['code']?.enum, Object.keys(codes)],
    ['outputs', $defs['outputs']?.required, outputNames],
    ['outputs, described', Object.keys($defs['outputs']?.properties ?? {}), outputNames],
  ])('names the %s that the sources have', (_, said, sources) => {
    expect(said).toEqual(sources);
  });

  test('counts what the checks found, and says where they did not look', () => {
    expect(receiptOf(whole)).toMatchObject({
      checks: { because: null, found: { high: 1, medium: 0, low: 0, info: 0, unknown: 1, ignored: 0 } },
    });
    const [known, none] = [facts({ unchecked: 'it was there already' }), facts()].map(receiptOf);
    expect([known, none]).toMatchObject([
      { checks: { because: 'it was there already', found: null } },
      { checks: null },
    ]);
  });

  test('describes every field', () => {
    expect(undescribed(receiptSchema)).toEqual([]);
  });
});

describe('no receipt is', () => {
  const places = objectsIn(receiptOf(whole));

  test('missing from this table', () => {
    expect(places.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '',
        '/error',
        '/image',
        '/image/steps',
        '/tags/0',
        '/refused/0',
        '/superseded/0',
        '/tests/0',
        '/bytecode',
        '/bytecode/pythons/0',
        '/bytecode/failed/0',
        '/bytecode/others/0',
        '/bytecode/proof',
        '/bytecode/proof/faults/0',
        '/bytecode/proof/start',
        '/bytecode/proof/times/before',
        '/checks/found',
        '/cache',
        '/cache/export',
        '/steps/0',
        '/outputs',
      ]),
    );
  });

  test.each(places.flatMap(({ path, keys }) => keys.map((key) => [`${path}/${key}`, path, key])))(
    'one without %s',
    (_, path, key) => {
      const receipt = receiptOf(whole);
      expect(Reflect.deleteProperty(at(receipt, path), key)).toBe(true);
      expect(receiptProblems(receipt).join('\n')).toContain(`${path || '/'} must have required property '${key}'`);
    },
  );

  test.each(places.map(({ path }) => [path || '/', path]))('one with a field too many in %s', (_, path) => {
    const receipt = receiptOf(whole);
    Reflect.set(at(receipt, path), 'surprise', 1);
    expect(receiptProblems(receipt).join('\n')).toContain(`${path || '/'} must NOT have additional properties`);
  });

  test.each<[string, string, unknown]>([
    ['another format', '/format', 2],
    ['a digest that is none', '/image/digest', 'sha256:abc'],
    ['a tag that is none', '/tags/0/tag', 'feature/x'],
    ['an unknown end of a tag', '/tags/0/outcome', 'overwritten'],
    ['an unknown role', '/role', 'admin'],
    ['a commit that is none', '/commit', 'HEAD'],
    ['a time below zero', '/steps/0/ms', -1],
    ['a flag that is no text', '/outputs/pushed', true],
    ['a failure without an error', '/error', null],
    ['an error without a failure', '/result', 'ship'],
  ])('one with %s', (_, path, value) => {
    const receipt = receiptOf(whole);
    const cut = path.lastIndexOf('/');
    Reflect.set(at(receipt, path.slice(0, cut)), path.slice(cut + 1), value);
    expect(receiptProblems(receipt)).not.toEqual([]);
  });
});

describe('docs/errors', () => {
  const folder = new URL('../../docs/errors/', import.meta.url);
  const pages = readdirSync(folder).sort();

  test('has a page for each code of an error, and no other', () => {
    expect(pages).toEqual(
      Object.keys(codes)
        .map((code) => `${code}.md`)
        .sort(),
    );
  });

  test.each(pages)('%s names its code, says something, and troubleshooting.md leads to it', (page) => {
    const text = readFileSync(new URL(page, folder), 'utf8');
    expect(text).toMatch(new RegExp(`^# \`${page.slice(0, -3)}\`\\n\\n\\S`));
    const index = readFileSync(new URL('../troubleshooting.md', folder), 'utf8');
    expect(index).toContain(`](errors/${page})`);
    for (const [, link = ''] of text.matchAll(/\]\(((?:\.\.\/)?[\w-]+\.md)/g))
      expect(existsSync(new URL(link, folder))).toBe(true);
  });
});

interface Place {
  readonly path: string;
  readonly keys: readonly string[];
}

/** Every object in a value, by its JSON pointer; of an array the first one. */
function objectsIn(value: unknown, path = ''): readonly Place[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : objectsIn(value[0], `${path}/0`);
  if (typeof value !== 'object' || value === null) return [];
  return [
    { path, keys: Object.keys(value) },
    ...Object.entries(value).flatMap(([key, inner]) => objectsIn(inner, `${path}/${key}`)),
  ];
}

function at(value: unknown, path: string): object {
  const found = path
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, key) => Reflect.get(inner as object, key), value);
  return found as object;
}

/** Paths of properties without a description, references aside that have one beside them. */
function undescribed(schema: unknown, path = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) => {
    const here = `${path}/${key}`;
    if (key !== 'properties' || /\/(?:if|then|else)$/.test(path)) return undescribed(inner, here);
    const bare = Object.entries(inner as object).filter(([, one]) => !('description' in one) && !('$ref' in one));
    return [...bare.map(([name]) => `${here}/${name}`), ...undescribed(inner, here)];
  });
}
