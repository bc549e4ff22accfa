import type { Digest } from '../../model/digest.ts';
import { formatReference } from '../../model/image-ref.ts';
import { reachLimit } from '../../model/limits.ts';
import { RegistryError } from '../../model/registry.ts';
import { type BuilderChoice, canExportCache } from '../../plan/builder.ts';
import { type CacheCandidate, type CacheIntent, type CacheQuestion, planCache } from '../../plan/cache-plan.ts';
import type { Machine } from '../../plan/machine.ts';
import { solvesPerPlatform } from '../../plan/per-platform.ts';
import type { Registries } from '../registry/registries.ts';
import type { Survey, SurveyQuestion } from '../survey.ts';
import type { Workbench } from '../workbench.ts';
import { openRelay, type Relay } from './relay.ts';

/** The caches of a build, as far as they are there. */
export interface FoundCaches {
  readonly cacheIntent: CacheIntent;
  /** In the order of `cacheIntent.probe`; undefined: not there, or not in time. */
  readonly cacheFound: readonly (Digest | undefined)[];
  /** Through what the builder reads caches; undefined where it cannot reach it and reads them itself. */
  readonly relay: Relay | undefined;
}

/** Finds the caches that a build may read. One that cannot be read costs the cache, and a notice.
 * @param tell a notice. */
export async function findCaches(
  { bench, registries, tell }: { bench: Workbench; registries: Registries; tell: (notice: string) => void },
  question: SurveyQuestion,
  { builder, platforms, store }: Pick<Survey, 'builder' | 'platforms'> & { readonly store: Machine['store'] },
): Promise<FoundCaches> {
  const cacheIntent = planIntent(question, {
    exports: canExportCache(builder, store),
    apart: solvesPerPlatform(builder, platforms) ? platforms.slice(1) : [],
  });
  const [cacheFound, relay] = await Promise.all([
    Promise.all(cacheIntent.probe.map((one) => probe(registries, one, tell))),
    cacheIntent.probe.length === 0 ? undefined : reachRelay(bench, builder),
  ]);
  return { cacheIntent, cacheFound, relay };
}

function planIntent(question: SurveyQuestion, can: Pick<CacheQuestion, 'exports' | 'apart'>): CacheIntent {
  const { inputs, wanted, rights, destinations } = question;
  return planCache({
    mode: inputs.cache,
    role: rights.role,
    protectedRepository: destinations.cache,
    repository: destinations.image[0],
    productionTag: rights.productionTag,
    ownTag: wanted.own,
    ...can,
  });
}

/** Opens the cache relay where the builder is the engine's own and the engine is on this machine. */
async function reachRelay(bench: Workbench, builder: BuilderChoice): Promise<Relay | undefined> {
  if (builder.kind !== 'engine') return undefined;
  const relay = await openRelay();
  return (await relay.isReachedBy(bench.engine, reachLimit)) ? relay : undefined;
}

/** The digest of a cache, fetched and hashed by us before BuildKit hears of it: on the engine's own builder a cache that never
 * answers blocks every build of that engine (reference/engine.md, security.md X6). */
async function probe(
  registries: Registries,
  candidate: CacheCandidate,
  tell: (notice: string) => void,
): Promise<Digest | undefined> {
  const registry = await registries.open(candidate.repository, 'probe');
  try {
    return (await registry.manifest(candidate.tag))?.digest;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    tell(
      `the cache ${formatReference(candidate.repository, candidate.tag)} cannot be read, so this build goes without it: ${error.message}`,
    );
    return undefined;
  }
}
