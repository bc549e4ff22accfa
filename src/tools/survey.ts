import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Digest } from '../model/digest.ts';
import { formatReference, type Repository } from '../model/image-ref.ts';
import { reachLimit } from '../model/limits.ts';
import { type Platform, parsePlatform } from '../model/platform.ts';
import { RegistryError } from '../model/registry.ts';
import { adoptionTags, type Held, type Holdings } from '../plan/adoption.ts';
import type { LocalName } from '../plan/build-plan.ts';
import { type BuilderChoice, canExportCache, explainElsewhere, requireBuildkit } from '../plan/builder.ts';
import { planBuilderNotices } from '../plan/builder-notices.ts';
import { type CacheCandidate, type CacheIntent, planCache } from '../plan/cache-plan.ts';
import { contentKey, type FoundBases, unknownBases } from '../plan/content-key.ts';
import type { Destinations } from '../plan/destinations.ts';
import { type Machine, planBuildxNeeds, requireEngine } from '../plan/machine.ts';
import { planNoEngineNotices, requireNoEngine } from '../plan/no-engine.ts';
import { planPlatformNotices, planPlatforms } from '../plan/platforms.ts';
import { explainPushRight } from '../plan/push-right.ts';
import type { Rights } from '../plan/rights.ts';
import { planFreshness } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { Verdict } from '../plan/verdict.ts';
import { readBases, readBasesIfNeeded } from './bases.ts';
import { type Buildx, findBuildx } from './buildx/buildx.ts';
import { findBuilder } from './buildx/find-builder.ts';
import { outlivesJob } from './buildx/outlives.ts';
import { readBuildxVersion } from './buildx/version.ts';
import { openRelay, type Relay } from './cache/relay.ts';
import type { Asked } from './checkout/git-context.ts';
import { explainRegistry } from './publish/failures.ts';
import { absentWhereAllowed } from './registry/allowed.ts';
import { readHeld } from './registry/held.ts';
import type { Registries } from './registry/registries.ts';
import type { Workbench } from './workbench.ts';

/** What was there before anything ran. */
export interface Survey {
  readonly buildx: Buildx;
  readonly builder: BuilderChoice;
  readonly holdings: readonly Holdings[];
  readonly cacheIntent: CacheIntent;
  /** In the order of `cacheIntent.probe`; undefined: not there, or not in time. */
  readonly cacheFound: readonly (Digest | undefined)[];
  /** Through what the builder reads caches; undefined where it cannot reach it and reads them itself. */
  readonly relay: Relay | undefined;
  /** Content key of what this run would build. */
  readonly key: string;
  readonly bases: FoundBases;
  readonly name: LocalName;
  readonly machine: Machine;
  /** Whether an engine answers. */
  readonly hasEngine: boolean;
  /** What is built for; empty: what the builder builds for anyway. */
  readonly platforms: readonly Platform[];
  readonly notices: readonly string[];
}

/** What a survey is about. */
export interface SurveyQuestion {
  readonly inputs: Inputs;
  readonly asked: Asked;
  readonly wanted: TagPlan;
  readonly rights: Rights;
  readonly push: Verdict;
  readonly destinations: Destinations;
}

/** Asks engine, builder and registries side by side. For a run that publishes, a registry that cannot be read or a login that may
 * not write is an error here, before the build; for the others it costs the cache and a notice.
 * @throws ActionError `engine-missing`, `builder-missing`, `login-missing`, `registry-failed`. */
export async function survey(bench: Workbench, registries: Registries, question: SurveyQuestion): Promise<Survey> {
  const { inputs, destinations, wanted, push, rights } = question;
  const { name } = bench;
  const notices: string[] = [];
  const building = readBuilder(bench, inputs.build);
  const cache = Promise.all([bench.findInfo(), building]).then(async ([found, { builder }]) => {
    if (found instanceof ActionError) requireNoEngine(builder, inputs, found);
    const engine = found instanceof ActionError ? undefined : found;
    if (engine !== undefined) requireEngine({ engineVersion: engine.version });
    const intent = planIntent(question, canExportCache(builder, engine?.store ?? 'containerd'));
    const [caches, relay] = await Promise.all([
      Promise.all(intent.probe.map((one) => probe(registries, one, notices))),
      intent.probe.length === 0 ? undefined : reachRelay(bench, builder),
    ]);
    return { engine, intent, found: caches, relay };
  });
  const looked = push.kind === 'ship' ? destinations.image : [];
  const holding = Promise.all(looked.map((repository) => look(registries, repository, wanted)));
  const keyed = building.then(async ({ builder, platforms }) =>
    planKey(question, platforms.length === 0 ? await readPlatform(bench, builder) : platforms.toSorted().join()),
  );
  const [{ buildx, builder, buildxVersion, lasts, platforms }, { engine, intent, found, relay }, holdings, key, bases] =
    await Promise.all([
      building,
      cache,
      holding,
      keyed,
      readBasesIfNeeded(question, {
        holding,
        keyed,
        read: async () => {
          const elsewhere = explainElsewhere((await building).builder);
          return elsewhere === '' ? readBases(bench, registries, question) : unknownBases(elsewhere);
        },
      }),
    ]);
  const { noCache } = planFreshness(inputs, question.asked.git);
  const use = { role: rights.role, ships: push.kind === 'ship', noCache, platforms, lasts };
  notices.push(...planBuilderNotices(builder, use));
  if (engine === undefined) {
    notices.push(...planNoEngineNotices(inputs));
    bench.forgetName(name); // nothing of this run will ever be there
  } else if (platforms.length > 0) notices.push(...planPlatformNotices(platforms, parsePlatform(engine.platform)));
  const machine = {
    store: engine?.store ?? 'containerd',
    engineVersion: engine?.version ?? '',
    buildxVersion,
  } as const;
  const cached = { cacheIntent: intent, cacheFound: found, relay };
  const has = { machine, hasEngine: engine !== undefined };
  return { buildx, builder, holdings, ...cached, key, bases, name, ...has, platforms, notices };
}

