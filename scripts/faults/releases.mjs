// Whole releases through a faulty door before a real registry, in a process of their own that belongs to one engine.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./figures.mjs').Figures} Figures */

const PROGRAM = fileURLToPath(new URL('./releases-on.mjs', import.meta.url));
/** How the program's last line begins. */
export const RESULT = 'figures ';

/** @param {import('../testbed/engine.mjs').EngineKind} kind @param {import('./figures.mjs').How} how @returns {Promise<Figures[]>} */
export function releases(kind, { quick, log }) {
  const child = spawn(process.execPath, [PROGRAM, ...(quick ? ['--quick'] : [])], {
    env: { ...process.env, SLIPWAY_TESTBED_ENGINE: kind },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {Figures[] | undefined} */
  let figures;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith(RESULT)) figures = JSON.parse(line.slice(RESULT.length));
    else log(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (figures !== undefined && code === 0) resolve(figures);
      else reject(new Error(`releases on the engine ${kind} ended with ${code} and without figures`));
    });
  });
}
