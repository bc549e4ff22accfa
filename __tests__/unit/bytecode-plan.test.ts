import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../src/errors.ts';
import type { PlatformBytecode } from '../../src/model/bytecode.ts';
import { parseDigest } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseTag } from '../../src/model/tag.ts';
import { type BuildRequest, planBake, planCacheExport, planLocalName } from '../../src/plan/build-plan.ts';
import { planDockerfiles, planPlaces } from '../../src/plan/bytecode/targets.ts';
import { findTriggers } from '../../src/plan/bytecode/triggers.ts';
import { judgeReport, showPath } from '../../src/plan/bytecode/verdict.ts';
import { parse, problemsOf } from '../support/inputs.ts';

const bytecode: NonNullable<BuildRequest['bytecode']> = {
  mode: 'on',
  invalidation: 'unchecked-hash',
  paths: [],
  exclude: [],
  places: ['/usr/bin'],
  reportFolder: '/tmp/run,1/bytecode',
};

const request: BuildRequest = {
  context: '/work/app',
  dockerfile: '/work/app/Dockerfile.é',
  target: 'app',
  testTarget: 'test',
  args: new Map([
    ['A', '1'],
    ['B', 'é'],
  ]),
  labels: new Map([
    ['l', '1'],
    ['m', 'é'],
  ]),
  contexts: new Map([['lib', '/work/lib']]),
  secrets: [{ kind: 'variable', id: 'token', variable: 'TOKEN' }],
  ssh: ['default'],
  platforms: [],
  annotations: ['a=1'],
  addHosts: new Map([['db', '10.0.0.1']]),
  network: 'host',
  shmSize: '64m',
  ulimits: ['nofile=1'],
  allow: ['network.host'],
  pull: true,
  noCache: true,
  noCacheFilters: ['slow'],
  attestations: ['type=sbom'],
  delivery: 'by-engine',
  sendsTo: undefined,
  perPlatform: false,
  commitTime: 1_700_000_000,
  cache: {
    from: [
      {
        repository: parseRepository('ghcr.io/acme/app'),
        tag: parseTag('cache-main'),
        digest: parseDigest(`sha256:${'a'.repeat(64)}`),
      },
    ],
    inline: true,
    write: { repository: parseRepository('ghcr.io/acme/app'), tag: parseTag('cache-main') },
  },
  builder: undefined,
  name: planLocalName('abc'),
  layout: '/tmp/run/image',
  bytecode,
};

type Target = Readonly<Record<string, unknown>>;
const targetsOf = (plan: { readonly definition: string } | undefined): Readonly<Record<string, Target>> =>
  (JSON.parse(plan?.definition ?? '') as { target: Record<string, Target> }).target;

