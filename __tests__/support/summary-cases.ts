import { explainHold, planHold } from '../../src/audit/hold.ts';
import { strides } from '../../src/audit/score.ts';
import { ActionError } from '../../src/errors.ts';
import { parseGitRef } from '../../src/model/git-ref.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { formatVersion } from '../../src/model/version.ts';
import type { Adoption } from '../../src/plan/adoption.ts';
import { authorize } from '../../src/plan/authorize.ts';
import type { CacheSource } from '../../src/plan/cache-plan.ts';
import { planPlatformNotices } from '../../src/plan/platforms.ts';
import type { RunPlan } from '../../src/plan/run-plan.ts';
import { planTags, type TagPolicy } from '../../src/plan/tag-plan.ts';
import { planPush } from '../../src/plan/verdict.ts';
import { want } from '../../src/plan/wanted-tag.ts';
import { explainSuperseded } from '../../src/plan/write-plan.ts';
import type { Facts, TestResult } from '../../src/report/facts.ts';
import { plainRequest } from './build-request.ts';
import { assessment, result, spot } from './checks.ts';
import { diff, digest, facts, image, tagRecord } from './facts.ts';
import { parse } from './inputs.ts';
import { clean, commitA, commitB, commitC, noVersions, policy, pull, push, rules, runOf } from './oracle-runs.ts';
import { semver } from './versions.ts';

const repository = parseRepository('ghcr.io/acme/app');
const shared: CacheSource = { repository, tag: parseTag('cache-main'), digest: digest('e') };
const built: Adoption = { kind: 'build', firstTag: undefined, keep: [], because: 'nothing fits', notices: [] };
const home = 'https://github.com/acme/slipway/blob/v1';

const steps: Facts['steps'] = [
  { name: 'Who asks', ms: 180, outcome: 'done' },
  { name: 'What is there', ms: 640, outcome: 'done' },
  { name: 'Build and test', ms: 48_300, outcome: 'done' },
  { name: 'Prove', ms: 900, outcome: 'done' },
  { name: 'Upload', ms: 6_100, outcome: 'done' },
  { name: 'Tags', ms: 420, outcome: 'done' },
];
const stopped = (name: string): Facts['steps'] => {
  const at = steps.findIndex((one) => one.name === name);
  return steps.slice(0, at + 1).map((one) => (one.name === name ? { ...one, outcome: 'failed' } : one));
};

interface Asked {
  readonly event: Parameters<typeof runOf>[0];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly git?: Parameters<typeof runOf>[1];
  readonly policy?: Partial<TagPolicy>;
  readonly known?: Parameters<typeof planTags>[2];
}

/** What a run of an event knows before it looks at a registry. */
function asked({ event, inputs = {}, git: parts = {}, policy: more = {}, known = noVersions }: Asked): Partial<Facts> {
  const read = parse(inputs);
  const git = runOf(event, parts);
  const rights = authorize(git, rules);
  const wanted = planTags({ ...policy, extraTags: read.extraTags, ...more }, { git, rights }, known);
  const notices = [...rights.notices, ...wanted.notices];
  return { home, inputs: read, git, rights, wanted, verdict: planPush(read.push, rights), notices };
}

function plan(adoption: Adoption, from: readonly CacheSource[] = [shared]): RunPlan {
  const cache = { from, inline: false, write: undefined };
  const request = plainRequest({ cache });
  const tests = parse({}).tests;
  const grants = { secrets: [], ssh: [], network: undefined, allow: [] } as never;
  return { adoption, cache, request, tests, hasEngine: true, grants };
}

const both = [
  { platform: parsePlatform('linux/amd64'), digest: digest('d'), size: 12_300_000 },
  { platform: parsePlatform('linux/arm64'), digest: digest('e'), size: 11_800_000 },
];
const ran = (kind: TestResult['kind'], command: string, passed = true): TestResult => ({
  ...{ kind, command, passed, platform: undefined },
  ms: 12_340,
});
const failures = {
  files: ['report.xml'],
  counts: {
    ...{ passed: 41, failed: 1, skipped: 2 },
    failures: [
      {
        ...{ name: 'tests.test_price::test_rounds[0.1|0.2]', ms: 12, outcome: 'failed' as const },
        message: 'assert <0.30000000000000004> == 0.3\n  more of it',
        place: { file: 'tests/test_price.py', line: 27 },
      },
    ],
    slowest: [
      { name: 'tests.test_api::test_all', ms: 3_210, outcome: 'passed' as const, message: '', place: undefined },
    ],
  },
};

