import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/audit/finding.ts';
import type { FileContent } from '../../src/audit/image-facts.ts';
import type { ProbeFacts, StartFacts } from '../../src/audit/probe-facts.ts';
import { known, unprobed } from '../../src/audit/probed-value.ts';
import type { PythonProbe } from '../../src/audit/python-probe.ts';
import { rules } from '../../src/audit/rules.ts';
import { explainFailure } from '../../src/audit/start-failure.ts';
import { findObstacle } from '../../src/audit/startable.ts';
import { FileTree } from '../../src/model/file-tree.ts';
import { imageFacts } from '../support/checks.ts';
import { entryAt } from '../support/layers.ts';

const up: StartFacts = {
  refusal: '',
  running: true,
  exitCode: undefined,
  settled: true,
  processorMs: 300,
  outOfMemory: false,
  output: '',
};
const ended = (exitCode: number, output = ''): StartFacts => ({
  ...up,
  running: false,
  settled: false,
  exitCode,
  output,
});
const python: PythonProbe = {
  version: '3.13.5',
  executable: '/usr/local/bin/python',
  user: known({ uid: 10001, named: true, home: '/home/app', homeTrouble: '', temporaryTrouble: '' }),
  trust: known({ certificates: true, certifi: false }),
  zones: known(true),
  encodings: known({ files: 'utf-8', output: 'utf-8' }),
  losesOutput: known(false),
  conflicts: known([]),
  programs: known({
    python: '/usr/local/bin/python',
    python3: '/usr/local/bin/python3',
    pip: '/usr/local/bin/pip',
    pipPython: '/usr/local/bin/python3.13',
    virtualEnv: '',
  }),
  imports: known([]),
  own: known([]),
  bytecode: known([]),
  staticFiles: known(undefined),
};
const first = { pid: 1, parent: 0, name: 'python', caught: [6, 8, 11, 15], blocked: [], unbuffered: true };
const probes: ProbeFacts = {
  start: known(up),
  plainStart: known(up),
  readOnlyStart: unprobed('there was no need to ask'),
  watched: known(up),
  secondStart: known(up),
  written: known([]),
  exposed: [],
  listening: known([]),
  processes: known([first]),
  orphan: known('reaped'),
  stop: known({ signal: 'SIGTERM', ms: 200, grace: 10_000, exitCode: 0, handled: true }),
  health: known(undefined),
  python: known(python),
};

function ask(id: string, more: Partial<ProbeFacts>): Answer {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(id);
  return rule.judge(imageFacts({ probes: { ...probes, ...more } }));
}

function tell(answer: Answer): string {
  if (answer.kind === 'found') return answer.sightings.map(({ detail }) => detail).join('; ');
  return answer.kind === 'pass' ? 'pass' : `${answer.kind}: ${answer.because}`;
}

const by = (more: Partial<PythonProbe>): Partial<ProbeFacts> => ({ python: known({ ...python, ...more }) });
const homeOf = (home: string): Partial<ProbeFacts> => {
  const user = { uid: 10001, named: true, home, homeTrouble: 'No such file or directory', temporaryTrouble: '' };
  return by({ user: known(user) });
};
const on = (...sockets: readonly string[]) =>
  known(
    sockets.map((one) => {
      const cut = one.lastIndexOf(':');
      return { address: one.slice(0, cut), port: Number(one.slice(cut + 1)) };
    }),
  );
const stopped = (more: object) => ({
  stop: known({ signal: 'SIGTERM', ms: undefined, grace: 10_000, exitCode: undefined, handled: undefined, ...more }),
});
const checked = (
  exitCode: number | undefined,
  output: string,
  frozen = unprobed('x') as ReturnType<typeof known<number>> | ReturnType<typeof unprobed>,
) => ({
  health: known({ test: 'CMD-SHELL check', exitCode, output, frozen }),
});