describe('the solve with bytecode', () => {
  const plan = planBake(request);
  const { app = {}, bytecode: compiled = {}, image = {}, report = {}, test: stage = {} } = targetsOf(plan);

  test('asks for image, test stage and report, made from the Dockerfile’s target and the compile step', () => {
    expect(plan.targets).toEqual(['image', 'test', 'report']);
    expect(plan.inner).toEqual(['app', 'bytecode']);
    expect(image['contexts']).toEqual({ app: 'target:app', bytecode: 'target:bytecode' });
    expect(compiled['contexts']).toEqual({ app: 'target:app' });
    expect(report['contexts']).toEqual({ bytecode: 'target:bytecode' });
  });

  test('says what the image is on the image alone', () => {
    const about = ['labels', 'annotations', 'tags', 'cache-to'];
    for (const one of [app, compiled, report])
      expect(Object.keys(one).filter((key) => about.includes(key))).toEqual([]);
    for (const one of [app, compiled, report]) expect(one['attest']).toEqual(['type=provenance,disabled=true']);
    expect(image).toMatchObject({
      labels: { l: '1' },
      annotations: ['a=1'],
      attest: ['type=sbom'],
      tags: [request.name],
    });
    expect(image).toMatchObject({ output: ['type=docker'], 'cache-to': ['type=inline'] });
    expect([app['output'], compiled['output']]).toEqual([undefined, undefined]);
    expect(report['output']).toEqual(['type=local,"dest=/tmp/run,1/bytecode"']);
  });

  test('gives what the user’s Dockerfile is built with to that alone, and the time of the commit to what is dated by it', () => {
    const own = ['secret', 'ssh', 'extra-hosts', 'network', 'shm-size', 'ulimits', 'entitlements', 'no-cache-filter'];
    for (const key of own) expect({ key, app: app[key], stage: stage[key] }).not.toMatchObject({ app: undefined });
    for (const one of [compiled, image, report])
      expect(Object.keys(one).filter((key) => own.includes(key))).toEqual([]);
    expect(app['args']).toEqual({ SOURCE_DATE_EPOCH: '1700000000', A: '1' });
    expect(image['args']).toEqual({ SOURCE_DATE_EPOCH: '1700000000' });
    expect([compiled['args'], report['args']]).toEqual([undefined, undefined]);
  });

  test('reads the caches everywhere, and runs anew what is to run anew', () => {
    for (const one of [app, compiled, image, report]) {
      expect(one['cache-from']).toEqual([`type=registry,ref=ghcr.io/acme/app@sha256:${'a'.repeat(64)}`]);
      expect(one['no-cache']).toBe(true);
    }
  });

  test('sets each text that JSON does not carry on the targets that it is for', () => {
    expect(plan.args.filter((arg) => arg.startsWith('--set='))).toEqual([
      '--set=app.args.B=é',
      '--set=test.args.B=é',
      '--set=image.labels.m=é',
      '--set=test.labels.m=é',
      '--set=app.dockerfile=/work/app/Dockerfile.é',
      '--set=test.dockerfile=/work/app/Dockerfile.é',
    ]);
    expect(plan.args).toContain('--allow=fs.write=/tmp/run,1/bytecode');
  });

  test('is one for each platform where several machines share them, made from targets and reported to a folder of its own', () => {
    const platforms = ['linux/amd64', 'linux/arm/v7'].map(parsePlatform);
    const both = planBake({ ...request, platforms, perPlatform: true });
    const ends = ['linux-amd64', 'linux-arm-v7'];
    expect(both.targets).toEqual(ends.flatMap((end) => [`image-${end}`, `test-${end}`, `report-${end}`]));
    expect(both.inner).toEqual(ends.flatMap((end) => [`app-${end}`, `bytecode-${end}`]));
    const arm = (kind: string): Target => targetsOf(both)[`${kind}-linux-arm-v7`] ?? {};
    expect(arm('image')['contexts']).toEqual({
      app: 'target:app-linux-arm-v7',
      bytecode: 'target:bytecode-linux-arm-v7',
    });
    expect(arm('bytecode')['contexts']).toEqual({ app: 'target:app-linux-arm-v7' });
    expect(arm('report')['contexts']).toEqual({ bytecode: 'target:bytecode-linux-arm-v7' });
    expect(arm('report')['output']).toEqual(['type=local,"dest=/tmp/run,1/bytecode/linux_arm_v7"']);
    expect(arm('app')['contexts']).toEqual(app['contexts']);
    const sets = both.args.filter((arg) => arg.startsWith('--set=') && arg.includes('.args.'));
    expect(sets.toSorted()).toEqual(
      ends.flatMap((end) => [`--set=app-${end}.args.B=é`, `--set=test-${end}.args.B=é`]).toSorted(),
    );
    expect(both.args).toContain('--allow=fs.write=/tmp/run,1/bytecode');
  });

  test('the cache that is written holds the compile step, and no report is made', () => {
    const written = planCacheExport(request);
    expect(written?.targets).toEqual(['image']);
    expect(Object.keys(targetsOf(written)).sort()).toEqual(['app', 'bytecode', 'image']);
    expect(targetsOf(written)['image']?.['cache-to']).toEqual([expect.stringContaining('mode=max')]);
  });

  test('without it there is what there always was: one target of the user’s Dockerfile, and its test stage', () => {
    const off = planBake({ ...request, bytecode: undefined });
    expect([off.targets, off.inner]).toEqual([['image', 'test'], []]);
    expect(off.args).toContain('--set=*.labels.m=é');
    expect(off.args.filter((arg) => arg.includes('fs.write'))).toEqual([]);
  });
});

describe('the compile step', () => {
  test('is a function of what is asked: the run’s own folder is not in it', () => {
    const { bytecode: step } = planDockerfiles(bytecode);
    expect(planDockerfiles({ ...bytecode, reportFolder: '/elsewhere', mode: 'require' }).bytecode).toBe(step);
    expect(planDockerfiles({ ...bytecode, invalidation: 'checked-hash' }).bytecode).not.toBe(step);
    expect(step).toContain('\nUSER 0:0\nENV PATH=${PATH:+$PATH:}/usr/bin\n');
  });

  test('is told paths and patterns as ASCII, whatever they are', () => {
    const { bytecode: step } = planDockerfiles({ ...bytecode, paths: ['/ä"\n$X'], exclude: ['t\u{1f600}*'] });
    const run = step.split('\n').find((line) => line.startsWith('RUN ')) ?? '';
    expect(run).toMatch(/^[\u0020-\u007e]*$/);
    const argv = JSON.parse(run.slice(run.indexOf('['))) as string[];
    expect(JSON.parse(argv.at(-1) ?? '')).toEqual({
      checked: false,
      paths: ['/ä"\n$X'],
      exclude: ['/(?:[^/]+/)*t\u{1f600}[^/]*'],
    });
  });

  test('finds Python where the Dockerfile says that there is one', () => {
    const dockerfile = [
      'FROM x',
      'RUN python3 -m venv --copies /srv/env && uv venv /deps/.v',
      'WORKDIR /code/',
      'ENV PATH="/opt/tools/bin:$PATH"',
      'ENTRYPOINT ["/home/me/.local/bin/serve"]',
    ].join('\n');
    const usual = planPlaces('FROM x');
    expect(planPlaces(dockerfile).filter((one) => !usual.includes(one))).toEqual([
      '/opt/tools/bin',
      '/home/me/.local/bin',
      '/srv/env/bin',
      '/deps/.v/bin',
      '/code/.venv/bin',
      '/code/venv/bin',
    ]);
  });
});

