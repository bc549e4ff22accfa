import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { parseRepository } from '../../src/model/image-ref.ts';
import { transferPace } from '../../src/model/limits.ts';
import { parseTag } from '../../src/model/tag.ts';
import { connectEngine, type Engine } from '../../src/tools/engine/call.ts';
import { pullImage } from '../../src/tools/engine/pull.ts';
import { pushImage } from '../../src/tools/engine/push.ts';
import {
  explainTransfer,
  judgeTransfer,
  type Repetition,
  repeatTransfer,
  TransferError,
  type TransferFault,
} from '../../src/tools/engine/transfer.ts';
import type { Clock } from '../../src/tools/registry/retry.ts';

const never = new AbortController().signal;
const repository = parseRepository('127.0.0.1:5000/acme/app');
const tag = parseTag('one');
const digest = digestOf('x');
let folder: string;
let server: Server;
let engine: Engine;
let answer: RequestListener;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-transfer-'));
  const path = join(folder, 'engine.sock');
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  engine = connectEngine({ kind: 'unix', path });
});

afterEach(() => {
  engine.agent.destroy();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const push = (stall = 60_000): Promise<unknown> =>
  pushImage(engine, { repository, tag, auth: '', stall, onProgress: () => undefined }, never);
const pull = (stall = 60_000): Promise<unknown> =>
  pullImage(engine, { repository, digest, platform: undefined, auth: '', stall, onProgress: () => undefined }, never);
const line = (record: object): string => `${JSON.stringify(record)}\n`;
const bar = (current: number): string => line({ status: 'Pushing', id: 'aa', progressDetail: { current, total: 9 } });

describe('an engine that is silent has done nothing', () => {
  test.each<[string, () => Promise<unknown>, string, string]>([
    [
      'a push with an empty answer',
      push,
      '',
      'push of 127.0.0.1:5000/acme/app:one failed: the engine ended it without naming a digest',
    ],
    ['a push with layers alone', push, bar(9), 'the engine ended it without naming a digest'],
    [
      'a pull with an empty answer',
      pull,
      '',
      `pull of 127.0.0.1:5000/acme/app@${digest} failed: the engine ended it without naming a digest`,
    ],
    [
      'a pull of something else',
      pull,
      line({ status: `Digest: ${digestOf('y')}` }),
      `the engine pulled ${digestOf('y')}`,
    ],
  ])('%s', async (_, transfer, body, message) => {
    answer = (_request, response) => response.end(body);
    await expect(transfer()).rejects.toThrow(message);
  });

  test('what names its digest has been done', async () => {
    answer = (_request, response) =>
      response.end(line({ status: `one: digest: ${digest} size: 1` }) + line({ status: `Digest: ${digest}` }));
    expect(await push()).toBe(digest);
    expect(await pull()).toBeUndefined();
  });
});

describe('a transfer that stands still', () => {
  test.each([
    ['says nothing at all', (): void => undefined],
    ['stops in the middle', (write: (text: string) => void) => write(bar(1))],
  ])('is ended where it %s', async (_, speak) => {
    answer = (_request, response) => speak((text) => void response.write(text));
    await expect(push(200)).rejects.toMatchObject({
      fault: 'stalled',
      code: 'timeout',
      message: 'the push of 127.0.0.1:5000/acme/app:one made no progress for 200 ms',
    });
    await expect(pull(200)).rejects.toMatchObject({ fault: 'stalled', code: 'timeout' });
  });

  test('is ended though the engine repeats itself', async () => {
    let ticker: NodeJS.Timeout | undefined;
    answer = (_request, response) => {
      ticker = setInterval(() => response.write(bar(4)), 30);
    };
    await expect(push(300)).rejects.toMatchObject({ fault: 'stalled' });
    clearInterval(ticker);
  });

  test('goes on while bytes move, however slowly', async () => {
    answer = (_request, response) => {
      let moved = 0;
      const ticker = setInterval(() => {
        response.write(bar(moved++));
        if (moved < 12) return;
        clearInterval(ticker);
        response.end(line({ status: `one: digest: ${digest} size: 1` }));
      }, 200);
    };
    expect(await push(2_000)).toBe(digest);
  });

  test('of an engine that goes away says so', async () => {
    answer = (request, response) => {
      response.write(bar(1), () => setTimeout(() => request.socket.destroy(), 20));
    };
    await expect(push()).rejects.toMatchObject({
      fault: 'gone',
      code: 'engine-missing',
      message: expect.stringContaining('the Docker engine went away during the push of 127.0.0.1:5000/acme/app:one'),
    });
  });

  test('of a run that is cancelled is cancelled', async () => {
    answer = (_request, response) => void response.write(bar(1));
    const cancel = AbortSignal.timeout(100);
    const request = { repository, tag, auth: '', onProgress: () => undefined };
    await expect(pushImage(engine, request, cancel)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test.each<[string, TransferFault]>([
  ['received unexpected HTTP status: 500 Internal Server Error', 'passing'],
  ['unknown: injected', 'passing'],
  ['Get "http://127.0.0.1:5/v2/": dial tcp 127.0.0.1:5: connect: connection refused', 'passing'],
  ['EOF', 'passing'],
  ['denied: You have exceeded a secondary rate limit', 'passing'],
  ['429 Too Many Requests', 'passing'],
  ['no basic auth credentials', 'denied'],
  ['unexpected status from HEAD request to URL: 401 Unauthorized', 'denied'],
  ['denied: tag immutable', 'denied'],
  ['tag does not exist: x', 'lasting'],
  ['An image does not exist locally with the tag: x', 'lasting'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'lasting'],
  ['denied: adding 29.0 MiB of storage resource, which will exceed the configured upper limit of 10.0 MiB.', 'lasting'],
])('%s is %s', (reason, fault) => {
  expect(judgeTransfer(reason)).toBe(fault);
});

test.each<[string, string, RegExp, string]>([
  [
    'the registry',
    'error from registry: unknown error - write /s/x: no space left on device',
    /^the storage of the registry is full: push of x failed: error/,
    'collect its garbage',
  ],
  [
    'somebody else',
    'write /var/lib/docker/tmp/x: no space left on device',
    /^push of x failed, since a disk is full: write/,
    'docker system prune',
  ],
])('a disk of %s is named as such', (_, reason, message, hint) => {
  expect(explainTransfer('publish-failed', 'push of x failed', { reason, hint: '-' })).toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(message),
    hint: expect.stringContaining(hint),
  });
});

describe('a transfer is repeated', () => {
  const fail = (fault: TransferFault): TransferError =>
    new TransferError(fault, 'publish-failed', fault, { hint: '-' });

  /** Runs what fails so and so often, on a clock of its own. */
  async function repeat(faults: readonly TransferFault[], more: Partial<Repetition<string>> = {}) {
    let now = 0;
    let tries = 0;
    const pauses: number[] = [];
    const clock: Clock = {
      now: () => now,
      sleep: async (ms) => {
        pauses.push(ms);
        now += ms;
      },
      random: () => 1,
    };
    const attempt = async (): Promise<string> => {
      const fault = faults[Math.min(tries++, faults.length)];
      if (fault !== undefined) throw fail(fault);
      return 'done';
    };
    const repetition = {
      mayRepeatStall: true,
      recheck: async () => undefined,
      tell: () => undefined,
      cancel: never,
      clock,
    };
    const end = await repeatTransfer<string>(attempt, { ...repetition, ...more }).catch(
      (error: Error) => error.message,
    );
    return { end, tries, pauses, now };
  }
  const always = (fault: TransferFault): TransferFault[] => Array.from({ length: 99 }, () => fault);

  test.each<[string, TransferFault[], boolean, string, number]>([
    ['not, where it succeeds', [], true, 'done', 1],
    ['after one passing fault', ['passing'], true, 'done', 2],
    ['after several', ['passing', 'passing', 'passing'], true, 'done', 4],
    ['once where the login was refused', ['denied'], true, 'done', 2],
    ['and not twice there', always('denied'), true, 'denied', 2],
    ['once where it stalled', ['stalled'], true, 'done', 2],
    ['and not twice there either', always('stalled'), true, 'stalled', 2],
    ['never where it stalled in the classic store', ['stalled'], false, 'stalled', 1],
    ['never where that cannot help', ['lasting'], true, 'lasting', 1],
    ['never on an engine that is gone', ['gone'], true, 'gone', 1],
    ['until its tries are used up', always('passing'), true, 'passing', transferPace.tries],
  ])('%s', async (_, faults, mayRepeatStall, end, tries) => {
    expect(await repeat(faults, { mayRepeatStall })).toMatchObject({ end, tries });
  });

  test('with pauses that grow, within its budget', async () => {
    const { pauses, now } = await repeat(always('passing'));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(now).toBeLessThanOrEqual(transferPace.budget);
  });

  test('not where the work has been done all the same', async () => {
    expect(await repeat(always('passing'), { recheck: async () => 'there' })).toMatchObject({ end: 'there', tries: 1 });
    expect(await repeat(always('gone'), { recheck: async () => 'there' })).toMatchObject({ end: 'there', tries: 1 });
  });
});