describe('a rule', () => {
  test.each<[string, string, Partial<ProbeFacts>, RegExp]>([
    ['starts-and-stays-up', 'a job that ends well', { start: known(ended(0)), plainStart: known(ended(0)) }, /^pass$/],
    [
      'starts-and-stays-up',
      'no user',
      {
        start: known({ ...ended(1), refusal: 'unable to find user app' }),
        plainStart: known({ ...ended(1), refusal: 'unable to find user app' }),
      },
      /^unable to find user app$/,
    ],
    [
      'starts-and-stays-up',
      'not known',
      { start: unprobed('x'), plainStart: unprobed('no engine') },
      /^unknown: no engine$/,
    ],
    [
      'starts-and-stays-up',
      'out of memory',
      { start: known(ended(137)), plainStart: known({ ...ended(137), outOfMemory: true }) },
      /^unknown: .*1 GiB/,
    ],
    ['startup-time', 'long', { watched: known({ ...up, processorMs: 7_400 }) }, /7\.4 s/],
    ['startup-time', 'never quiet', { watched: known({ ...up, settled: false, processorMs: 8_100 }) }, /^unknown/],
    [
      'binds-loopback-only',
      'exposed on loopback',
      { exposed: [80], listening: on('127.0.0.1:80') },
      /port 80 is bound to 127\.0\.0\.1/,
    ],
    [
      'binds-loopback-only',
      'both families',
      { exposed: [80], listening: on('127.0.0.1:80', '::1:80') },
      /127\.0\.0\.1 and ::1/,
    ],
    ['binds-loopback-only', 'a second socket', { exposed: [80], listening: on('127.0.0.1:80', ':::80') }, /^pass$/],
    [
      'binds-loopback-only',
      'an inner port',
      { exposed: [80], listening: on('0.0.0.0:80', '127.0.0.1:9001') },
      /^pass$/,
    ],
    ['binds-loopback-only', 'the only one', { listening: on('127.0.0.1:8000') }, /port 8000/],
    ['binds-loopback-only', 'one of the kernel’s', { listening: on('127.0.0.1:45678') }, /^pass$/],
    ['binds-loopback-only', 'none', { exposed: [80] }, /^not-applicable/],
    ['expose-matches-listen', 'not told', { listening: on('0.0.0.0:8000') }, /listens on 8000/],
    [
      'expose-matches-listen',
      'still starting',
      { watched: known({ ...up, settled: false }), exposed: [80] },
      /^unknown/,
    ],
    ['sigterm-ignored', 'no handler', stopped({ handled: false }), /PID 1 has no handler for SIGTERM/],
    ['sigterm-ignored', 'deaf', stopped({ handled: true }), /still ran 10 s after SIGTERM/],
    [
      'sigterm-ignored',
      'busy',
      { ...stopped({ handled: false }), watched: known({ ...up, settled: false }) },
      /^unknown/,
    ],
    ['exit-code-on-stop', 'of the signal', stopped({ ms: 1, exitCode: 143 }), /^pass$/],
    ['exit-code-on-stop', 'of another signal', stopped({ ms: 1, exitCode: 131, signal: 'SIGQUIT' }), /^pass$/],
    ['exit-code-on-stop', 'an error', stopped({ ms: 1, exitCode: 1 }), /exit status 1/],
    ['zombie-reaping', 'without children', { orphan: known('zombie') }, /^not-applicable/],
    [
      'zombie-reaping',
      'with a child',
      { orphan: known('zombie'), processes: known([first, { ...first, pid: 9, parent: 1 }]) },
      /left a process/,
    ],
    ['zombie-reaping', 'with a check by a shell', { orphan: known('zombie'), ...checked(0, '') }, /left a process/],
    ['healthcheck-always-true', 'content', checked(0, '', known(0)), /succeeds with all processes stopped/],
    ['healthcheck-always-true', 'not content', checked(0, '', known(1)), /^pass$/],
    ['healthcheck-always-true', 'not asked', checked(0, ''), /^unknown/],
    ['readonly-rootfs', 'fails anyhow', { start: known(ended(1)), plainStart: known(ended(1)) }, /^unknown/],
    [
      'readonly-rootfs',
      'EROFS',
      { start: known(ended(1)), readOnlyStart: known(ended(1, "OSError: [Errno 30] Read-only file system: '/app/x'")) },
      /writes to \/app\/x/,
    ],
    ['readonly-rootfs', 'only rights', { start: known(ended(1)), readOnlyStart: known(up) }, /^pass$/],
    [
      'drop-capabilities',
      'rights',
      { start: known(ended(1, 'bind: Permission denied')), readOnlyStart: known(up) },
      /bind: Permission denied/,
    ],
    ['unbuffered-logs', '-u', { ...by({ losesOutput: known(true) }) }, /^pass$/],
    [
      'unbuffered-logs',
      'no Python runs',
      { ...by({ losesOutput: known(true) }), processes: known([{ ...first, unbuffered: undefined }]) },
      /^not-applicable/,
    ],
    [
      'unbuffered-logs',
      'buffered',
      { ...by({ losesOutput: known(true) }), processes: known([{ ...first, unbuffered: false }]) },
      /PYTHONUNBUFFERED/,
    ],
    [
      'faulthandler-off',
      'neither a Python nor a look',
      { processes: unprobed('the image has no shell that could look'), python: known(undefined) },
      /^not-applicable: the image has no Python$/,
    ],
    ['faulthandler-off', 'off', { processes: known([{ ...first, caught: [15] }]) }, /PYTHONFAULTHANDLER/],
    [
      'logs-to-stdout',
      'logs',
      { written: known(['/var/log', '/var/log/app/x', '/app/y.log.1', '/data/z']) },
      /writes \/var\/log\/app\/x, \/app\/y\.log\.1$/,
    ],
    [
      'import-smoke',
      'a missing variable',
      by({ imports: known([{ module: 'a', failure: 'KeyError', message: "'X'", compiled: [], compiledCount: 0 }]) }),
      /^unknown/,
    ],
    [
      'import-smoke',
      'one that serves',
      by({ imports: known([{ module: 'a', failure: 'late', message: '', compiled: [], compiledCount: 0 }]) }),
      /^unknown: .*in time/,
    ],
    ['import-smoke', 'none', {}, /^not-applicable/],
    ['tls-trust-store', 'certifi', by({ trust: known({ certificates: false, certifi: true }) }), /^not-applicable/],
    ['tzdata', 'an old Python', by({ zones: known(undefined) }), /^not-applicable/],
    [
      'wrong-interpreter-on-path',
      'two Pythons',
      by({
        programs: known({
          python: '/opt/venv/bin/python',
          python3: '/usr/bin/python3',
          pip: '',
          pipPython: '',
          virtualEnv: '',
        }),
      }),
      /python3 is \/usr\/bin\/python3/,
    ],
    [
      'wrong-interpreter-on-path',
      'a foreign pip',
      by({
        programs: known({
          python: '/opt/venv/bin/python',
          python3: '/opt/venv/bin/python3',
          pip: '/usr/local/bin/pip',
          pipPython: '/usr/local/bin/python3',
          virtualEnv: '',
        }),
      }),
      /pip installs for/,
    ],
    ['version-visible', 'a version', by({ own: known([{ name: 'shop', version: '0.0.1' }]) }), /^pass$/],
    ['version-visible', 'none', by({ own: known([{ name: 'shop', version: '0+unknown' }]) }), /0\+unknown/],
    ['version-visible', 'a fallback', by({ own: known([{ name: 'shop', version: '0.1.dev1+gabc' }]) }), /^pass$/],
    [
      'collectstatic-missing',
      'empty',
      by({ staticFiles: known({ root: '/app/static', files: 0, servedBy: 'whitenoise' }) }),
      /\/app\/static is empty/,
    ],
    [
      'collectstatic-missing',
      'served elsewhere',
      by({ staticFiles: known({ root: '/app/static', files: 0, servedBy: '' }) }),
      /^not-applicable/,
    ],
    ['tmp-home-writable', 'no home, as Debian says it', homeOf('/nonexistent'), /^pass/],
    ['tmp-home-writable', 'no home, as Alpine says it', homeOf('/dev/null'), /^pass/],
    ['tmp-home-writable', 'no home, as others say it', homeOf('/var/empty'), /^pass/],
    ['tmp-home-writable', 'a home that nobody made', homeOf('/home/app'), /cannot be written: No such file/],
    ['user-not-in-passwd', 'no Python', { python: known(undefined) }, /^not-applicable/],
    [
      'user-not-in-passwd',
      'a Python that does not answer',
      { python: unprobed('it did not answer') },
      /^unknown: it did not answer$/,
    ],
  ])('%s: %s', (id, _, more, expected) => {
    expect(tell(ask(id, more))).toMatch(expected);
  });

  test('does not ask what was not run, and knows nothing of what could not be run', () => {
    const nothing = unprobed('no engine');
    const { exposed, ...fields } = probes;
    const unknown = {
      ...Object.fromEntries(Object.keys(fields).map((name) => [name, nothing])),
      exposed,
    } as unknown as ProbeFacts;
    for (const { id, needs, judge } of rules.filter((one) => one.needs === 'probes')) {
      expect([id, needs, judge(imageFacts()).kind]).toEqual([id, 'probes', 'not-applicable']);
      expect([id, tell(judge(imageFacts({ probes: unknown })))]).toEqual([id, 'unknown: no engine']);
    }
  });
});

