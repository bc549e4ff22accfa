import type { Inputs } from '../inputs.ts';
import type { BuilderChoice } from './builder.ts';

/** How what is built comes to a registry. */
export type Delivery =
  /** It lies in the engine, is tested there, and is pushed from there. */
  | 'by-engine'
  /** It stays with its builder until the verdict, and goes from there to the registry by digest. */
  | 'by-builder'
  /** The builder writes it to a folder on the runner, from where each blob is sent: the runner has no engine. */
  | 'by-folder';

/** Decides whether an image has to come to this machine: only what is run or read here needs it, and a script on the runner, which may
 * change the build context that a second solve reads. Attestations are made anew by each solve, so what has any is solved once. */
export function planDelivery(
  builder: BuilderChoice,
  { tests, bytecode, checks, build }: Inputs,
  hasEngine: boolean,
): Delivery {
  const runs = tests.host !== undefined || tests.verify !== undefined || tests.image.length > 0;
  const looks = bytecode !== undefined || (checks.mode !== 'off' && checks.mode !== 'report');
  const solvesOnce = build.attestations.length > 0;
  if (builder.kind === 'apart' && builder.pushes && !runs && !looks && !solvesOnce) return 'by-builder';
  return hasEngine ? 'by-engine' : 'by-folder';
}
