import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** A piece of text as a reader sees it, and whether GitHub looks for mentions and the like in it. */
interface Piece {
  readonly text: string;
  readonly inert: boolean;
}

/** GitHub-flavoured Markdown as HTML, with the HTML that is in it. */
export function renderHtml(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

/** What a reader gets to see of Markdown. */
export function renderForReader(markdown: string): {
  readonly tags: readonly string[];
  readonly pieces: readonly Piece[];
} {
  const html = renderHtml(markdown);
  const tags: string[] = [];
  const pieces: Piece[] = [];
  let depth = 0;
  // comments first: what is in them is no tag
  for (const [, tag, text] of html.matchAll(/(<!--[\s\S]*?-->|<[^>]*>)|([^<]+)/g)) {
    if (text !== undefined) pieces.push({ text: decode(text), inert: depth > 0 });
    if (tag === undefined || unseen.has(tag)) continue;
    tags.push(tag.replace(/^<(a|img) .*/, '<$1>').replace(/news:[0-9a-f]{32}/, 'news'));
    if (/^<(?:code|pre|a)[ >]/.test(tag)) depth += 1;
    if (/^<\/(?:code|pre|a)>/.test(tag)) depth -= 1;
  }
  return { tags, pieces };
}

/** All that is read, without spaces. */
export function textOf(markdown: string): string {
  return squeeze(
    renderForReader(markdown)
      .pieces.map(({ text }) => text)
      .join(''),
  );
}

export function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Signs that GitHub acts on in what it has rendered: html-pipeline's mentions, references and emoji outside of code; cmark-gfm's links and
 * formulas everywhere. */
export function liveSigns(markdown: string): readonly string[] {
  return renderForReader(markdown).pieces.flatMap(({ text, inert }) => {
    const everywhere = /https?:\/\/|www\.[\w-]|[\w.+-]@[\w-]+\.\w|\$[^\s$][^$]*\$/gi;
    const outside = /(?<!\w)@\w|#\d|\bGH-\d|:[\w+-]+:/gi;
    return [...text.matchAll(everywhere), ...(inert ? [] : text.matchAll(outside))].map(([sign]) => sign);
  });
}

/** What `cell` puts in to keep signs apart. */
const unseen = new Set(['<wbr>', '<span>', '</span>']);

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g, (_, code?: string, name = '') =>
    code === undefined ? (characters[name] ?? '') : String.fromCodePoint(Number(code)),
  );
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