describe('ONBUILD', () => {
  const dockerfile = [
    '# syntax=docker/dockerfile:1',
    'FROM a AS base',
    'ONBUILD RUN one',
    'FROM base AS app',
    'RUN <<EOF',
    'ONBUILD is only said here',
    'EOF',
    'FROM app AS Parent',
    'onbuild RUN \\',
    '  two',
  ].join('\n');

  test.each([
    ['the last stage', undefined, [9]],
    ['a stage by name, in any case', 'PARENT', [9]],
    ['a stage by number', '0', [3]],
    ['a stage whose base has it', 'app', []],
    ['a stage that is not there', 'none', []],
  ])('counts where it is the published stage’s own: %s', (_, target, lines) => {
    expect(findTriggers(dockerfile, target)).toEqual(lines);
  });
});

describe('judging the report', () => {
  const clean: PlatformBytecode = {
    platform: undefined,
    interpreters: [],
    roots: [],
    pycachePrefix: undefined,
    compiled: 1,
    bytes: 1,
    unchanged: 0,
    skipped: [],
    failed: [],
    removed: [],
    useless: [],
  };
  const failure = (path: string, own: boolean) => ({ path, own, message: 'SyntaxError: no', line: 3 });

  test('nothing is said of a clean one', () => {
    expect(judgeReport('require', clean)).toEqual([]);
  });

  test('it is said of which platform, where one is asked for', () => {
    const of = {
      ...clean,
      platform: parsePlatform('linux/arm64'),
      failed: [failure('/app/a.py', true)],
      useless: ['x'],
    };
    expect(judgeReport('on', of)).toEqual([
      'linux/arm64: bytecode is of no use: x',
      'linux/arm64: 1 of your own do not compile: /app/a.py:3: SyntaxError: no',
    ]);
    const others = judgeReport('on', { ...of, useless: [], failed: [failure('/lib/b.py', false)] });
    expect(others.join()).toMatch(/^linux\/arm64: 1 of others’ modules/);
  });

  test('modules of others are told in either mode, at most ten of them', () => {
    const failed = Array.from({ length: 12 }, (_, at) => failure(`/lib/${at}.py`, false));
    for (const mode of ['on', 'require'] as const) {
      const [notice] = judgeReport(mode, { ...clean, failed });
      expect(notice).toMatch(/^12 of others’ modules .*\/lib\/9\.py:3: SyntaxError: no; and 2 more$/);
    }
  });

  test.each([
    ['code of the user’s own', { failed: [failure('/app/a\n\udcff.py', true)] }, '/app/a\\x0a\\xff.py:3'],
    ['bytecode that Python would not look at', { useless: ['PYTHONPYCACHEPREFIX=/dev/x'] }, 'of no use'],
  ])('%s is an error with `require` and a notice with `on`', (_, change, text) => {
    const report = { ...clean, ...change };
    expect(judgeReport('on', report).join()).toContain(text);
    expect(() => judgeReport('require', report)).toThrow(ActionError);
    expect(() => judgeReport('require', report)).toThrow(text);
  });

  test('a path is shown without anything that a terminal would act on', () => {
    expect(showPath('/a\u001b[2J\u0007é')).toBe('/a\\x1b[2J\\x07é');
  });
});

describe('the inputs', () => {
  test('are off unless asked for', () => {
    expect(parse({}).bytecode).toBeUndefined();
    expect(parse({ bytecode: 'off', 'bytecode-paths': '/x' }).bytecode).toBeUndefined();
  });

  test('are read whole', () => {
    const given = { bytecode: 'require', 'bytecode-mode': 'checked-hash', 'bytecode-paths': '/a b\nc' };
    expect(parse({ ...given, 'bytecode-exclude': 'x/**\n/y' }).bytecode).toEqual({
      mode: 'require',
      invalidation: 'checked-hash',
      paths: ['/a b', 'c'],
      exclude: ['x/**', '/y'],
    });
  });

  test('that are wrong are told together, also where it is off', () => {
    const problems = problemsOf({ bytecode: 'yes', 'bytecode-mode': 'timestamp', 'bytecode-exclude': '../x\na//b' });
    expect(problems.split('\n')).toHaveLength(5);
  });
});