const main = asked({ event: push('refs/heads/main'), inputs: { test: 'pytest -q --junitxml=report.xml' } });
const moved = { before: digest('b'), outcome: 'moved' } as const;
const revisions: Facts['revisions'] = new Map([[digest('b'), commitB]]);
const fixed = `sha-${commitA.slice(0, 12)}`;
const mainTags: Facts['tags'] = [
  tagRecord(fixed, { kind: 'fixed' }),
  tagRecord('main', moved),
  tagRecord('latest', { ...moved, kind: 'latest' }),
];
const shipped: Partial<Facts> = { ...main, plan: plan(built), image, revisions, tags: mainTags, steps };

const place = { file: 'Dockerfile', line: 14 };
const checked = assessment([
  result('entrypoint-resolves', { check: { stride: 'working', severity: 'high' } }),
  result('starts', {
    state: 'unknown',
    because: 'no probes ran: `checks: full` runs them',
    check: { stride: 'working' },
  }),
  result('runs-as-root', {
    ...{ state: 'open', spots: [spot({ detail: 'no USER is set, so it runs as root', place: { ...place, line: 1 } })] },
    check: {
      ...{
        severity: 'high',
        title: 'The image runs as root',
        remedy: 'RUN useradd --create-home --uid 10001 app\nUSER 10001',
      },
      why: 'Whoever breaks into the process is root in the container, one kernel or mount mistake away from the host.',
    },
  }),
  result('secret-file-in-layer', {
    ...{
      state: 'open',
      ignored: 1,
      check: { severity: 'high', title: 'A layer holds a private key', remedy: 'RUN --mount=type=secret,id=key make' },
    },
    spots: Array.from({ length: 12 }, (_, at) => spot({ detail: `\`/app/keys/${at}.pem\` is a private key`, place })),
  }),
  result('healthcheck-missing', {
    state: 'open',
    check: { stride: 'operable', severity: 'low', title: 'The image has no HEALTHCHECK' },
  }),
  result('FromAsCasing', {
    ...{ state: 'open', spots: [spot({ detail: "'as' and 'FROM' keywords' casing do not match" })] },
    check: {
      ...{
        stride: 'automated',
        severity: 'info',
        by: 'buildkit',
        title: 'BuildKit warns of FromAsCasing',
        why: '',
        remedy: '',
      },
      page: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
    },
  }),
  result('debug-server', {
    state: 'ignored',
    because: 'it is for the tests',
    ignored: 1,
    check: { stride: 'operable' },
  }),
  result('lock-file', {
    state: 'not-applicable',
    because: 'there is no Python in the image',
    check: { stride: 'reproducible' },
  }),
  result('image-size', { check: { stride: 'small' } }),
]);

const versions = semver('1.4.2', '1.4.3');

