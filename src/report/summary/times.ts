import { formatDuration } from '../../model/duration.ts';
import type { Facts } from '../facts.ts';
import { cell } from '../markdown.ts';

/** How wide the longest bar is: with its name and time it fits a phone held upright. */
const widest = 12;

/** Time per phase as bars of text: unlike a mermaid chart they need no script, show in GitHub's app and in mails, can be read aloud, and
 * keep their size on a narrow screen. */
export function renderTimes({ steps }: Facts): string {
  if (steps.length === 0) return '';
  const longest = Math.max(...steps.map(({ ms }) => ms), 1);
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  const rows = steps.map(({ name, ms, outcome }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((ms / longest) * widest)));
    return `| ${cell(name)}${outcome === 'failed' ? ' ❌' : ''} | ${unbroken(formatDuration(ms))} | ${bar} |`;
  });
  return [
    '### Time',
    ['| phase | time | |', '|---|--:|---|', ...rows, `| all | ${unbroken(formatDuration(total))} | |`].join('\n'),
  ].join('\n\n');
}

/** On a phone a time would part from its unit. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '&nbsp;');
}
