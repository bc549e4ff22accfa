import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  app,
  digestOfTag,
  docker,
  engineEnv,
  leftovers,
  node24,
  openProject,
  type Project,
  type Run,
  type RunOptions,
  runImage,
  tagsOf,
} from '../support/project.ts';
import { commandsIn, comparisons } from '../support/runner-commands.ts';
import { withoutMasks } from '../support/secret-search.ts';

/** What no test may get hold of, by where the action is given it. */
const secrets = {
  password: 'cANARY-password-3f9c',
  githubToken: 'cANARY-github-token-81aa',
  runtimeToken: 'cANARY-runtime-token-77d0',
  idToken: 'cANARY-id-token-5b1e',
  input: 'cANARY-input-secret-0c4d',
  variable: 'cANARY-variable-secret-e6f2',
};
/** Handed to the tests on purpose, by `test-env`; the log still hides it. */
const passed = `cANARY passed "on"/purpose+<&>'$x`;

const inputs = {
  username: 'canary',
  password: secrets.password,
  'github-token': secrets.githubToken,
  secrets: `one=${secrets.input}`,
  'secret-envs': 'two=THE_SECRET\nthree=PASSED_SECRET',
  'test-env': 'PASSED_SECRET\nINPUT_PASSWORD\nSTATE_slipway\nGITHUB_OUTPUT',
};

const outputs = [
  ...['cache-from', 'current', 'digest', 'image-id', 'imageid', 'metadata', 'pushed', 'receipt', 'ref', 'refused-tags'],
  ...['reused', 'role', 'sarif', 'superseded-tags', 'tag', 'tags', 'version'],
];

const attacks = (...names: string[]): string => `bash ${resolve('__tests__/fixtures/hostile.sh')} ${names.join(' ')}`;

let plant: string;
let project: Project;

/** A fresh folder for canaries, first on PATH, and a docker configuration that may be spoilt. */
function prepareEnvironment(): Record<string, string> {
  rmSync(plant, { recursive: true, force: true });
  mkdirSync(join(plant, 'bin'), { recursive: true });
  cpSync(engineEnv['DOCKER_CONFIG'] ?? '', join(plant, 'docker'), { recursive: true });
  return {
    GITHUB_TOKEN: secrets.githubToken,
    ACTIONS_RUNTIME_TOKEN: secrets.runtimeToken,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secrets.idToken,
    THE_SECRET: secrets.variable,
    PASSED_SECRET: passed,
    PLANT: plant,
    PATH: `${plant}/bin:${engineEnv['PATH']}`,
    DOCKER_CONFIG: join(plant, 'docker'),
  };
}

async function attack(options: RunOptions & { readonly files?: Record<string, string> }): Promise<Run> {
  const env = { ...prepareEnvironment(), ...options.env };
  await project.origin.commit('main', { ...app, message: `honest ${performance.now()}\n`, ...options.files });
  return project.push('main', { ...options, env, inputs: { ...inputs, ...options.inputs } });
}

beforeAll(async () => {
  plant = mkdtempSync(join(tmpdir(), 'slipway-plant-'));
  project = await openProject(app);
}, 60_000);

afterAll(async () => {
  await project.close();
  rmSync(plant, { recursive: true, force: true });
});

function noticesOf(run: Run): string {
  return run.annotations.map(({ message }) => message).join('\n');
}

