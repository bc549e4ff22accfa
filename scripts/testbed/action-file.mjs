// Reads the action.yml of a JavaScript action.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of action.yml a runner starts from. @param {string} folder @returns {Promise<{ runs: { using: string, main: string, post?: string }, inputs?: Record<string, { default?: unknown } | null> }>} */
export async function readActionFile(folder) {
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((name) => existsSync(name));
  if (file === undefined) throw new Error(`no action.yml in ${folder}`);
  const { parse } = await import('yaml');
  const definition = parse(readFileSync(file, 'utf8'));
  if (!/^node\d+$/.test(definition?.runs?.using ?? '') || !definition.runs.main)
    throw new Error(`${file} is no JavaScript action`);
  return definition;
}
