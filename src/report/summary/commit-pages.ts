import { isCommitId } from '../../model/git-ref.ts';
import type { Facts } from '../facts.ts';
import { code, inline, startLine } from '../markdown.ts';

/** Address of the repository at its forge, below which commits have pages; empty where none is known. */
export function commitPages({ git }: Pick<Facts, 'git'>): string {
  const source = git?.source ?? '';
  return /^https?:\/\/[\w.-]+(?::\d+)?(?:\/[\w.-]+)+$/.test(source) ? source : '';
}

/** A commit in short, linked to its page where there is one. */
export function showCommit(commit: string, pages: string): string {
  const short = code(commit.slice(0, 7));
  return pages === '' || !isCommitId(commit) ? short : `[${short}](${pages}/commit/${commit})`;
}

/** Link to what came between two commits; empty where there is no page for that. */
export function linkComparison(from: string, to: string, pages: string): string {
  if (pages === '' || from === to || !isCommitId(from) || !isCommitId(to)) return '';
  return `[what changed](${pages}/compare/${from}...${to})`;
}

/** A sentence from anywhere as Markdown: what stands between backticks as code, commits in short, the rest as it came. */
export function prose(text: string, pages: string): string {
  const parts = text.split(/(`[^`\n]+`|(?<![\w:.])[0-9a-f]{40}(?!\w))/);
  return startLine(parts.map((part, at) => (at % 2 === 0 ? inline(part) : showMarked(part, pages))).join(''));
}

/** A sentence of ours as it begins a line. */
export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function showMarked(part: string, pages: string): string {
  return part.startsWith('`') ? code(part.slice(1, -1)) : showCommit(part, pages);
}