/** What holds after every attack that a run outlives: named, so that a failure says which attack got through. */
const stands: readonly [string, (run: Run) => void | Promise<void>][] = [
  [
    'the outputs are the action’s own, all of them',
    (run) => expect(Object.keys(run.outputs).sort()).toEqual([...outputs].sort()),
  ],
  [
    'every tag that is said to be written has the digest, in the registry',
    async (run) => {
      const tags = (run.outputs['tags'] ?? '')
        .split('\n')
        .map((reference) => reference.slice(reference.lastIndexOf(':') + 1));
      expect(tags).toContainEqual(expect.stringMatching(/^sha-[0-9a-f]{12}$/));
      for (const tag of tags) expect(await digestOfTag(project.registry, tag)).toBe(run.outputs['digest']);
    },
  ],
  [
    'the state is main’s own',
    (run) => {
      expect(Object.keys(run.state).sort()).toEqual(['slipway', 'slipway-ended']);
      expect(run.nonce).toMatch(/^[0-9a-f]{32}$/);
    },
  ],
  ['no variable is set for later steps', (run) => expect(run.envFile).toEqual({})],
  ['nothing is put on PATH for later steps', (run) => expect(run.pathFile).toEqual([])],
  ['the summary is the action’s own', (run) => expect(run.summary).not.toContain('forged')],
  ['no forged word is in the receipt', (run) => expect(JSON.stringify(run.receipt)).not.toContain('forged')],
  [
    'no command of a child counts, however the runner compares',
    (run) => {
      for (const comparison of comparisons) {
        const found = commandsIn(run.main.log, comparison);
        expect([...new Set(found.map(({ name }) => name))].filter((name) => !allowed.includes(name))).toEqual([]);
        expect(found.filter(({ data }) => data.includes('forged'))).toEqual([]);
      }
      expect(run.commands.filter(({ data }) => data.includes('forged'))).toEqual([]);
    },
  ],
  ['no mask of a child counts', (run) => expect(run.masks).not.toContain('test')],
  [
    'no secret is in the log',
    (run) => {
      const log = withoutMasks(run.main.log + (run.post?.log ?? ''));
      expect(Object.values(secrets).filter((one) => log.includes(one))).toEqual([]);
      expect(log).not.toContain('passed "on"');
      expect(log).not.toContain(Buffer.from(passed).toString('base64').slice(4, 20));
      expect(log).not.toContain('FOUND-A-SECRET');
    },
  ],
  ['git ran nothing that was planted', () => expect(existsSync(join(plant, 'git-ran'))).toBe(false)],
  [
    'no program that was put on PATH ran',
    () => expect(readdirSync(plant).filter((name) => name.startsWith('program-ran'))).toEqual([]),
  ],
  [
    'the image is what was committed',
    async (run) => expect(runImage(`${project.image}@${run.outputs['digest']}`)).toMatch(/^honest /),
  ],
  ['nothing is left of the run', (run) => expect(leftovers(run, project.image)).toEqual([])],
  [
    'no process goes on',
    async () => {
      const beats = (): string =>
        readdirSync(plant)
          .filter((name) => name.startsWith('beat-'))
          .map((name) => readFileSync(join(plant, name), 'utf8'))
          .join();
      const before = beats();
      await delay(300);
      expect(beats()).toBe(before);
    },
  ],
];
// `warning`: a finding of the checks at its line
const allowed = ['group', 'endgroup', 'add-mask', 'notice', 'warning', 'error', 'stop-commands', 'debug'];

