import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from '../../src/model/plain-text.ts';
import { renderComment } from '../../src/report/comment.ts';
import { cell, code, link } from '../../src/report/markdown.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { liveSigns, renderForReader, renderHtml, squeeze, textOf } from '../support/rendered.ts';
import { failed, held, published } from '../support/saying.ts';

/** What Markdown, HTML and GitHub act on. */
const parts = [
  ...[
    '|',
    '`',
    '``',
    '```',
    '\\',
    '\\|',
    '*',
    '**',
    '_',
    '__',
    '~~',
    '~~~',
    '-',
    '- ',
    '---',
    '===',
    '+ ',
    '1. ',
    '1) ',
    '# ',
    '> ',
  ],
  ...[
    '    ',
    '\t',
    '&',
    '&amp;',
    '&#64;',
    '&lt;b&gt;',
    '<b>',
    '</b>',
    '<br>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '<a href="x">',
  ],
  ...[
    '</code>',
    '</td>',
    '</details>',
    '<details>',
    '<script>',
    '<http://x.y>',
    '<a@b.cd>',
    '[',
    ']',
    '(',
    ')',
    '[x](http://y.z)',
  ],
  ...[
    '![i](u)',
    '[x]: http://y',
    '[^1]',
    '[^1]: x',
    '[ ] ',
    '|---|',
    '| a | b |',
    '@',
    '@octocat',
    '@acme/team',
    '#12',
    'acme/app#1',
  ],
  ...[
    'GH-7',
    'http://',
    'https://x.yz/a',
    'www.',
    'www.x.com',
    'a@b.cd',
    'mailto:a@b.cd',
    'xmpp:a@b.cd/x',
    ':tada:',
    ':+1:',
    '::',
    '$',
  ],
  ...[
    '$x$',
    '$$',
    'x',
    'yz',
    ' ',
    '.',
    '!',
    '{',
    '}',
    '"',
    "'",
    'é',
    '日本',
    '🚀',
    '\u200b',
    '\u0301',
    '%',
    '^',
    '=',
    '/',
    ',',
  ],
];
const line = fc
  .oneof(
    fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((some) => some.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replace(/[\r\n]/g, '')),
  )
  .filter((text) => text.length < 200);
/** `npm run test:faults` looks at more. */
const scale = Number(process.env['SLIPWAY_FUZZ'] ?? 1);
/** Where there is nothing to read there is no paragraph either. */
const said = (text: string): boolean => plainText(text).trim() !== '';
/** A word that no report has by itself. */
const word = 'QQQ';

const owner = { workflow: 'w', runUrl: 'https://github.com/acme/app/actions/runs/1' };

const documents: [string, (text: string) => string][] = [
  ['the summary of a run that published', (text) => renderSummary(published(text))],
  ['the summary of a run that failed', (text) => renderSummary(failed(text))],
  ['the summary of a run that wrote nothing', (text) => renderSummary(held(text))],
  ['the comment of a run that published', (text) => renderComment(published(text), owner).body],
  ['the comment of a run that failed', (text) => renderComment(failed(text), owner).body],
  ['the excerpt below an error', (text) => renderSummary({ ...failed('z'), error: new Error(`z\n${text}\nz`) })],
  ['a paragraph', (text) => `${cell(text)}\n\n${code(text)}\n`],
  ['a list', (text) => `- ${cell(text)}\n- ${code(text)}\n- z\n`],
  ['a table', (text) => `| a | b |\n|---|---|\n| ${cell(text)} | ${code(text)} |\n| ${cell(text)} | z |\n\nz`],
  ['a folded part', (text) => `<details><summary>${cell(text)}</summary>\n\n${cell(text)}\n\n</details>\n`],
];

/** A sentence's words between backticks are shown as code; the begin of a line is written large. */
const withoutCode = (tags: readonly string[]): readonly string[] => tags.filter((tag) => !/^<\/?code>$/.test(tag));
const asRead = (text: string): string => text.replaceAll('`', '').toUpperCase();

describe('any text from outside', () => {
  test.each(documents)(
    'leaves %s as it is and is read as it was',
    (_, render) => {
      const plain = render(word);
      const tags = withoutCode(renderForReader(plain).tags);
      const around = textOf(plain).split(word);
      fc.assert(
        fc.property(line.filter(said), (text) => {
          const markdown = render(text);
          expect(withoutCode(renderForReader(markdown).tags)).toEqual(tags);
          expect(asRead(textOf(markdown))).toBe(asRead(around.join(squeeze(plainText(text)))));
          expect(liveSigns(markdown)).toEqual([]);
        }),
        { numRuns: 25 * scale },
      );
    },
    60_000 * scale,
  );

  test('of several lines as well', () => {
    for (const [, render] of documents.slice(5)) {
      const tags = withoutCode(renderForReader(render(word)).tags);
      fc.assert(
        fc.property(
          fc.array(line, { maxLength: 4 }),
          fc.constantFrom('\n', '\r\n', '\r', '\n\n', '  \n    '),
          (lines, end) => {
            fc.pre(said(lines.join('')));
            expect(withoutCode(renderForReader(render(lines.join(end))).tags)).toEqual(tags);
          },
        ),
        { numRuns: 100 },
      );
    }
  });

  test('in an address stays in it', () => {
    fc.assert(
      fc.property(line, (text) => {
        const html = renderHtml(link('x', `https://github.com/${text}`));
        expect(html).toMatch(/^<p><a href="https:\/\/github\.com\/[^"]*">x<\/a><\/p>$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the oracle', () => {
  test.each<[string, string[]]>([
    ['&#64;octocat', ['@o']],
    ['see http&#58;//x.yz', ['http://']],
    ['a&#64;b.cd', ['a@b.c']],
    ['&#35;1 and GH-1 and &#58;tada&#58;', ['#1', 'GH-1', ':tada:']],
    ['<code>&#64;octocat $x$</code>', ['$x$']],
  ])('knows that %j acts, however it is escaped', (markdown, signs) => expect(liveSigns(markdown)).toEqual(signs));
});
