import type { Inputs } from '../inputs.ts';
import type { GitContext } from '../model/git-context.ts';
import { type Adoption, planAdoption } from './adoption.ts';
import type { BuildRequest } from './build-plan.ts';
import { planPlaces } from './bytecode/targets.ts';
import { type CachePlan, settleCache } from './cache-plan.ts';
import { checksAsked } from './checks.ts';
import { testsKey } from './content-key.ts';
import { planDelivery, planSending } from './delivery.ts';
import type { Grants } from './grants.ts';
import { type Label, ourLabels, planLabels } from './labels.ts';
import { requireMachine } from './machine.ts';
import { requirePerPlatform, solvesPerPlatform } from './per-platform.ts';
import type { RunFacts } from './run-facts.ts';

/** Everything this run will do, decided before any of it happens. */
export interface RunPlan {
  readonly adoption: Adoption;
  /** What BuildKit is asked for, should an image have to be built. */
  readonly request: BuildRequest;
  /** The tests that must pass before anything is public; none where an adopted image says that they passed. */
  readonly tests: Inputs['tests'];
  readonly cache: CachePlan;
  /** Whether an engine answers. */
  readonly hasEngine: boolean;
  /** What the build is handed: the values behind the request's secrets are in it. */
  readonly grants: Grants;
}

/** Decides the run; every refusal that needs the registry's state falls here.
 * @throws ActionError `tag-conflict`, see `planAdoption`; what `requireMachine` throws. */
export function planRun(inputs: Inputs, facts: RunFacts): RunPlan {
  const { git } = facts;
  const freshness = planFreshness(inputs, git);
  const { key, bases } = facts;
  const tests = testsKey({ ...inputs.tests, tree: git.checkout.tree, checks: checksAsked(inputs.checks) });
  const labelFacts = { git, key, bases: bases.key, tests };
  const asked: Label[] = [...inputs.build.labels].map(([name, value]) => ({ name, value }));
  const ours = ourLabels(labelFacts);
  const adoption = planAdoption(
    {
      wanted: facts.wanted,
      commit: git.checkout.head,
      key: ours.key,
      bases,
      headKnown: git.remoteHead.kind === 'known',
      tests: ours.tests,
      dirty: git.checkout.dirty,
      reuse: inputs.reuse,
      fresh: freshness.pull || freshness.noCache,
      runId: git.runId,
      runAttempt: git.runAttempt,
    },
    facts.push.kind === 'ship' ? facts.holdings : [],
  );
  const cache = settleCache(facts.cacheIntent, facts.cacheFound);
  const made = { adoption, cache, freshness, labels: planLabels(labelFacts, asked) };
  const request = planRequest(inputs, facts, made);
  requireMachine(facts.machine, inputs.build, request);
  if (request.perPlatform) requirePerPlatform(facts.builder, inputs, request.delivery);
  const done = adoption.kind === 'adopt' && adoption.testsKnown;
  return {
    adoption,
    request,
    cache,
    hasEngine: facts.hasEngine,
    grants: facts.grants,
    tests: done ? { ...inputs.tests, ...noTests } : inputs.tests,
  };
}

/** On schedule an image is made anew unless the workflow says otherwise. */
export function planFreshness({ build }: Inputs, { event }: GitContext): Pick<BuildRequest, 'pull' | 'noCache'> {
  const scheduled = event.kind === 'schedule';
  return { pull: build.pull ?? scheduled, noCache: build.noCache ?? scheduled };
}

const noTests = { host: undefined, stage: undefined, image: [], verify: undefined } as const;

function planRequest(
  inputs: Inputs,
  facts: RunFacts,
  made: {
    readonly adoption: Adoption;
    readonly cache: CachePlan;
    readonly freshness: Pick<BuildRequest, 'pull' | 'noCache'>;
    readonly labels: readonly Label[];
  },
): BuildRequest {
  const { git, context, grants } = facts;
  const { build } = inputs;
  const delivery = planDelivery(facts.builder, inputs, facts.hasEngine);
  const testTarget = inputs.tests.stage;
  return {
    context: context.path,
    dockerfile: context.file,
    target: build.target,
    testTarget,
    args: build.args,
    labels: new Map(made.labels.map(({ name, value }) => [name, value])),
    contexts: new Map(context.named.map((one) => [one.name, one.kind === 'folder' ? one.path : one.url])),
    secrets: grants.secrets,
    ssh: grants.ssh,
    platforms: facts.platforms,
    annotations: build.annotations,
    addHosts: build.addHosts,
    network: grants.network,
    shmSize: build.shmSize,
    ulimits: build.ulimits,
    allow: grants.allow,
    ...made.freshness,
    noCacheFilters: build.noCacheFilters,
    attestations: build.attestations,
    commitTime: git.checkout.commitTime,
    cache: made.cache,
    builder: build.builder,
    delivery,
    sendsTo: planSending(delivery, facts.builder, { ...facts, ...made, testTarget }),
    perPlatform: solvesPerPlatform(facts.builder, facts.platforms),
    name: facts.name,
    layout: `${facts.folder}/image`,
    bytecode: inputs.bytecode && {
      ...inputs.bytecode,
      places: planPlaces(context.dockerfile),
      reportFolder: `${facts.folder}/bytecode`,
    },
  };
}
