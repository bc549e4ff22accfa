// git with a fixed identity and date, and nothing of the user's configuration.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './process.mjs';

/** @typedef {Record<string, string | Buffer | null>} Files path → content; null deletes */

const DATE = '2026-11-01T12:00:00Z';
const CONFIG = [
  '-c',
  'init.defaultBranch=main',
  '-c',
  'commit.gpgSign=false',
  '-c',
  'tag.gpgSign=false',
  '-c',
  'core.autocrlf=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.file.allow=always',
  '-c',
  'advice.detachedHead=false',
  '-c',
  'gc.auto=0',
];

/** What git says, trimmed; a failure is an Error. Nobody's own configuration counts. @param {string} cwd @param {string[]} args @param {string} [date] */
export async function git(cwd, args, date = DATE) {
  const who = { NAME: 'Octo Cat', EMAIL: 'octocat@example.org', DATE: date };
  const identity = Object.entries(who).flatMap(([name, value]) => [
    [`GIT_AUTHOR_${name}`, value],
    [`GIT_COMMITTER_${name}`, value],
  ]);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = {
    ...Object.fromEntries([...inherited, ...identity]),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C.UTF-8',
  };
  return (await run(['git', ...CONFIG, ...args], { cwd, env })).trim();
}

/** @param {string} folder @param {Files} files */
export function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    if (content === null) rmSync(file, { recursive: true, force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    }
  }
}
