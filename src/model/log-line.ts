/** What .NET's comparisons pass over (the runner looks for its commands by culture), so that it hides no command from us either. */
const ignorable = '[\\p{Cf}\\p{Mn}\\u001b]*';
const colonCommand = new RegExp(`^([\\s\\p{Cf}\\u001b]*:)(${ignorable}:)`, 'u');
const bracketCommand = new RegExp(`#(${ignorable})#(${ignorable})(?=\\[|vso${ignorable}\\[)`, 'giu');
const controls = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029]|\u001b(?!\[[\d;:]*m)/g;

/** A line without control characters; tab and colour stay. */
export function stripControls(line: string): string {
  return line.replace(controls, '');
}

/** A line from outside as it may stand in the log. `::name` at the start and `##[name]` or `##vso[` anywhere are commands to GitHub's
 * and Azure's runners (actions/runner, ActionCommand.TryParse and TryParseV2): a backslash, for all to see, makes text of them.
 * @param redact hides secrets. It comes between: what parted a secret or a command must not join it later, and a backslash must not part it. */
export function defang(line: string, redact: (text: string) => string = same): string {
  return redact(stripControls(line)).replace(colonCommand, '\\$1$2').replace(bracketCommand, '##\\');
}

/** A text of several lines as it may stand in the log. */
export function defangText(text: string, redact?: (text: string) => string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => defang(line, redact))
    .join('\n');
}

/** A child's line and its source, which stands before it: `::name` counts as a command only at a line's start, so here it never does.
 * In two parts, since the bar is no Latin letter: joined to it, plain text would take twice the memory. */
export function formatChildLine(
  source: string,
  line: string,
  redact?: (text: string) => string,
): readonly [before: string, text: string] {
  return [`${source} │ `, defang(line, redact)];
}

function same(text: string): string {
  return text;
}

/** Text from outside (a branch, a path) as it may stand inside a sentence: quoted, so that no byte of it acts. */
export function quote(text: string): string {
  return defang(JSON.stringify(text));
}
