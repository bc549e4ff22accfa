import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePairs } from '../../scripts/testbed/command-files.mjs';
import { Masker } from '../../src/model/masker.ts';
import { Secret } from '../../src/model/secret.ts';
import { secretForms } from '../../src/model/secret-forms.ts';
import { listen, mask, notice, say, writeOutputs } from '../../src/tools/actions.ts';
import { lineSplitter } from '../../src/tools/line-splitter.ts';
import { captured } from '../support/captured.ts';
import { commandsIn, comparisons } from '../support/runner-commands.ts';

/** What commands are made of, and what might hide one from us that the runner still sees. */
const parts = [
  ...[
    '::',
    ':',
    '##[',
    '##',
    '#',
    '[',
    ']',
    '::]',
    '##vso[',
    'vso[',
    '%0A',
    '%0D',
    ' ',
    '\t',
    '=',
    ',',
    'x',
    '日本',
    '🚀',
  ],
  ...['\r', '\n', '\r\n', '\0', '\u0008', '\u000b', '\u000c', '\u001b', '\u001b[31m', '\u001b[2K', '\u009b', '\u0085'],
  ...['\u2028', '\u2029', '\u200b', '\u00ad', '\ufeff', '\u2060', '\u0301', '\u00a0', '\ud800', '│ '],
  ...['error', 'set-output name=digest', 'save-state name=slipway', 'set-env name=PATH', 'add-path', 'add-mask'],
  ...['stop-commands', 'add-matcher', 'endgroup', 'group', 'debug', 'ECHO', '0123456789abcdef0123456789abcdef'],
  ...['::error::x', '##[error]x', '::set-output name=digest::sha256:evil', '##[set-output name=digest]sha256:evil'],
];
const line = fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join(''));
/** `npm run test:faults` looks at more. */
const scale = Number(process.env['SLIPWAY_FUZZ'] ?? 1);
const ours = new Set(['stop-commands', 'notice']);

describe('whatever a child prints', () => {
  test(
    'no command of it counts, of 100,000 lines, however the runner compares',
    () => {
      let seen = 0;
      const shown = (lines: readonly string[]): string =>
        captured(() => {
          const child = listen('test');
          const splitter = lineSplitter(child.stdout);
          for (const one of lines) {
            splitter.write(Buffer.from(`${one}\n`));
            seen++;
          }
          splitter.end();
          say(lines.join('\n')); // with commands stopped
          notice(lines[0] ?? '');
          say(lines.join('\r')); // with the runner listening
        });
      fc.assert(
        fc.property(fc.array(line, { minLength: 100, maxLength: 100 }), (lines) => {
          const text = shown(lines);
          for (const comparison of comparisons) {
            const names = commandsIn(text, comparison).map(({ name }) => name);
            expect(names.filter((name) => !ours.has(name))).toEqual([]);
            expect(names.filter((name) => name === 'notice')).toHaveLength(1);
          }
        }),
        { numRuns: 1_000 * scale },
      );
      expect(seen).toBeGreaterThanOrEqual(100_000 * scale);
    },
    60_000 * scale,
  );
});

describe('the lines of an output', () => {
  test('are those of the whole text, however its bytes come, also where they are no text', () => {
    const bits = ['a', 'ä', '🚀', '\ufeff', '\n', '\r', '\r\n'].map((text) => Buffer.from(text));
    const broken = [[0xe2, 0x82], [0xf0, 0x9f], [0x9a, 0x80], [0xff], [0xed, 0xa0, 0x80]].map((some) =>
      Buffer.from(some),
    );
    const whole = fc.array(fc.constantFrom(...bits, ...broken), { maxLength: 20 }).map((some) => Buffer.concat(some));
    fc.assert(
      fc.property(whole, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }), (bytes, sizes) => {
        const seen: string[] = [];
        const splitter = lineSplitter((one) => seen.push(one));
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.write(bytes.subarray(at, at + size));
          at += size;
        }
        splitter.end();
        const lines = bytes.toString().split(/\r\n|\n|\r/);
        expect(seen).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('outputs', () => {
  test('are what was written, whatever is in a value', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-outputs-'));
    const path = join(folder, 'output');
    const before = process.env['GITHUB_OUTPUT'];
    process.env['GITHUB_OUTPUT'] = path;
    try {
      const value = fc.array(fc.constantFrom(...parts, 'ghadelimiter_', '<<', 'EOF')).map((some) => some.join(''));
      fc.assert(
        fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
          writeFileSync(path, '');
          const outputs = new Map(values.map((one, at) => [`name-${at}`, one.toWellFormed()]));
          writeOutputs(outputs);
          const read = parsePairs(readFileSync(path, 'utf8'));
          expect([...read.keys()]).toEqual([...outputs.keys()]);
          // a CR at the very end makes a CRLF with the delimiter's line, which the runner leaves out
          for (const [name, wanted] of outputs) expect(read.get(name)).toBe(wanted.replace(/\r$/, ''));
        }),
        { numRuns: 300 },
      );
    } finally {
      if (before === undefined) delete process.env['GITHUB_OUTPUT'];
      else process.env['GITHUB_OUTPUT'] = before;
      rmSync(folder, { recursive: true });
    }
  });
});

const secretText = fc
  .array(fc.constantFrom(...`aB3$'"\\/+&<>%~ !`, 'ü', '日', '\n', '\r\n', '\t'), { minLength: 8, maxLength: 60 })
  .map((some) => some.join(''))
  .filter((text) => secretForms(Buffer.from(text)).length > 0);

describe('a secret', () => {
  test('is in no form in what was redacted, wherever it stood', () => {
    const around = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(fc.array(secretText, { minLength: 1, maxLength: 3 }), around, around, (secrets, before, after) => {
        const masker = new Masker();
        for (const secret of secrets) masker.learn(Buffer.from(secret));
        const forms = secrets.flatMap((secret) => secretForms(Buffer.from(secret)));
        for (const form of forms) {
          const shown = masker.redact(before + form + after);
          expect(forms.filter((one) => shown.includes(one) && !'***'.includes(one))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('is hidden in base64 wherever in the text it began', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (before, after) => {
        const masker = new Masker();
        masker.learn(Buffer.from('cANARY-0123456789'));
        const whole = Buffer.concat([before, Buffer.from('cANARY-0123456789'), after]).toString('base64');
        // what is left decodes to no more than the ends that its neighbours share
        const left = masker.redact(whole).split('***');
        expect(left.length).toBeGreaterThan(1);
        const decoded = left.map((piece) => Buffer.from(piece, 'base64').toString('latin1')).join(' ');
        expect(decoded).not.toContain('NARY-0123456');
      }),
    );
  });

  test('is not cut in two where a line is too long, however its bytes come', () => {
    const secret = "cANARY 'of' some/length+and more";
    captured(() => mask(new Secret(secret)));
    const forms = secretForms(Buffer.from(secret));
    fc.assert(
      fc.property(
        fc.constantFrom(...forms),
        fc.integer({ min: -120, max: 120 }),
        fc.integer({ min: 1_000, max: 70_000 }),
        (form, offset, size) => {
          const bytes = Buffer.from(`${'x'.repeat(64 * 1024 + offset)}${form}${'y'.repeat(300)}`);
          const shown = captured(() => {
            const splitter = lineSplitter(listen('test').stdout);
            for (let at = 0; at < bytes.length; at += size) splitter.write(bytes.subarray(at, at + size));
            splitter.end();
          });
          const joined = shown.replace(/\r?\ntest │ /g, '');
          expect(joined).toContain('***');
          expect(joined).not.toContain(form);
        },
      ),
      { numRuns: 50 },
    );
  });
});