describe.each<{ how: string; options: Parameters<typeof attack>[0]; told: readonly string[] }>([
  {
    how: '`test` looks for secrets, prints commands and forges files',
    options: { inputs: { test: attacks('look', 'show', 'forge', 'print', 'tree', 'event', 'git_config', 'programs') } },
    told: ['a test wrote to the runner’s files of this step, which was undone: ', '"GITHUB_OUTPUT"'],
  },
  {
    how: '`test` leaves daemons and deletes the runner’s files, `verify` forges on',
    options: {
      inputs: {
        test: attacks('daemons', 'remove'),
        verify: attacks('look', 'show', 'print', 'replace', 'git_config', 'programs', 'docker_config', 'private'),
      },
    },
    told: [
      'processes running, which was ended: ',
      'daemon.sh session',
      'a test wrote to the runner’s files of this step',
    ],
  },
  {
    how: '`test-target` and `test-image` print commands, in titles too, and look for secrets',
    options: {
      files: {
        Dockerfile: [
          'FROM busybox:stable AS base',
          'COPY . /app',
          'FROM base AS test',
          "RUN echo '##[set-output name=digest]sha256:forged' && printf 'A\\r::save-state name=slipway::forged\\n' && sh /app/print.sh",
          "RUN env && echo '::error::forged' ##[error]forged",
          'FROM base',
          'LABEL forged="::error::##[error]"',
          'CMD ["cat", "/app/message"]',
          '',
        ].join('\n'),
        'print.sh': readFileSync('__tests__/fixtures/hostile.sh', 'utf8').replace(
          /^[\s\S]*\nprint\(\) \{\n|\n\}\n[\s\S]*$/g,
          '',
        ),
      },
      inputs: { 'test-target': 'test', 'test-image': 'sh /app/print.sh\nenv' },
    },
    told: [],
  },
])('$how', ({ options, told }) => {
  let run: Run;

  beforeAll(async () => {
    run = await attack(options);
  }, 240_000);

  test('the run is green, and says what it found', () => {
    expect(run.receipt.error).toBeNull();
    expect(run.green).toBe(true);
    for (const text of told) expect(noticesOf(run)).toContain(text);
    expect(run.post?.code).toBe(0);
  });

  test.each(stands)('%s', async (_, holds) => holds(run));
});

/** Where nothing may be published: what every tag holds. */
async function published(): Promise<Record<string, string | null>> {
  const tags = await tagsOf(project.registry);
  return Object.fromEntries(
    await Promise.all(tags.map(async (tag) => [tag, await digestOfTag(project.registry, tag)])),
  );
}

/** A build that still runs when its tests begin. */
const slowFor = (seconds: number) => ({
  Dockerfile: ['FROM busybox:stable', 'COPY . /app', `RUN sleep ${seconds} # ${performance.now()}`, ''].join('\n'),
});
const slow = slowFor(4);

/** Not where the action was killed: nobody is left to undo what a test wrote to the files of a step that is red then. */
const files = [
  'the outputs are the action’s own, all of them',
  'no variable is set for later steps',
  'nothing is put on PATH for later steps',
  'the summary is the action’s own',
];
const always = [
  'no command of a child counts, however the runner compares',
  'no secret is in the log',
  'nothing is left of the run',
  'no process goes on',
];

function holdsOf(name: string): (run: Run) => void | Promise<void> {
  const found = stands.find(([one]) => one === name);
  if (found === undefined) throw new Error(`nothing is called ${name}`);
  return found[1];
}

