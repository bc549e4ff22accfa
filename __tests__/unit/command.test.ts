import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { type Command, run } from '../../src/tools/command.ts';
import { lineSplitter } from '../../src/tools/line-splitter.ts';

const never = new AbortController().signal;

function bash(script: string, limit = 20_000): Command {
  return {
    program: 'bash',
    args: ['-c', script],
    cwd: undefined,
    env: { PATH: process.env['PATH'] ?? '' },
    stdin: undefined,
    limit,
    phase: 'the script',
  };
}

async function lines(
  script: string,
): Promise<{ out: string[]; err: string[]; code: number | null; signal: string | null }> {
  const out: string[] = [];
  const err: string[] = [];
  const { code, signal } = await run(
    bash(script),
    { stdout: (line) => out.push(line), stderr: (line) => err.push(line) },
    never,
  );
  return { out, err, code, signal };
}

const quiet = { stdout: () => undefined, stderr: () => undefined };

/** A zombie that nobody reaps has ended all the same. */
function isAlive(pid: number): boolean {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 && !stdout.trim().startsWith('Z');
}

describe('run', () => {
  test('hands on both streams line by line and the exit status', async () => {
    expect(await lines('echo a; echo b >&2; printf "c\\rd\\r\\ne"; exit 3')).toEqual({
      out: ['a', 'c', 'd', 'e'],
      err: ['b'],
      code: 3,
      signal: null,
    });
  });

  test('a killed program is no exit status', async () => {
    expect(await lines('kill -9 $$')).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('a program that does not exist is an error', async () => {
    await expect(run({ ...bash(''), program: 'no-such-program' }, quiet, never)).rejects.toThrow('ENOENT');
  });

  test('past its limit the whole group ends, a child that ignores TERM too', async () => {
    const pids: number[] = [];
    const listener = { stdout: (line: string) => pids.push(Number(line)), stderr: () => undefined };
    const running = run(
      bash('trap "" TERM; (trap "" TERM; echo $BASHPID; sleep 60) & echo $$; wait; sleep 60', 3_000),
      listener,
      never,
    );
    await expect(running).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('the script') });
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('cancellation ends it', async () => {
    const controller = new AbortController();
    const running = run(bash('sleep 60'), quiet, controller.signal);
    setTimeout(() => controller.abort(), 200);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('what a program leaves running is ended with it and holds nothing up', async () => {
    const { out, code } = await lines('sleep 60 & echo $!; exit 0');
    expect(code).toBe(0);
    for (let looks = 0; looks < 1_000 && isAlive(Number(out[0])); looks++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isAlive(Number(out[0]))).toBe(false);
  });

  test('nothing of our environment is inherited', async () => {
    expect((await lines('env')).out.filter((line) => /^(?:HOME|USER)=/.test(line))).toEqual([]);
  });
});

describe('lineSplitter', () => {
  test.each<[string, string[], string[]]>([
    ['LF, CRLF and bare CR', ['a\nb\r\nc\rd'], ['a', 'b', 'c', 'd']],
    ['a CRLF cut in two', ['a\r', '\nb'], ['a', 'b']],
    ['empty lines', ['\n\r\n\r'], ['', '', '']],
    ['a character cut in two', ['\u00e4'], ['ä']],
  ])('%s', (_, chunks, wanted) => {
    const seen: string[] = [];
    const splitter = lineSplitter((line) => seen.push(line));
    for (const chunk of chunks) for (const byte of Buffer.from(chunk)) splitter.write(Buffer.from([byte]));
    splitter.end();
    expect(seen).toEqual(wanted);
  });

  test('a line of 10 MB comes in pieces of 64 KiB at most', () => {
    let longest = 0;
    let total = 0;
    const splitter = lineSplitter((line) => {
      longest = Math.max(longest, line.length);
      total += line.length;
    });
    for (let at = 0; at < 160; at++) splitter.write(Buffer.alloc(65_536, 'x'));
    splitter.end();
    expect(longest).toBeLessThanOrEqual(65_536);
    expect(total).toBe(160 * 65_536);
  });
});
