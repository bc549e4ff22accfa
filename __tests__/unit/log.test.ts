import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { listen, notice, say } from '../../src/tools/actions.ts';
import { run } from '../../src/tools/command.ts';
import { printTogether } from '../../src/tools/log.ts';
import { captured } from '../support/captured.ts';

const kibibyte = 1024;

/** A runner that reads a piece of the log only after some turns of the event loop. */
class SlowReader extends Writable {
  taken = 0;
  writes = 0;
  readonly pages = new Set<ArrayBufferLike>();

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.writes++;
    this.pages.add(chunk.buffer);
    let turns = 5;
    const wait = (): void => {
      if (turns-- > 0) {
        setImmediate(wait);
        return;
      }
      this.taken += chunk.length;
      done();
    };
    wait();
  }
}

async function readBy<T extends Writable>(reader: T, work: () => Promise<unknown>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(process, 'stdout');
  Object.defineProperty(process, 'stdout', { value: reader, configurable: true });
  try {
    await work();
    await new Promise<void>((resolve) => reader.end(resolve));
  } finally {
    if (own !== undefined) Object.defineProperty(process, 'stdout', own);
  }
  return reader;
}

describe('what a child floods the log with', () => {
  test.each([
    ['lines of a test', 4_096, 'yes "a line of a test that is rather talkative"'],
    ['empty lines', 512, 'yes ""'],
    ['one line without an end', 4_096, 'cat /dev/zero | tr "\\0" x'],
    ['lines that are no text', 4_096, 'yes $(printf "\\xff\\xe2\\x82 \\x1b[31m ::error:: ##[error]")'],
  ])('is read no quicker than the log, and waits in pages that are used again: %s', async (_, size, flood) => {
    const command = {
      program: 'bash',
      args: ['-c', `${flood} | head -c ${size * kibibyte}`],
      cwd: undefined,
      env: { PATH: process.env['PATH'] ?? '' },
      stdin: undefined,
      limit: 120_000,
      phase: 'the flood',
    };
    const { stdout } = listen('test');
    const reader = new SlowReader();
    let handedOn = 0;
    let most = 0;
    const watch = (line: string): void => {
      stdout(line);
      handedOn += line.length + 1;
      most = Math.max(most, handedOn - reader.taken);
    };
    await readBy(reader, () => run(command, { stdout: watch, stderr: stdout }, new AbortController().signal));
    expect(reader.taken).toBeGreaterThanOrEqual(handedOn);
    expect(most).toBeLessThan(1_024 * kibibyte);
    expect(reader.writes).toBeGreaterThan(8);
    expect(reader.pages.size).toBeLessThanOrEqual(8);
  });
});

describe('what is printed together', () => {
  const longer = 'x'.repeat(100_000);

  test('comes in the order in which it was said, whoever said it', () => {
    const text = captured(() => {
      const { stdout } = listen('test');
      notice('zero');
      printTogether(() => {
        stdout('one');
        notice('two');
        stdout(longer);
        say('three');
        stdout('ä€🚀');
      });
      say('four');
    });
    const lines = text
      .replace(longer, 'longer than a page')
      .replaceAll(/[0-9a-f]{32}/g, 'TOKEN')
      .split('\n');
    expect(lines.slice(lines.findIndex((line) => line.endsWith('zero')))).toEqual([
      '::notice title=Slipway::zero',
      '::stop-commands::TOKEN',
      'test │ one',
      '::TOKEN::',
      '::notice title=Slipway::two',
      '::stop-commands::TOKEN',
      'test │ longer than a page',
      'three',
      'test │ ä€🚀',
      'four',
      '',
    ]);
  });

  test('is said also where the work fails', () => {
    const text = captured(() => {
      const fails = (): void =>
        printTogether(() => {
          say('its last words');
          throw new Error('it fails');
        });
      expect(fails).toThrow('it fails');
    });
    expect(text).toContain('its last words\n');
  });
});
