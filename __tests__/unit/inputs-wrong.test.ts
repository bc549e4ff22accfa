import { describe, expect, test } from '@jest/globals';
import { inputNames } from '../../src/model/input-names.ts';
import { parse, problemsOf } from '../support/inputs.ts';

/** A value that an input must not have, and what is said to be allowed. */
interface Wrong {
  readonly value: string;
  readonly allowed: RegExp;
  /** What else is given. */
  readonly beside?: Readonly<Record<string, string>>;
}

const wrong = (allowed: RegExp, ...values: readonly string[]): readonly Wrong[] =>
  values.map((value) => ({ value, allowed }));
const choice = (...allowed: readonly string[]): readonly Wrong[] => {
  const said = new RegExp(`allowed are ${allowed.join(', ')}$`);
  return wrong(said, 'nonsense', `${allowed[0]}x`, `${allowed[0]},${allowed[1]}`, 'yes', '1');
};
const boolean = wrong(/allowed are true, false$/, 'yes', 'on', 'tRUE', '0', '1', 'null', 'true false');
const duration = wrong(/90s, 20m or 1h30m/, '60', 'soon', '-1m', '1.5h', '20 m', '1d', '0s', '20m40');
const repository = (said: RegExp): readonly Wrong[] =>
  wrong(said, 'ghcr.io/acme/app:1', 'ghcr.io/acme/app@sha256:0', 'ghcr.io/acme/a b', '/app', 'ghcr.io/', 'a..b/c', '-');

/** Every input that can be wrong by itself. What is looked up later (a file, a stage, a login) is refused later, before anything runs. */
const table: Readonly<Record<string, readonly Wrong[]>> = {
  image: [...repository(/tag|not a re/), ...wrong(/it is required/, '', ' \n')],
  'protected-image': repository(/tag|not a re/),
  username: [
    { value: 'a:b', allowed: /without `:`/, beside: { password: 'hunter2' } },
    { value: 'a', allowed: /several registries/, beside: { password: 'hunter2', image: 'a.example/x\nb.example/x' } },
    { value: '', allowed: /`password` is given/, beside: { password: 'hunter2' } },
  ],
  context: wrong(
    /a path in the workspace/,
    'https://a.example/b.git',
    'git@a.example:b',
    'docker-image://a',
    'x.git#m',
  ),
  target: wrong(/Dockerfile stage/, 'a b', '-x', 'a,b', 'a/b', '$X'),
  'build-args': wrong(/KEY=value is needed|never closed/, 'TOKEN', '=x', '9A=x', 'A B=x', '"A=1'),
  'build-contexts': wrong(/name=|a path, docker-image/, './lib', 'lib=', 'Lib=.', 'a b=.', 'a=cwd://x', 'a=target:b'),
  secrets: wrong(/ID=value is needed|id=…,src=…|never closed/, 'hunter2', '=hunter2', 'id=hunter2', '"a=hunter2'),
  'secret-envs': wrong(/ID=VARIABLE/, 'hunter2', 'a=hunter2-x', '=HUNTER2', 'a='),
  'secret-files': wrong(/ID=path/, './hunter2', 'hunter2=', '=./hunter2'),
  ssh: wrong(/is needed|without/, '=key', 'x=', 'k=/Cafe\u0301'),
  labels: wrong(/KEY=value is needed|Slipway’s own/, 'a', '=x', 'a b=c', 'io.slipway.key=x', 'IO.SLIPWAY.x=y'),
  platforms: wrong(
    /a platform is needed, e\.g\. linux\/amd64/,
    'amd64',
    'windows/amd64',
    'linux',
    'linux/a b',
    'linux/arm/x',
  ),
  provenance: wrong(/allowed are true, false, mode=min/, 'yes', 'max', 'mode=all', 'mode=max,', 'builder-id='),
  sbom: wrong(/allowed are true, false, generator=IMAGE/, 'yes', '1', 'generator=', 'generator=a b'),
  annotations: wrong(/key=value is needed|before the key|Unicode/, '=x', 'a', 'image:a=x', 'a=Cafe\u0301', 'a b=c'),
  network: choice('default', 'none', 'host'),
  'add-hosts': wrong(/host:ip is needed/, 'db', 'db:', 'db:10.0.0.256', 'a b:10.0.0.1', ':10.0.0.1', '-x:::1'),
  'shm-size': wrong(/a size is needed/, 'big', '-1m', '64q', '1,5g', 'm'),
  ulimit: wrong(/NAME=soft:hard/, 'files=1', 'nofile', 'nofile=2:1', 'nofile=x', 'nofile=-2', 'nofile=1:2:3'),
  allow: wrong(/allowed are network\.host/, 'fs=*', 'fs.read=/', 'ssh', 'network', 'device=a"b', 'NETWORK.HOST'),
  builder: wrong(/the name of a builder/, '--debug', 'a b', 'a/b', '$(id)'),
  pull: boolean,
  'no-cache': boolean,
  'no-cache-filters': wrong(/Dockerfile stage/, 'a b', '-x', 'a=b'),
  'build-timeout': duration,
  'test-target': wrong(/Dockerfile stage/, 'a b', '-x', 'a,b', '${X}'),
  'test-image': wrong(/needs a shell|a quote is opened/, 'a && b', 'a | b', 'echo $HOME', 'a > b', 'echo "a', 'a; b'),
  'test-env': wrong(/names of variables/, 'A=1', 'A B', '1A', 'A,B', 'A-B', '*'),
  'test-reports': wrong(
    /globs within the work tree|within a container|a path with/,
    '../x.xml',
    '~/x.xml',
    '/*.xml',
    '/a/{b}',
  ),
  'test-timeout': duration,
  latest: choice('auto', 'production-branch', 'release', 'never'),
  versions: choice('semver', 'pep440', 'none'),
  'version-prefix': wrong(/what git tags begin with/, 'a b', 'a:', 'a..b', 'a*', 'é-', 'a@{b', 'a\\'),
  'extra-tags': wrong(/a tag has 1 to 128/, 'a/b', 'a,b', '-a', '.a', 'a b', 'x'.repeat(129), 'é'),
  'protected-tags': wrong(/a tag, with \* for any run/, 'prod/*', 'a b', '[a]', 'é', 'x'.repeat(129)),
  stale: choice('skip', 'fail', 'ignore'),
  bytecode: choice('off', 'on', 'require').filter(({ value }) => value !== 'yes'),
  'bytecode-paths': wrong(/a folder of the image/, '/a\0b'),
  'bytecode-exclude': wrong(/a path with \*, \*\* and \?/, '../x', 'a//b', './x', '/'),
  'bytecode-mode': choice('unchecked-hash', 'checked-hash'),
  checks: choice('report', 'full', 'high', 'medium', 'low', 'off'),
  'checks-ignore': wrong(/is neither `id` nor|a path with/, '9', '*', 'a b', 'id: /a//b'),
  'checks-command': wrong(/needs a shell|a quote is opened/, 'a && b', 'echo "a', 'a > b'),
  'checks-env': wrong(/NAME=value or NAME/, '1A=hunter2', '=hunter2', 'A-B=hunter2', 'A B'),
  cache: choice('auto', 'registry', 'inline', 'none'),
  reuse: choice('auto', 'off'),
  push: choice('auto', 'protected', 'true', 'false'),
  summary: boolean,
  comment: choice('auto', 'true', 'false'),
};

