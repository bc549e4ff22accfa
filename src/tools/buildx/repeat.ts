import type { BuildSummary } from '../../model/build-progress.ts';
import type { BakePlan } from '../../plan/build-plan.ts';
import type { Exit } from '../command.ts';
import { lostLayer } from './lost-layer.ts';
import { readTail } from './tail.ts';

const remote =
  /failed to (?:resolve source metadata|do request|copy|fetch|authorize)|unexpected (?:status|EOF)|toomanyrequests/i;
const passing = /\b(?:429|5\d\d)\b|toomanyrequests|i\/o timeout|TLS handshake timeout|connection re(?:set|fused)|EOF$/i;

/** What a solve that failed may be repeated with. */
export interface Spare {
  /** The same solve without the caches that it read; undefined where it read none. */
  readonly withoutCache: BakePlan | undefined;
  /** What went wrong with a cache; undefined while nothing did. */
  readonly cacheTrouble: () => string | undefined;
  /** Whether every file of the context is still what the first solve read. */
  readonly isUntouched: () => boolean;
  /** Whether its steps may be made anew: what follows the first solve must be what that one made. */
  readonly mayMakeAnew: boolean;
}

/** A solve that is worth trying. */
export interface Repetition {
  readonly plan: BakePlan;
  readonly because: string;
  /** Tries in all, the failed one included: an engine may cross itself more than once. */
  readonly most: number;
}

/** Plans the repetition of a solve that failed at a registry or in the engine's own storage: without its caches where one of them
 * failed, else the same again where the trouble may have passed. Undefined where trying again cannot help: a killed builder, a step of
 * the build's own. */
export function planRepeat(
  plan: BakePlan,
  { exit, summary }: { readonly exit: Exit; readonly summary: BuildSummary },
  spare: Spare,
): Repetition | undefined {
  const { cause = '' } = readTail(summary.tail);
  if (exit.signal !== null) return undefined;
  const lost = lostLayer(cause);
  if (lost !== undefined) {
    const [next, how] =
      lost === 'in-cache' && spare.mayMakeAnew ? [makeAnew(plan), 'without its cache'] : [plan, 'once more'];
    const [most, what] = lost === 'crossed' ? [16, 'crossed itself at'] : [3, 'lost'];
    return { plan: next, most, because: `the engine ${what} a layer: ${cause}; trying ${how}` };
  }
  if (!remote.test(cause)) return undefined;
  const trouble = spare.cacheTrouble();
  if (spare.withoutCache !== undefined && trouble !== undefined)
    return {
      plan: spare.withoutCache,
      most: 2,
      because: `the build goes on without its caches, since one failed: ${trouble}`,
    };
  return passing.test(cause)
    ? { plan, most: 2, because: `the registry failed: ${cause}; trying once more` }
    : undefined;
}

function makeAnew(plan: BakePlan): BakePlan {
  return { ...plan, args: ['--no-cache', ...plan.args] };
}
