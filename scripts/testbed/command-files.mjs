// Reads the files an action writes for the runner (GITHUB_OUTPUT, _STATE, _ENV, _PATH) as the runner reads them.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KINDS = /** @type {const} */ ({
  GITHUB_OUTPUT: 'set_output',
  GITHUB_STATE: 'save_state',
  GITHUB_ENV: 'set_env',
  GITHUB_PATH: 'add_path',
  GITHUB_STEP_SUMMARY: 'step_summary',
});

/** @typedef {Record<keyof typeof KINDS, string>} CommandFiles */
/** @typedef {{ outputs: Record<string, string>, state: Record<string, string>, envFile: Record<string, string>, pathFile: string[], summary: string }} FileResults */

/** Fresh empty command files with names nobody can guess, one set for each started process. @param {string} runnerTemp @returns {CommandFiles} */
export function makeCommandFiles(runnerTemp) {
  const folder = join(runnerTemp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(KINDS).map(([variable, kind]) => [variable, join(folder, `${kind}_${randomUUID()}`)]);
  for (const [, file] of files) writeFileSync(file, '');
  return Object.fromEntries(files);
}

/** What the process left in them; a malformed file is an Error, as it fails the step on the runner. @param {CommandFiles} files @returns {FileResults} */
export function readCommandFiles(files) {
  const pairs = (/** @type {keyof typeof KINDS} */ name) => Object.fromEntries(parsePairs(readText(files[name]), name));
  return {
    outputs: pairs('GITHUB_OUTPUT'),
    state: pairs('GITHUB_STATE'),
    envFile: pairs('GITHUB_ENV'),
    pathFile: readText(files.GITHUB_PATH)
      .split(/\r?\n/)
      .filter((line) => line !== ''),
    summary: readText(files.GITHUB_STEP_SUMMARY),
  };
}

/**
 * `name=value` lines and `name<<DELIMITER` blocks; whichever sign comes first in a line decides. A later value wins.
 * @param {string} text
 * @param {string} [where] for messages
 * @returns {Map<string, string>}
 */
export function parsePairs(text, where = 'file') {
  const lines = splitLines(text);
  /** @type {Map<string, string>} */
  const pairs = new Map();
  for (let at = 0; at < lines.length; at += 1) {
    const { line } = lines[at];
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`${where}: invalid format '${line}': name must not be empty`);
      pairs.set(line.slice(0, equals), line.slice(equals + 1));
    } else if (heredoc >= 0) {
      at = readBlock(lines, at, heredoc, pairs, where);
    } else {
      throw new Error(`${where}: invalid format '${line}'`);
    }
  }
  return pairs;
}

/** @typedef {{ line: string, newline: string }} Line */

/** @param {Line[]} lines @param {number} start @param {number} sign @param {Map<string, string>} pairs @param {string} where */
function readBlock(lines, start, sign, pairs, where) {
  const { line } = lines[start];
  const [name, delimiter] = [line.slice(0, sign), line.slice(sign + 2)];
  if (name === '' || delimiter === '')
    throw new Error(`${where}: invalid format '${line}': name and delimiter must not be empty`);
  const end = lines.findIndex((candidate, index) => index > start && candidate.line === delimiter);
  if (end < 0) throw new Error(`${where}: invalid value: matching delimiter not found '${delimiter}'`);
  const body = lines.slice(start + 1, end);
  pairs.set(
    name,
    body.map(({ line: text, newline }, index) => (index === body.length - 1 ? text : text + newline)).join(''),
  );
  return end;
}

/** Lines with the newline each had: a value keeps its own. @param {string} text @returns {Line[]} */
function splitLines(text) {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)]
    .map(([, line, newline]) => ({ line, newline }))
    .filter(({ line, newline }) => line !== '' || newline !== '');
}

/** The runner takes a byte order mark for what it is. @param {string} file */
function readText(file) {
  return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}
