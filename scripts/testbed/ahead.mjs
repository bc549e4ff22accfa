// What layers of `npm test` need of the test bench, fetched and built beside the layers before them that need none of it.

import { obtainAct } from './act.mjs';
import { obtainBuildkit } from './buildkit.mjs';
import { canEmulate } from './emulation.mjs';
import { canBringUp } from './engine.mjs';
import { EXTRAS, ensureTestbed } from './index.mjs';
import { obtainRegistry3 } from './registry-3.mjs';
import { ensureBaseOfBoth } from './several-platforms.mjs';

/** @typedef {import('./index.mjs').Log} Log */
/** @typedef {{ kinds: readonly import('./engine.mjs').EngineKind[], isWhole: boolean, log: Log }} Wanted
 *   the engines of the layers that run; `isWhole`: also what single end-to-end tests need and take minutes for */

/**
 * Never fails: who needs what did not come asks for it again, and says then why there is none.
 * @param {Wanted} wanted
 */
export async function prepareAhead(wanted) {
  const parts = [bringUp(wanted), ...(canBringUp('default') ? [build(wanted)] : [])];
  for (const done of await Promise.allSettled(parts))
    if (done.status === 'rejected') wanted.log(`not ready ahead: ${/** @type {Error} */ (done.reason).message}`);
}

/** One after another: it is mostly waiting for the network, and for the lock. @param {Wanted} wanted */
async function bringUp({ kinds, isWhole, log }) {
  for (const engine of kinds) {
    if (engine !== 'default' && !canBringUp(engine)) continue;
    const { env, bases } = await ensureTestbed({ log, engine, want: engine === 'default' ? EXTRAS : [] });
    if (!isWhole || engine !== 'default' || bases === undefined || !canEmulate()) continue;
    for (const base of /** @type {const} */ (['busybox', 'python']))
      await ensureBaseOfBoth({ host: bases, env: { ...process.env, ...env }, base, log });
  }
}

/** One after another: each takes all cores. @param {Wanted} wanted */
async function build({ isWhole, log }) {
  await obtainBuildkit(log);
  if (!isWhole) return;
  await obtainRegistry3(log);
  await obtainAct(log);
}
