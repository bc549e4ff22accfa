import { defang } from '../model/log-line.ts';

/** Text from anywhere inside a paragraph or a table's cell: nothing of it acts as Markdown or HTML, and it stays on one line. */
export function cell(text: string): string {
  return defang(text.replace(/\s*[\r\n]+\s*/g, ' '))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~@:/]/g, (char) => `&#${char.codePointAt(0)};`);
}

/** Text from anywhere as code; the same care, and spaces are kept. */
export function code(text: string): string {
  return `<code>${cell(text)}</code>`;
}