describe('a start that failed', () => {
  test.each<[string, string, ReturnType<typeof explainFailure>]>([
    ['a missing module', "ModuleNotFoundError: No module named 'x'", 'its-own'],
    ['an error of its own', 'ValueError: no', 'its-own'],
    ['nothing said', '', 'its-own'],
    ['a missing program', 'sh: gunicorn: not found', 'its-own'],
    [
      'a database',
      'psycopg.OperationalError: connection failed: could not translate host name "db" to address',
      'wants-network',
    ],
    [
      'a refused connection',
      'redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.',
      'wants-network',
    ],
    ['an import after a failed connection', "Connection refused\nImportError: cannot import name 'a'", 'its-own'],
    ['a variable of Python', "  File x\nKeyError: 'SECRET_KEY'", 'wants-settings'],
    ['a key that is none', "KeyError: 'name'", 'its-own'],
    [
      'Django',
      'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
      'wants-settings',
    ],
    ['pydantic', '1 validation error for Settings\ndatabase_url\n  Field required', 'wants-settings'],
    ['a shell', 'start.sh: line 3: TOKEN: parameter not set', 'wants-settings'],
    [
      'a tool',
      'usage: tool [-h] COMMAND\ntool: error: the following arguments are required: COMMAND',
      'wants-arguments',
    ],
  ])('for %s', (_, output, expected) => {
    expect(explainFailure(ended(1, output))).toBe(expected);
  });
});

