// Our own client on a registry in the process: every request, every kind of fault. Needs a Node that runs TypeScript.

import { Tally } from './figures.mjs';

/** @typedef {import('./figures.mjs').Figures} Figures */

/** @param {import('./figures.mjs').How} how @returns {Promise<Figures[]>} */
export async function client({ quick, log }) {
  const { stages } = await import('../../__tests__/support/faults/stages.ts');
  const { sweepStage } = await import('../../__tests__/support/faults/in-process.ts');
  /** @type {Figures[]} */
  const all = [];
  for (const stage of stages) {
    const tally = new Tally(`client: ${stage.name}`, log);
    await sweepStage(stage, { step: quick ? 23 : 1, onVerdict: (verdict) => tally.add(verdict) });
    all.push(tally.figures('in the process, with a clock of its own'));
  }
  return all;
}
