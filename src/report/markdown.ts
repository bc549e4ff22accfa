import { plainText } from '../model/plain-text.ts';

/** What GitHub makes links of after it has rendered a text, however its signs were escaped: `a@b.c`, `http://…`, `www.…`. */
const links = /@(?=[\w-])|:(?=\/)|www(?=\.)/gi;
/** And outside of code mentions, references and emoji: `@name`, `#1`, `GH-1`, `:name:`. */
const sparks = /@(?=[\w-])|#(?=\d)|:(?=[\w+/-])|\bGH-(?=\d)|www(?=\.)/gi;
/** Nobody sees or copies it, and it keeps apart what would act together. */
const apart = '<wbr>';

/** Text from anywhere inside a paragraph or a table's cell: nothing of it acts as Markdown, HTML or GitHub's own, and it stays on one
 * line. */
export function cell(text: string): string {
  return startLine(inline(text));
}

/** Text from anywhere within a line that something else begins. */
export function inline(text: string): string {
  return inert(text, sparks);
}

/** What `inline` made, at the begin of a line: no list, rule or heading comes of it, nor code by its indentation. */
export function startLine(text: string): string {
  return text
    .trimStart()
    .replace(/^[-=]/, reference)
    .replace(/^(\d+)\.(?=\s|$)/, '$1&#46;');
}

/** Text from anywhere as code; the same care, and spaces are kept. */
export function code(text: string): string {
  return `<code>${inert(text, links)}</code>`;
}

/** Text from anywhere within `<pre>`, where it counts as code and `<wbr>` would break the line. */
export function excerpt(text: string): string {
  return inert(text, links).replaceAll(apart, '<span></span>');
}

/** A link of ours; the address may hold anything. */
export function link(shown: string, address: string): string {
  return `[${shown}](${encodeURI(address.toWellFormed()).replace(/[()]/g, (char) => (char === '(' ? '%28' : '%29'))})`;
}

/** What is plain has no NUL, so that it can stand for what must come after the escaping. */
function inert(text: string, acting: RegExp): string {
  return plainText(text)
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(acting, '$&\0')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~@:/]/g, reference)
    .replaceAll('\0', apart)
    .replaceAll('$', '<span>$</span>'); // between two of them would be a formula
}

function reference(char: string): string {
  return `&#${char.codePointAt(0)};`;
}
