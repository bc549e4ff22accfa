import { describe, expect, test } from '@jest/globals';
import { defang, defangText, formatChildLine, quote } from '../../src/model/log-line.ts';
import { Masker } from '../../src/model/masker.ts';
import { commandsIn, comparisons } from '../support/runner-commands.ts';

/** Whether GitHub's runner might take a line for a command, of whatever name. */
function isCommand(line: string): boolean {
  const commands = comparisons.map((one) => commandsIn(line, one).length);
  return Math.max(...commands) > 0 || /##\[[^\]]+\]/.test(line) || line.trimStart().startsWith('::');
}

describe('a line of a child', () => {
  test.each([
    '::set-output name=digest::sha256:evil',
    '  ::error::x',
    'A ##[set-output name=digest]sha256:evil',
    '####[add-mask]x',
    'x ##vso[task.setvariable]y',
    '\u2028::error::x',
    '##\u0001[error]joined by what goes',
    '#\u2028#[error]joined by what goes',
    '##\u001b[error]joined by what goes',
    ':\0:error::joined by what goes',
    '#\u200b#\u00ad[error]x',
  ])('%j is no command any more', (line) => {
    expect(isCommand(formatChildLine('test', line).join(''))).toBe(false);
    expect(isCommand(defang(line))).toBe(false);
    expect(formatChildLine('test', line).join('')).not.toContain('##vso[');
  });

  test('a command is parted where all can see it', () => {
    expect(defang(' ::error::x')).toBe('\\ ::error::x');
    expect(defang('a ##[error]x ##vso[y]')).toBe('a ##\\[error]x ##\\vso[y]');
  });

  test('an ordinary line stays as it is', () => {
    expect(formatChildLine('build', '#5 [2/3] RUN make').join('')).toBe('build │ #5 [2/3] RUN make');
    expect(defang('\u001b[31mred\u001b[0m\tx')).toBe('\u001b[31mred\u001b[0m\tx');
  });

  test('every line of a text is looked at', () => {
    expect(defangText('a\n::b\n##[c]').split('\n').some(isCommand)).toBe(false);
  });

  test('a name from git cannot act inside a sentence', () => {
    expect(quote('x"\n::error::y')).toBe('"x\\"\\n::error::y"');
  });
});

describe('a known secret', () => {
  const secret = 'cANARY/1+2=<"$x\'y> é\\';
  const bytes = Buffer.from(secret);
  const masker = new Masker();
  masker.learn(bytes);
  masker.learn(Buffer.from('first line\n  second line\r\nabc\n'));
  masker.learn(Buffer.from('overlaps'));
  masker.learn(Buffer.from('lapsus'));
  masker.learn(Buffer.from('cANARY'));
  const long = 'z0y1x2w3'.repeat(20);
  masker.learn(Buffer.from(long));
  const redact = (text: string): string => masker.redact(text);

  test.each<[string, string, string]>([
    ['as it is', `a ${secret} b`, 'a *** b'],
    ['twice, side by side', `${secret}${secret}`, '***'],
    ['URL-encoded', encodeURIComponent(secret), '***'],
    ['URL-encoded in lower case', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()), '***'],
    ['as a form writes it', new URLSearchParams({ a: secret }).toString(), 'a=***'],
    ['in JSON', JSON.stringify({ a: secret }), '{"a":"***"}'],
    ['in JSON of Go', JSON.stringify(secret).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'), '"***"'],
    ['in JSON of Python', JSON.stringify(secret).replace('é', '\\u00e9'), '"***"'],
    ['in XML', secret.replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;').replace("'", '&apos;'), '***'],
    ['in single quotes', `'${secret.replace("'", "'\\''")}'`, "'***'"],
    ['in double quotes', `"${secret.replace(/["$\\]/g, '\\$&')}"`, '"***"'],
    ['in base64', bytes.toString('base64'), '***'],
    ['in base64 for URLs', bytes.toString('base64url'), '***'],
    ['a line of it', 'x first line y second line z abc', 'x *** y *** z abc'],
    ['with control characters in it', 'over\0lap\u0001s', '***'],
    ['two that overlap', 'overlapsus', '***'],
    ['the longer of two', secret, '***'],
    ['in base64 of 76 columns', Buffer.from(long).toString('base64').replace(/.{76}/g, '$&\n'), '***\n***\n***'],
  ])('%s', (_, text, shown) => {
    expect(defangText(text, redact)).toBe(shown);
  });

  test.each([0, 1, 2, 3])('in base64 behind %i bytes', (before) => {
    const text = Buffer.concat([Buffer.alloc(before, 'u'), bytes, Buffer.from(':')]).toString('base64');
    expect(redact(text)).toMatch(/^.{0,4}\*\*\*.{0,4}$/);
  });

  test('texts of three letters are shown', () => {
    const short = new Masker();
    short.learn(Buffer.from('abc'));
    expect(short.redact('abc YWJj')).toBe('abc YWJj');
  });
});
