import { describe, expect, test } from '@jest/globals';
import { readDeclared } from '../../src/plan/probes/declared.ts';
import { parseLook } from '../../src/plan/probes/look.ts';
import { parsePythonReport } from '../../src/plan/probes/python-report.ts';
import { pythonsOf } from '../../src/plan/probes/pythons.ts';

const tcp = (rows: readonly string[]): string =>
  ['  sl  local_address rem_address   st', ...rows.map((row, at) => `   ${at}: ${row}`)].join('\n');
const status = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}:\t${value}`)
    .join('\n');

describe('what listens is read from the kernel’s tables', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['on all addresses', 'tcp', '00000000:1F40 00000000:0000 0A', ['0.0.0.0:8000']],
    ['on loopback', 'tcp', '0100007F:1F40 00000000:0000 0A', ['127.0.0.1:8000']],
    ['on all addresses of IPv6', 'tcp6', `${'0'.repeat(32)}:0050 ${'0'.repeat(32)}:0000 0A`, [':::80']],
    ['on loopback of IPv6', 'tcp6', `${'0'.repeat(24)}01000000:0050 ${'0'.repeat(32)}:0000 0A`, ['::1:80']],
    [
      'on a mapped address',
      'tcp6',
      `0000000000000000FFFF00000100007F:0050 ${'0'.repeat(32)}:0000 0A`,
      ['127.0.0.1:80'],
    ],
    ['not where it is connected', 'tcp', '0100007F:1F40 0100007F:9999 01', []],
    ['not in what an image makes up', 'tcp', 'x:y z 0A', []],
  ])('%s', (_, table, row, expected) => {
    const { listening } = parseLook(`@${table}\n${tcp([row])}\n`);
    expect(listening?.map(({ address, port }) => `${address}:${port}`)).toEqual(expected);
  });

  test('where there are no tables nothing is known', () => {
    expect(parseLook('hello\n').listening).toBeUndefined();
    expect(parseLook(`@tcp\n${tcp([])}\n`).listening).toEqual([]);
  });
});

describe('processes', () => {
  const first = status({ Name: 'python', PPid: '0', SigBlk: '0000000000000000', SigCgt: '0000000000004002' });
  const child = status({ Name: 'sleep', PPid: '1', SigBlk: '0000000000010000', SigCgt: '0000000000000000' });
  const outside = status({ Name: 'sh', PPid: '0', SigBlk: '0', SigCgt: '0' });

  test('are those of PID 1, with their signals', () => {
    const text = `@process 1\nPython:\t/opt/venv/bin/python\nUnbuffered:\tno\n${first}\n@process 7\n${child}\n@process 30\n${outside}\n`;
    expect(parseLook(text)).toMatchObject({
      processes: [
        { pid: 1, parent: 0, name: 'python', caught: [2, 15], blocked: [], unbuffered: false },
        { pid: 7, parent: 1, name: 'sleep', caught: [], blocked: [17], unbuffered: undefined },
      ],
      python: '/opt/venv/bin/python',
    });
  });

  test.each<[string, string, 'reaped' | 'zombie' | undefined]>([
    ['that is gone was reaped', 'gone', 'reaped'],
    ['that is a zombie was not', 'Z', 'zombie'],
    ['that is a zombie in the words of /proc was not', 'Name:\tsleep\nState:\tZ (zombie)\n', 'zombie'],
    ['that runs tells nothing', 'S', undefined],
    ['that could not be made tells nothing', '?', undefined],
  ])('an orphan %s', (_, body, expected) => {
    expect(parseLook(`@orphan\n${body}\n`).orphan).toBe(expected);
  });
});

describe('what Python says of itself', () => {
  const show = (text: string): string => text.replace('secret', '***');
  const read = (report: unknown) => parsePythonReport(`noise\nt0k ${JSON.stringify(report)}\nnoise`, 't0k', show);

  test('is read field by field; what failed is unknown with its reason', () => {
    const report = {
      version: { value: '3.13.5' },
      zones: { value: null },
      conflicts: { error: 'RuntimeError: secret' },
    };
    expect(read(report)).toMatchObject({
      version: '3.13.5',
      zones: { kind: 'known', value: undefined },
      conflicts: { kind: 'unknown', because: 'RuntimeError: ***' },
      imports: { kind: 'unknown', because: expect.stringMatching(/did not come to that/) },
    });
  });

  test.each<[string, unknown]>([
    ['a number for a text', { encodings: { value: { files: 1, output: 'utf-8' } } }],
    ['a list for an object', { encodings: { value: [] } }],
    ['nothing', { encodings: null }],
  ])('%s is unknown', (_, report) => {
    expect(read(report)?.encodings.kind).toBe('unknown');
  });

  test.each<[string, string]>([
    ['without its token', 'other {"version":{"value":"3"}}'],
    ['cut off', 't0k {"version":{"val'],
    ['empty', ''],
  ])('an answer %s is none', (_, output) => {
    expect(parsePythonReport(output, 't0k', show)).toBeUndefined();
  });
});

const silent = { exposedPorts: [], stopSignal: '', healthcheck: undefined, shell: [] };
const times = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };

describe('what an image declares', () => {
  test('ports are those of TCP, ranges one by one', () => {
    const exposedPorts = ['8000/tcp', '53/udp', '9000-9002/tcp', '80'];
    expect(readDeclared({ ...silent, exposedPorts }).exposed).toEqual([8000, 9000, 9001, 9002, 80]);
  });

  test.each<[string, readonly string[], readonly string[], readonly string[] | undefined]>([
    ['as words', ['CMD', 'curl', '-f'], [], ['curl', '-f']],
    ['for a shell', ['CMD-SHELL', 'curl -f'], [], ['/bin/sh', '-c', 'curl -f']],
    ['for a shell of its own', ['CMD-SHELL', 'curl'], ['/bin/bash', '-ec'], ['/bin/bash', '-ec', 'curl']],
    ['that is switched off', ['NONE'], [], undefined],
    ['that is empty', [], [], undefined],
  ])('a health check %s', (_, words, shell, expected) => {
    const { health } = readDeclared({ ...silent, shell, healthcheck: { ...times, test: words } });
    expect(health?.program).toEqual(expected);
    if (health !== undefined) expect(health.timeout).toBe(30_000);
  });

  test('it is stopped by TERM where it does not say', () => {
    expect(readDeclared(silent).stopSignal).toBe('SIGTERM');
    expect(readDeclared({ ...silent, stopSignal: 'SIGINT' }).stopSignal).toBe('SIGINT');
  });
});

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['by its command', ['/opt/venv/bin/python'], ['-m', 'x'], ['/opt/venv/bin/python', 'python', 'python3']],
  ['by PATH', ['gunicorn'], ['app:app'], ['python', 'python3']],
  ['once', ['python3'], [], ['python3', 'python']],
])('a Python is looked for %s', (_, entrypoint, cmd, expected) => {
  expect(pythonsOf({ entrypoint, cmd })).toEqual(expected);
});
