import { describe, expect, test } from '@jest/globals';
import { defang, defangText, formatChildLine, quote } from '../../src/model/log-line.ts';

/** The two ways in which GitHub's runner finds a command in a line (actions/runner, ActionCommand.TryParse and TryParseV2). */
function isCommand(line: string): boolean {
  return /##\[[^\]]+\]/.test(line) || line.trimStart().startsWith('::');
}

describe('a line of a child', () => {
  test.each([
    '::set-output name=digest::sha256:evil',
    '  ::error::x',
    'A ##[set-output name=digest]sha256:evil',
    '####[add-mask]x',
    'x ##vso[task.setvariable]y',
    '\u2028::error::x',
  ])('%j is no command any more', (line) => {
    expect(isCommand(formatChildLine('test', line))).toBe(false);
    expect(isCommand(defang(line))).toBe(false);
    expect(formatChildLine('test', line)).not.toContain('##vso[');
  });

  test('an ordinary line stays as it is', () => {
    expect(formatChildLine('build', '#5 [2/3] RUN make')).toBe('build │ #5 [2/3] RUN make');
    expect(defang('\u001b[31mred\u001b[0m\tx')).toBe('\u001b[31mred\u001b[0m\tx');
  });

  test('every line of a text is looked at', () => {
    expect(defangText('a\n::b\n##[c]').split('\n').some(isCommand)).toBe(false);
  });

  test('a name from git cannot act inside a sentence', () => {
    expect(quote('x"\n::error::y')).toBe('"x\\"\\n::error::y"');
  });
});