/** Any text is right: a script, a token, or the name of something that is looked up. */
const free = ['file', 'github-token', 'password', 'production-branch', 'test', 'verify'];

/** Whose values are not shown. */
const hidden = ['build-args', 'checks-env', 'secrets', 'secret-envs', 'secret-files', 'username'];

test('every input stands in the table, or among those that take any text', () => {
  expect([...Object.keys(table), ...free].toSorted()).toEqual([...inputNames].toSorted());
});

describe.each(Object.entries(table))('%s', (name, rows) => {
  test.each(rows.map(({ value, ...more }) => [value, more] as const))('%j', (value, { allowed, beside }) => {
    const said = problemsOf({ ...beside, [name]: value });
    const [first = '', ...problems] = said.split('\n');
    expect(first).toMatch(/wrong:$/);
    expect(problems[0]).toMatch(new RegExp(`^  - ${name}: `));
    expect(problems[0]).toMatch(allowed);
    const quotes = value.trim() !== '' && !hidden.includes(name) && !/^(?:labels|annotations)$/.test(name);
    if (quotes) expect(problems[0]).toContain(JSON.stringify(value).slice(0, 200));
    expect(said).not.toMatch(/hunter2/i);
  });
});

test.each(free)('%s takes any text', (name) => {
  const beside = name === 'password' ? { username: 'me' } : {};
  expect(() => parse({ ...beside, [name]: '$(x) --y; "é\n' })).not.toThrow();
});

test('all of them together are told together', () => {
  const names = Object.keys(table).filter((name) => name !== 'username');
  const given = Object.fromEntries(names.map((name) => [name, table[name]?.[0]?.value ?? '']));
  const said = problemsOf(given);
  expect(names.filter((name) => !said.includes(`\n  - ${name}: `))).toEqual([]);
});
