import type { Inputs } from '../inputs.ts';
import { type BakePlan, planBake } from './build-plan.ts';
import type { Role } from './rights.ts';
import type { RunFacts } from './run-facts.ts';
import { planRequest } from './run-plan.ts';

/** How the builder's plugin will be started if this run builds, told before anybody has been asked whether it does: starting takes as long
 * as asking, and then it waits for what it is to build. Undefined where it is not worth it: a version's image is most often there, as
 * is that of a run that is repeated. Secrets are for the build alone, so that they wait for it.
 * @throws Error as `planBake` does. */
export function planAhead(
  inputs: Inputs,
  facts: Pick<RunFacts, 'git' | 'context' | 'grants' | 'name' | 'folder'>,
  role: Role,
): Pick<BakePlan, 'args' | 'attested'> | undefined {
  const { git, grants } = facts;
  const mayBeThere = role === 'release' || git.runAttempt !== '1';
  if ((mayBeThere && inputs.reuse === 'auto') || grants.secrets.length > 0) return undefined;
  const request = planRequest(
    inputs,
    { ...facts, builder: { kind: 'engine' }, hasEngine: true, platforms: [] },
    { cache: { from: [], inline: false, write: undefined }, labels: { git, key: '', bases: '', tests: '' } },
  );
  const { args, attested } = planBake(request);
  return { args, attested };
}