describe('a program of an image', () => {
  const script = (interpreter: string, argument = '') =>
    ({ content: { kind: 'script', interpreter, argument, text: '', whole: true }, mode: 0o755 }) as const;
  const tree = new FileTree<FileContent>([
    [
      entryAt('/bin/sh', { mode: 0o755 }),
      entryAt('/usr/bin/env', { mode: 0o755 }),
      entryAt('/usr/bin/python3', { mode: 0o755 }),
      entryAt('/app/run', script('/bin/sh')),
      entryAt('/app/windows', script('/bin/sh\r')),
      entryAt('/app/gone', script('/opt/venv/bin/python')),
      entryAt('/app/by-env', script('/usr/bin/env', 'python3')),
      entryAt('/app/by-env-gone', script('/usr/bin/env', 'python')),
      entryAt('/app/plain', { mode: 0o644 }),
    ],
  ]);
  const config = { env: new Map([['PATH', '/usr/bin:/bin']]), workingDir: '/app' };

  test.each<[string, string, RegExp]>([
    ['on PATH', 'sh', /^$/],
    ['by its path', '/app/run', /^$/],
    ['beside WORKDIR', './run', /^$/],
    ['by env', '/app/by-env', /^$/],
    ['that is nowhere', 'gunicorn', /^"gunicorn" is in no folder of PATH$/],
    ['that is not at its path', '/app/none', /^"\/app\/none" is not in the image$/],
    ['that may not be executed', '/app/plain', /may not be executed \(mode 644\)/],
    ['written on Windows', '/app/windows', /lines end as on Windows/],
    ['whose interpreter is gone', '/app/gone', /which is not in the image$/],
    ['whose interpreter env does not find', '/app/by-env-gone', /"python", which is in no folder of PATH$/],
    ['that is a folder', '/app', /^"\/app" is not in the image$/],
  ])('%s', (_, program, expected) => {
    expect(findObstacle({ config, tree }, program)).toMatch(expected);
  });
});

test('a pip beside an environment without one is nobody’s', () => {
  const folder = '/app/bin';
  const programs = {
    ...{ python: `${folder}/python`, python3: `${folder}/python3`, virtualEnv: '' },
    ...{ pip: '/usr/local/bin/pip', pipPython: '/usr/local/bin/python3' },
  };
  const answer = (...paths: readonly string[]): Answer | undefined => {
    const tree = new FileTree<FileContent>([paths.map((path) => entryAt<FileContent>(path))]);
    const facts = imageFacts({ tree, probes: { ...probes, ...by({ programs: known(programs) }) } });
    return rules.find(({ id }) => id === 'wrong-interpreter-on-path')?.judge(facts);
  };
  expect(answer('/app/pyvenv.cfg')).toEqual({ kind: 'pass' });
  expect(answer('/app/pyvenv.cfg', `${folder}/pip`)).toMatchObject({ kind: 'found' });
  expect(answer('/app/other')).toMatchObject({ kind: 'found' });
});

test('a signal that the image names itself is told where it does', () => {
  const stop = known({ signal: 'SIGQUIT', ms: undefined, grace: 10_000, exitCode: undefined, handled: false });
  expect(ask('sigterm-ignored', { stop })).toMatchObject({ sightings: [{ subject: { field: 'StopSignal' } }] });
});
