import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { endLeftovers, markVariable, testMark } from '../../src/tools/leftovers.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A marked process that says `up` once it has set its traps; what it starts answers for itself. */
async function start(mark: string, script = 'echo up; exec sleep 60'): Promise<ChildProcess> {
  const env = { PATH: process.env['PATH'] ?? '', [markVariable]: mark };
  const child = spawn('bash', ['-c', script], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  told.set(child, Number(line));
  return child;
}

const told = new Map<ChildProcess, number>();
/** The process id that a process said first. */
const said = (child: ChildProcess): number | undefined => told.get(child);

/** Its end: a test waits for it and fails where it does not come. */
async function end(child: ChildProcess): Promise<void> {
  if (!isOver(child)) await once(child, 'exit');
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

(process.platform === 'linux' ? describe : describe.skip)('endLeftovers', () => {
  const nonce = randomBytes(16).toString('hex');

  test('ends what carries the mark and nothing else', async () => {
    const ours = await start(nonce);
    const tests = await start(testMark(nonce));
    const others = [await start(randomBytes(16).toString('hex')), await start(`${nonce}0`), await start(`x${nonce}`)];
    expect(await endLeftovers(nonce)).toHaveLength(2);
    await Promise.all([ours, tests].map(end));
    expect(others.map(isOver)).toEqual([false, false, false]);
  });

  test('ends the tests of a run beside its build', async () => {
    const [build, tests] = [await start(nonce), await start(testMark(nonce))];
    expect(await endLeftovers(testMark(nonce))).toEqual([expect.stringMatching(new RegExp(`^${tests.pid} .`))]);
    await end(tests);
    expect(isOver(build)).toBe(false);
  });

  test('ends one that ignores TERM, and one that left its session and its parent', async () => {
    const deaf = await start(nonce, 'trap "" TERM INT HUP; echo up; while :; do sleep 1; done');
    const parent = await start(
      nonce,
      'setsid bash -c "trap \\"\\" TERM; echo \\$\\$; exec 1>&-; sleep 60" & disown; exit 0',
    );
    await end(parent);
    const found = await endLeftovers(nonce);
    expect(found.map((line) => Number.parseInt(line, 10))).toContain(said(parent));
    await end(deaf);
    expect(await endLeftovers(nonce)).toEqual([]);
  });
});