describe('what ends the action, its builder or its image', () => {
  test.each<{ name: string; code: string; message?: string; options: Parameters<typeof attack>[0] }>([
    {
      name: 'a test that kills the action',
      code: 'none',
      options: { inputs: { test: attacks('daemons', 'kill_parent') } },
    },
    {
      name: 'a test that terminates the action',
      code: 'cancelled',
      options: { inputs: { test: attacks('daemons', 'term_parent') } },
    },
    {
      name: 'a test that stops the action until the job is ended',
      code: 'none',
      options: { inputs: { test: attacks('daemons', 'stop_parent') } },
    },
    {
      name: 'a test that kills the builder',
      code: 'build-failed',
      options: { files: slowFor(120), inputs: { test: attacks('kill_builder') } },
    },
    {
      name: 'a test that stops the builder',
      code: 'timeout',
      options: { files: slow, inputs: { test: attacks('stop_builder'), 'build-timeout': '4s' } },
    },
    {
      name: 'a test that kills its own group',
      code: 'test-failed',
      message: 'killed by SIGKILL',
      options: { inputs: { test: attacks('daemons', 'kill_group') } },
    },
    {
      name: 'a test that kills itself and has an exit 0 behind',
      code: 'test-failed',
      message: 'killed by SIGKILL',
      options: { inputs: { test: 'trap "exit 0" EXIT; kill -KILL $$; exit 0' } },
    },
    {
      name: 'a test that deletes the run’s folder',
      code: 'build-failed',
      message: 'deleted',
      options: { files: slow, inputs: { test: attacks('private') } },
    },
    {
      name: 'a `verify` that removes the image',
      code: 'digest-mismatch',
      options: { inputs: { verify: 'docker image rm --force "$SLIPWAY_IMAGE"' } },
    },
    {
      name: 'a `verify` that forges files and fails',
      code: 'test-failed',
      options: { inputs: { verify: `${attacks('forge', 'print')}; exit 3` } },
    },
  ])(
    '$name: nothing is published',
    async ({ code, message, options }) => {
      const before = await published();
      const run = await attack(options);
      expect(run.green).toBe(false);
      expect(run.receipt.error?.code ?? 'none').toBe(code);
      if (message !== undefined) expect(run.receipt.error?.message).toContain(message);
      expect(await published()).toEqual(before);
      if (run.main.signal === null) for (const name of files) await holdsOf(name)(run);
      expect(run.outputs['pushed'] ?? 'false').toBe('false');
      expect(run.post?.code).toBe(0);
      for (const name of always) await holdsOf(name)(run);
    },
    60_000,
  );

  test('a test that kills the action and forges its state: nothing is published, and post believes nothing of it', async () => {
    const before = await published();
    const run = await attack({ inputs: { test: attacks('forge_state', 'kill_parent') } });
    expect(run.main.signal).toBe('SIGKILL');
    expect(await published()).toEqual(before);
    expect(run.post?.code).toBe(0);
    expect(noticesOf(run)).toContain(
      'not everything of this run could be removed: the state names a folder that is not ours',
    );
    expect(existsSync(plant)).toBe(true);
    expect(docker('image', 'inspect', '--format', '{{.Id}}', 'busybox:stable')).not.toBe('');
    const [nonce = 'none'] = run.runnerFiles.flatMap((name) => /^slipway-([0-9a-f]{32})$/.exec(name)?.[1] ?? []);
    const names = docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n');
    for (const name of names) if (name.includes(nonce)) docker('image', 'rm', '--force', name);
  });
});

/** 1024 takes a minute on two calm cores. */
const floodMiB = Number(process.env['SLIPWAY_FLOOD_MIB'] || 256);

describe(`a test that prints one line of ${floodMiB} MiB`, () => {
  test('the action keeps within 150 MiB of heap, hides what is in the line, and publishes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-small-heap-'));
    const node = join(folder, 'node');
    // the runner's end of the pipe: what it would keep of such lines is not what is tested
    const start = `'${node24}' --max-old-space-size=128 --max-semi-space-size=4 "$@" 2>&1 | LC_ALL=C cut -b1-2000`;
    writeFileSync(node, `#!/bin/bash\nset -o pipefail\n${start}\n`, { mode: 0o755 });
    const flood = `head -c ${floodMiB / 2}M /dev/zero | tr '\\0' x; printf '%s::error::forged' "$PASSED_SECRET"; head -c ${floodMiB / 2}M /dev/zero | tr '\\0' y; echo; grep VmHWM /proc/$PPID/status`;
    const run = await attack({ node, inputs: { test: flood } });
    rmSync(folder, { recursive: true });
    if (run.main.code !== 0) console.log(run.main.log.slice(-6000));
    expect([run.receipt.error, run.main.code, run.main.signal, run.post?.code]).toEqual([null, 0, null, 0]);
    for (const name of always) await holdsOf(name)(run);
    expect(run.main.log).toMatch(/^test │ \*\*\*::error::forgedyyy/m);
    const peak = Number(/test │ VmHWM:\s+(\d+) kB/.exec(run.main.log)?.[1]);
    expect(peak).toBeLessThan(400 * 1024);
  }, 600_000);
});
