const zeroWidth = '\u200b';

/** A line of a child's output as it may stand in the log: `##[` and `##vso[` anywhere are commands to GitHub's and Azure's runners
 * (actions/runner, ActionCommand.TryParse), so a zero-width space parts them; control characters other than tab and colour go. */
export function defang(line: string): string {
  return line
    .replace(/^(\s*)::/, `$1${zeroWidth}::`)
    .replace(/##(?=\[|vso\[)/gi, `##${zeroWidth}`)
    .replace(/[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f\u0085\u2028\u2029]/g, '');
}

/** A text of several lines as it may stand in the log. */
export function defangText(text: string): string {
  return text.split('\n').map(defang).join('\n');
}

/** A child's line with its source before it: `::name` counts as a command only at a line's start, so here it never does. */
export function formatChildLine(source: string, line: string): string {
  return `${source} │ ${defang(line)}`;
}

/** Text from outside (a branch, a path) as it may stand inside a sentence: quoted, so that no byte of it acts. */
export function quote(text: string): string {
  return defang(JSON.stringify(text));
}
