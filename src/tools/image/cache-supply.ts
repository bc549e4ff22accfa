import { importPatience, layerPatience } from '../../model/limits.ts';
import type { BuildRequest } from '../../plan/build-plan.ts';
import type { CacheSource } from '../../plan/cache-plan.ts';
import type { Offer, Relay } from '../cache/relay.ts';
import type { Registries } from '../registry/registries.ts';

/** From where the builder reads caches. */
export interface CacheSupply {
  /** Undefined where the builder does not reach it, and reads caches from their registries itself. */
  readonly relay: Relay | undefined;
  readonly registries: Registries;
  /** A notice. */
  readonly tell: (text: string) => void;
}

/** Runs a solve whose request names its caches where the builder can read them; they are there until it has ended, whatever the way. */
export async function withCaches<T>(
  supply: CacheSupply,
  request: BuildRequest,
  solve: (request: BuildRequest, offer: Offer) => Promise<T>,
): Promise<T> {
  const offer = offerCaches(supply, request.cache.from);
  try {
    return await solve({ ...request, cache: { ...request.cache, from: offer.sources } }, offer);
  } finally {
    offer.withdraw();
  }
}

function offerCaches({ relay, registries, tell }: CacheSupply, sources: readonly CacheSource[]): Offer {
  if (relay === undefined || sources.length === 0)
    return { sources, trouble: () => undefined, rename: (text) => text, withdraw: () => undefined };
  return relay.offer(sources, {
    read: ({ repository }, cancel) => registries.readCache(repository, cancel),
    patience: { imports: importPatience, layers: layerPatience },
    onTrouble: (reason) => tell(`the cache is given up, so this build is slower: ${reason}`),
  });
}
