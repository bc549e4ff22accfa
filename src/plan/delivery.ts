import type { Inputs } from '../inputs.ts';
import type { BuilderChoice } from './builder.ts';
import { runsChecks } from './checks.ts';
import { runsImage } from './runs-image.ts';

/** How what is built comes to a registry. */
export type Delivery =
  /** It lies in the engine, is tested there, and is pushed from there. */
  | 'by-engine'
  /** It stays with its builder until the verdict, and goes from there to the registry by digest. */
  | 'by-builder'
  /** The builder writes it to a folder on the runner, from where each blob is sent: the engine is missing, or cannot keep it. */
  | 'by-folder';

/** Decides whether an image has to come to this machine: only what is run or read here needs it. A script on the runner may change the
 * build context that a second solve reads, and each solve makes attestations anew: what has either is solved once. An engine takes
 * one image of either image store, so what is an index goes by a folder then. */
export function planDelivery(
  builder: BuilderChoice,
  { tests, bytecode, checks, build }: Inputs,
  hasEngine: boolean,
): Delivery {
  const looks = bytecode !== undefined || runsChecks(checks);
  if (builder.kind !== 'apart' || runsImage(tests) || looks) return hasEngine ? 'by-engine' : 'by-folder';
  const attests = build.attestations.length > 0;
  if (builder.pushes && tests.host === undefined && !attests) return 'by-builder';
  const isIndex = attests || build.platforms.length > 1;
  return hasEngine && !isIndex ? 'by-engine' : 'by-folder';
}