/** What is built for where no platform is asked for: the engine's own, without one the first that its builder names. */
async function readPlatform(bench: Workbench, builder: BuilderChoice): Promise<string> {
  const engine = await bench.findInfo();
  if (!(engine instanceof ActionError)) return engine.platform;
  return (builder.kind === 'engine' ? undefined : builder.nodes[0].platforms[0]) ?? 'unknown';
}

function planKey({ inputs, asked }: SurveyQuestion, platform: string): string {
  const { bytecode, build } = inputs;
  return contentKey({ files: asked.files, dockerfile: asked.context.dockerfile, platform, bytecode, build });
}

/** Opens the cache relay where the builder is the engine's own and the engine is on this machine. */
async function reachRelay(bench: Workbench, builder: BuilderChoice): Promise<Relay | undefined> {
  if (builder.kind !== 'engine') return undefined;
  const relay = await openRelay();
  return (await relay.isReachedBy(bench.engine, reachLimit)) ? relay : undefined;
}

/** Finds the builder, and asks buildx for its version only where an input needs a newer one than the oldest that will do. */
async function readBuilder(bench: Workbench, build: Inputs['build']) {
  const { cancel, folder } = bench;
  const buildx = await findBuildx(bench.environment.all);
  const isAsked = planBuildxNeeds(build) !== undefined;
  const [builder, buildxVersion] = await Promise.all([
    findBuilder(buildx, { name: build.builder, platforms: build.platforms, folder }, cancel),
    isAsked ? readBuildxVersion(buildx, cancel) : undefined,
  ]);
  requireBuildkit(builder, build);
  const asked = build.platforms;
  const platforms = asked.length === 0 ? [] : planPlatforms(asked, builder, await readMachine(bench));
  return { buildx, builder, buildxVersion, platforms, lasts: await outlivesJob(builder, bench, cancel) };
}

async function readMachine(bench: Workbench): Promise<Platform | undefined> {
  const engine = await bench.findInfo();
  return engine instanceof ActionError ? undefined : parsePlatform(engine.platform);
}

function planIntent(question: SurveyQuestion, exports: boolean): CacheIntent {
  const { inputs, wanted, rights, destinations } = question;
  return planCache({
    mode: inputs.cache,
    role: rights.role,
    protectedRepository: destinations.cache,
    repository: destinations.image[0],
    productionTag: rights.productionTag,
    ownTag: wanted.own,
    exports,
  });
}

/** What a repository holds, and whether this login may write to it. */
async function look(registries: Registries, repository: Repository, wanted: TagPlan): Promise<Holdings> {
  const registry = await registries.open(repository, 'survey');
  try {
    const asked = adoptionTags(wanted).map(async (tag) => {
      const held = await absentWhereAllowed<Held>(registry, () => readHeld(registry, tag), { kind: 'absent' });
      return { tag, held };
    });
    const reading = Promise.all(asked);
    reading.catch(() => undefined); // a login that is refused is told as such, whichever answer comes first
    const right = await registry.mayPush();
    if (right !== 'yes') throw explainPushRight(right, repository);
    return { repository: repository.name, tags: await reading };
  } catch (error) {
    throw error instanceof RegistryError ? explainRegistry(error, repository.name) : error;
  }
}

/** The digest of a cache, fetched and hashed by us before BuildKit hears of it: on the engine's own builder a cache that never
 * answers blocks every build of that engine (reference/engine.md, security.md X6). */
async function probe(
  registries: Registries,
  candidate: CacheCandidate,
  notices: string[],
): Promise<Digest | undefined> {
  const registry = await registries.open(candidate.repository, 'probe');
  try {
    return (await registry.manifest(candidate.tag))?.digest;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    notices.push(
      `the cache ${formatReference(candidate.repository, candidate.tag)} cannot be read, so this build goes without it: ${error.message}`,
    );
    return undefined;
  }
}