/** Runs that people meet, each as the facts that its summary is made of. */
export const summaryCases: Readonly<Record<string, Facts>> = {
  published: facts({
    ...shipped,
    image: {
      ...image,
      uncached: {
        ...{ step: 'COPY src/ /app/src/', place: { file: 'Dockerfile', line: 12 } },
        because: 'the cache has nothing for this line with these files',
      },
    },
    tests: [ran('test', 'pytest -q --junitxml=report.xml'), ran('test-image', 'python -m app --version')],
    reports: { files: ['report.xml'], counts: { ...failures.counts, failed: 0, failures: [] } },
    cacheExport: { reference: 'ghcr.io/acme/app:cache-main', ok: true, reason: '' },
  }),
  checked: facts({ ...shipped, audit: checked }),
  'held-by-checks': facts({
    ...{ ...main, plan: plan(built), image, steps: stopped('Prove'), audit: checked },
    error: explainHold(planHold(checked, 'high') as Parameters<typeof explainHold>[0]),
  }),
  'checked-and-clean': facts({
    ...shipped,
    audit: assessment(strides.map((stride) => result(`${stride}-one`, { check: { stride } }))),
  }),
  'first-run': facts({
    ...shipped,
    plan: plan(built, []),
    image: {
      ...image,
      steps: { cached: 0, total: 5 },
      uncached: {
        ...{ step: 'RUN pip install -r requirements.txt', place: { file: 'docker/Dockerfile', line: 4 } },
        because: 'there was no cache to read',
      },
    },
    tags: mainTags.map((one) => ({ ...one, before: undefined, outcome: 'new' })),
    cacheExport: {
      ...{ reference: 'ghcr.io/acme/app:cache-main', ok: false },
      reason: 'ghcr.io: PUT v2/acme/app/manifests/cache-main: 503',
    },
  }),
  'cold-branch-with-plain-copy': facts({
    ...shipped,
    image: {
      ...image,
      uncached: {
        ...{ step: 'COPY src/ /app/src/', place: { file: 'Dockerfile', line: 12 } },
        because:
          'the cache has nothing for this line with these files; for it alone 135.2 MB of the layers below were fetched and unpacked, which `COPY --link` does without',
      },
    },
  }),
  'new-base-image': facts({
    ...{ ...shipped, diff },
    image: {
      ...image,
      steps: { cached: 1, total: 5 },
      uncached: {
        ...{ step: 'RUN pip install x', place: { file: 'Dockerfile', line: 5 } },
        because: 'the cache has nothing for this line with its arguments, on top of what stands before it',
      },
    },
  }),
  'several-platforms': facts({
    ...shipped,
    image: { ...image, identity: { kind: 'index', digest: digest('a') }, configDigest: undefined, platforms: both },
    tests: both.map(({ platform }) => ({ ...ran('test-image', 'app --version'), platform })),
    notices: planPlatformNotices(
      both.map(({ platform }) => platform),
      { machine: parsePlatform('linux/amd64'), here: 'all' },
    ),
  }),
  adopted: facts({
    ...shipped,
    plan: plan({
      ...{ kind: 'adopt', digest: digest('a'), from: { repository: repository.name, tag: parseTag('main') } },
      ...{ builtFrom: commitA, testsKnown: true, copyTo: [], keep: [], notices: [] },
      because: `ghcr.io/acme/app:main holds ${digest('a')} of this commit`,
    }),
    image: { ...image, reused: true, size: undefined, platform: undefined, steps: { cached: 0, total: 0 } },
    unchecked: 'the run that published it asked the same of it',
    tags: mainTags.map((one) => ({ ...one, before: digest('a'), outcome: 'kept' })),
  }),
  'adopted-from-another-commit': facts({
    ...asked({ event: push('refs/heads/topic') }),
    plan: plan({
      ...{ kind: 'adopt', digest: digest('a'), from: { repository: repository.name, tag: parseTag('main') } },
      ...{ builtFrom: commitC, testsKnown: true, copyTo: [], keep: [], notices: [], because: '' },
    }),
    image: { ...image, reused: true, size: undefined, platform: undefined, steps: { cached: 0, total: 0 } },
    ...{ revisions, steps, tags: [tagRecord('topic', moved)] },
  }),
  'two-repositories': facts({
    ...shipped,
    tags: ['ghcr.io/acme/app', 'registry.example.com/team/app'].flatMap((name) =>
      mainTags.map((one) => ({ ...one, repository: parseRepository(name).name })),
    ),
  }),
  'release-of-an-older-line': facts({
    ...asked({
      ...{ event: push('refs/tags/v1.4.2'), inputs: { 'extra-tags': 'stable' } },
      known: { kind: 'known', versions },
    }),
    ...{ plan: plan(built), image, steps },
    tags: [tagRecord(fixed, { kind: 'fixed' }), tagRecord(formatVersion(versions[0] as never), { kind: 'fixed' })],
  }),
  'branch-with-extra-tags': facts({
    ...asked({ event: push('refs/heads/feature/x'), inputs: { 'extra-tags': 'stable' } }),
    ...{ plan: plan(built), image, revisions, steps, tags: [tagRecord('feature--x', moved)] },
  }),
  superseded: facts({
    ...shipped,
    revisions: new Map([[digest('d'), commitC]]),
    tags: mainTags.map((one) =>
      one.kind === 'fixed'
        ? one
        : {
            ...{ ...one, before: digest('d'), after: digest('d'), outcome: 'superseded' as const },
            reason: `"refs/heads/main" is at ${commitC} now and this run is about ${commitA}`,
          },
    ),
    notices: [`main was left to a newer commit: "refs/heads/main" is at ${commitC} now`],
  }),
  'all-superseded': facts({
    ...asked({ event: push('refs/heads/topic') }),
    ...{ plan: plan(built), image, steps },
    tags: [
      tagRecord('topic', {
        ...{ before: undefined, after: undefined, outcome: 'superseded' },
        reason: `"refs/heads/topic" is at ${commitB} now and this run is about ${commitA}`,
      }),
    ],
  }),
  fork: facts({
    ...asked({ event: pull('theirs', { sameRepository: false }), inputs: { test: 'make check' } }),
    ...{ plan: plan(built), image, steps: steps.slice(0, 4), tests: [ran('test', 'make check')] },
    comment: { kind: 'none', reason: 'the token of a pull request from a fork or by Dependabot may not comment' },
  }),
  dependabot: facts({
    ...asked({ event: pull('dependabot/npm/x'), git: { actor: 'dependabot[bot]' } }),
    ...{ plan: plan(built), image, steps: steps.slice(0, 4) },
  }),
  'merge-group': facts({
    ...asked({ event: { kind: 'merge-group', ref: parseGitRef('refs/heads/gh-readonly-queue/main/pr-7') } }),
    ...{ plan: plan(built), image, steps: steps.slice(0, 4) },
  }),
  'git-tag-of-another-prefix': facts({
    ...asked({
      event: push('refs/tags/web-v1.0.0'),
      inputs: { 'version-prefix': 'api-' },
      policy: { versionPrefix: 'api-' },
    }),
    ...{ plan: plan(built), image, steps },
  }),
  'versions-unknown': facts({
    ...asked({
      event: push('refs/heads/main'),
      known: { kind: 'unknown', reason: 'git: could not read from remote repository' },
    }),
    ...{ plan: plan(built), image, revisions, steps, tags: mainTags.slice(0, 2) },
  }),
  'stale-fail': facts({
    ...{ ...main, plan: plan(built), image, steps: stopped('Upload') },
    error: explainSuperseded(
      [{ tag: want(parseTag('main'), 'own', 'by-ref'), because: `"refs/heads/main" is at ${commitC} now` }],
      'nothing was written',
    ),
  }),
  'failed-in-the-image': facts({
    ...{ ...main, plan: plan(built), image, steps: stopped('Prove') },
    tests: [
      ran('test-target', 'test'),
      ran('test-image', 'python -m app --check', false),
      ran('verify', 'docker compose up -d\ncurl -f localhost', false),
    ],
    error: new ActionError('test-failed', '`test-image` ended with exit status 1 after 12.3 s: python -m app --check', {
      hint: 'nothing was published; what the test printed is in the log above',
    }),
  }),
  'read-only-token': facts({
    ...asked({ event: pull('topic') }),
    ...{ plan: plan(built), image, steps, tags: [tagRecord('pr-7'), tagRecord('topic', { kind: 'head-branch' })] },
    comment: { kind: 'none', reason: 'HTTP 403: Resource not accessible by integration' },
  }),
  'push-false': facts({
    ...asked({ event: push('refs/heads/main'), inputs: { push: 'false' } }),
    ...{ plan: plan(built), image, steps: steps.slice(0, 4) },
  }),
  'closed-pull-request': facts({
    ...asked({ event: pull('topic', { action: 'closed' }) }),
    steps: steps.slice(0, 1),
  }),
  'failed-test': facts({
    ...{ ...main, plan: plan(built), steps: stopped('Build and test'), reports: failures },
    tests: [ran('test', 'pytest -q --junitxml=report.xml', false)],
    error: new ActionError(
      'test-failed',
      '`test` ended with exit status 1 after 12.3 s: pytest -q --junitxml=report.xml',
      {
        hint: 'nothing was published; what the test printed is in the log above',
      },
    ),
  }),
  'failed-build': facts({
    ...{ ...main, plan: plan(built), steps: stopped('Build and test') },
    error: new ActionError(
      'build-failed',
      [
        'the build failed in step [builder 3/4] RUN make: process "/bin/sh -c make" did not complete successfully: exit code: 2',
        ...['Dockerfile:7', '--------------------', '   6 |     COPY . .', '   7 | >>> RUN make', '   8 |     '],
        '--------------------',
      ].join('\n'),
      {
        hint: 'the step’s own output is in the log above; `docker buildx build` with the same files shows it on your machine',
      },
    ),
  }),
  refused: facts({
    ...{ home, inputs: undefined },
    error: new ActionError('invalid-input', 'push: "maybe" is none of auto, protected, true, false', {
      hint: 'correct the input `push`',
    }),
  }),
  'no-login': facts({
    ...{ ...main, steps: stopped('What is there') },
    error: new ActionError('login-missing', 'the login for ghcr.io may not write to ghcr.io/acme/app', {
      hint: 'log in with docker/login-action before this step, or give `username` and `password`; on ghcr.io the job needs `permissions: packages: write`',
    }),
  }),
  'tag-in-doubt': facts({
    ...{ ...shipped, steps: stopped('Tags') },
    tags: [
      tagRecord(fixed, { kind: 'fixed' }),
      tagRecord('main', {
        ...{ before: digest('b'), after: undefined, outcome: 'unknown' },
        reason: 'the write was sent and never answered: it may still arrive',
      }),
      tagRecord('latest', {
        ...{ kind: 'latest', before: digest('b'), after: digest('b'), outcome: 'not-written' },
        reason: 'the run did not come this far',
      }),
    ],
    error: new ActionError(
      'publish-failed',
      `ghcr.io: PUT v2/acme/app/manifests/main: no answer within 20 s\nTags written: ghcr.io/acme/app:${fixed}; not written: ghcr.io/acme/app:latest; unknown: ghcr.io/acme/app:main.`,
      { hint: 'run it again when the registry answers' },
    ),
  }),
  cancelled: facts({
    ...{ ...main, plan: plan(built), steps: stopped('Build and test') },
    error: new ActionError('cancelled', 'the run was cancelled (SIGINT)', {
      hint: 'run it again: the receipt says what was written until then',
    }),
  }),
  'dirty-work-tree': facts({
    ...asked({ event: push('refs/heads/main'), git: { checkout: { ...clean, dirty: true } } }),
    ...{ plan: plan({ ...built, keep: [parseTag(fixed)] }), image, revisions, steps },
    tags: [tagRecord(`${fixed}-4711-1`, { kind: 'fixed' }), tagRecord('main', moved)],
    notices: [
      'the work tree differs from its commit ("generated.py"): the image is labelled dirty and never reused',
      'the cache ghcr.io/acme/app:cache-main cannot be read, so this build goes without it: 503',
    ],
  }),
  'many-tags': facts({
    ...shipped,
    tags: [
      ...Array.from({ length: 30 }, (_, at) => tagRecord(`tag-${at}`, at % 2 === 0 ? moved : {})),
      tagRecord('last', { after: undefined, outcome: 'not-written', reason: 'the run did not come this far' }),
    ],
    notices: Array.from({ length: 20 }, (_, at) => `notice ${at}`),
  }),
  'hostile-texts': facts({
    ...asked({ event: push('refs/heads/main') }),
    ...{ plan: plan(built), steps, revisions },
    image: {
      ...image,
      uncached: { step: 'RUN echo "`|</details>"', place: { file: 'a|b/<img>', line: 1 }, because: '' },
      warnings: [{ text: '</details>|x', url: '', place: { file: '`|`', line: 1 } }],
    },
    tags: [tagRecord('main', { ...moved, reason: '| `<script>` [x](http://x) @octocat\n## forged' })],
    tests: [ran('test', 'echo `|</code>` ]( # <b>\nrm -rf /')],
    audit: assessment([
      result('a', {
        state: 'open',
        spots: [spot({ detail: '</details>|`<b>`\n## forged', place: { file: '`|', line: 1 } })],
      }),
      result('b', { state: 'unknown', because: '</details> ![x](http://x)' }),
      result('c', { state: 'ignored', because: '|`</code>\n- x' }),
    ]),
    notices: [`</details> | ![x](http://x) \`${commitC}\` #1 @all`],
  }),
};
