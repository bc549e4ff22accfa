// Reads workflow commands out of an action's output, as GitHub's runner does.

/** @typedef {{ command: string, properties: Record<string, string>, data: string }} WorkflowCommand */
/** @typedef {{ level: 'error' | 'warning' | 'notice', message: string, title: string | undefined, file: string | undefined, line: number | undefined, endLine: number | undefined, column: number | undefined, endColumn: number | undefined }} Annotation */

const KNOWN = new Set([
  'debug',
  'error',
  'warning',
  'notice',
  'group',
  'endgroup',
  'add-mask',
  'add-matcher',
  'remove-matcher',
  'echo',
  'stop-commands',
  'set-output',
  'save-state',
  'set-env',
  'add-path',
  'internal-set-repo-path',
]);
const LEVELS = new Set(['error', 'warning', 'notice']);

/** A reader that remembers a `stop-commands` until its token comes. */
export function commandReader() {
  /** @type {string | undefined} */
  let stoppedBy;
  return (/** @type {string} */ line) => {
    const found = parseCommand(line, stoppedBy);
    if (found === undefined) return undefined;
    if (stoppedBy !== undefined) {
      if (found.command === stoppedBy) stoppedBy = undefined;
      return undefined;
    }
    if (found.command === 'stop-commands') stoppedBy = found.data;
    return found;
  };
}

/**
 * The command in a line of output: `::name key=value::data` at its start, or `##[name key=value]data` anywhere in it.
 * A name the runner does not know is text.
 * @param {string} line
 * @param {string} [alsoKnown] the token of a running `stop-commands`
 * @returns {WorkflowCommand | undefined}
 */
export function parseCommand(line, alsoKnown) {
  return parseColons(line.trimStart(), alsoKnown) ?? parseBrackets(line, alsoKnown);
}

/** @param {WorkflowCommand} command @returns {Annotation | undefined} */
export function annotationOf({ command, properties, data }) {
  if (!LEVELS.has(command)) return undefined;
  const number = (/** @type {string} */ name) =>
    /^\d+$/.test(properties[name] ?? '') ? Number(properties[name]) : undefined;
  return {
    level: /** @type {Annotation['level']} */ (command),
    message: data,
    title: properties.title,
    file: properties.file,
    line: number('line'),
    endLine: number('endline'),
    column: number('col'),
    endColumn: number('endcolumn'),
  };
}

/** @param {string} text @param {string | undefined} alsoKnown */
function parseColons(text, alsoKnown) {
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  return build(text.slice(2, end), text.slice(end + 2), ',', unescapeProperty, unescapeData, alsoKnown);
}

/** @param {string} text @param {string | undefined} alsoKnown */
function parseBrackets(text, alsoKnown) {
  const start = text.indexOf('##[');
  const end = start < 0 ? -1 : text.indexOf(']', start);
  if (end < 0) return undefined;
  return build(text.slice(start + 3, end), text.slice(end + 1), ';', unescapeOld, unescapeOld, alsoKnown);
}

/**
 * @param {string} head @param {string} data @param {string} separator
 * @param {(text: string) => string} property @param {(text: string) => string} value @param {string | undefined} alsoKnown
 * @returns {WorkflowCommand | undefined}
 */
function build(head, data, separator, property, value, alsoKnown) {
  const space = head.indexOf(' ');
  const name = space < 0 ? head : head.slice(0, space);
  const isToken = alsoKnown !== undefined && name === alsoKnown;
  if (!isToken && !KNOWN.has(name.toLowerCase())) return undefined;
  const pairs =
    space < 0
      ? []
      : head
          .slice(space + 1)
          .trim()
          .split(separator)
          .flatMap((pair) => {
            const at = pair.indexOf('=');
            return at > 0 && at < pair.length - 1
              ? [[pair.slice(0, at).trim().toLowerCase(), property(pair.slice(at + 1))]]
              : [];
          });
  return { command: isToken ? name : name.toLowerCase(), properties: Object.fromEntries(pairs), data: value(data) };
}

/** @param {string} text */
function unescapeData(text) {
  return text.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');
}

/** @param {string} text */
function unescapeProperty(text) {
  return unescapeData(text.replace(/%3A/g, ':').replace(/%2C/g, ','));
}

/** @param {string} text */
function unescapeOld(text) {
  return text
    .replace(/%3B/g, ';')
    .replace(/%0D/g, '\r')
    .replace(/%0A/g, '\n')
    .replace(/%5D/g, ']')
    .replace(/%25/g, '%');
}
