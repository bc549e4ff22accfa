import { ActionError } from '../../errors.ts';
import type { Repository } from '../../model/image-ref.ts';
import { layerPatience } from '../../model/limits.ts';
import type { Registry } from '../../model/registry.ts';
import { Secret } from '../../model/secret.ts';
import type { Login } from '../../plan/login.ts';
import { mask } from '../actions.ts';
import type { RunnerEnvironment } from '../environment.ts';
import { openHttp } from '../http/http.ts';
import { network } from '../http/network.ts';
import type { Workbench } from '../workbench.ts';
import { readAbsence } from './allowed.ts';
import { readAuthority } from './authorities.ts';
import { type CacheReader, openCacheReader } from './cache-reader.ts';
import type { Credentials } from './credentials.ts';
import { type Door, openDoor } from './door.ts';
import type { HostRules } from './endpoint.ts';
import { type LoginRules, openLogins } from './logins.ts';
import {
  accountingPace,
  openRegistry,
  type Pace,
  probingPace,
  publishingPace,
  type RegistryOptions,
  systemClock,
} from './open-registry.ts';

/** How much a run depends on the answer: `probe` costs a cache at most, `survey` comes before the build, `publish` after it, and
 * `account` tells what a run that has failed wrote, and `base` what a base image's name stands for: no build waits long for that. */
export type Need = 'probe' | 'survey' | 'publish' | 'account' | 'base';

/** Registries as this machine reaches them: with the workflow's login or docker's own, docker's certificates and insecure hosts. */
export interface Registries {
  /** Finds out how registries are reached that may speak plain HTTP, before anybody needs them; no login is shown. */
  readonly knock: (repositories: readonly Repository[]) => void;
  readonly open: (repository: Repository, need: Need) => Promise<Registry>;
  readonly readCache: (repository: Repository, cancel: AbortSignal) => Promise<CacheReader>;
  readonly credentials: (registry: string) => Promise<Credentials>;
  /** Of these registries' logins those that docker itself does not know. */
  readonly lent: (registries: readonly string[]) => Promise<readonly Login[]>;
}

/** From where registries are asked. */
type Reach = Pick<Workbench, 'cancel' | 'readInfo'> & {
  readonly environment: Pick<RunnerEnvironment, 'all' | 'actor'>;
};

// Before the build nothing is lost by giving up: a minute is enough to outlive a restart, and then the developer hears of it.
const surveyPace: Pace = { request: 20_000, budget: 60_000, tries: 7 };
const paces: Readonly<Record<Need, Pace>> = {
  probe: probingPace,
  survey: surveyPace,
  publish: publishingPace,
  account: accountingPace,
  base: { request: 2_000, budget: 2_500, tries: 1 },
};

/** Opens registries; one pool of connections, each login is read once, and each repository asks for a token once.
 * @param onSecret told every secret before its first use; without it the runner masks them. */
export function openRegistries(
  bench: Reach,
  rules: LoginRules,
  onSecret: (secret: string) => void = (secret) => mask(new Secret(secret)),
): Registries {
  const http = openHttp();
  const { all } = bench.environment;
  const login = openLogins(bench.environment, rules);
  const insecure = bench.readInfo().then(
    (info) => new Set(info.insecureRegistries),
    (error: unknown) => {
      // where the run cannot do without an engine the survey tells of it
      if (error instanceof ActionError && error.code === 'engine-missing') return new Set<string>();
      throw error;
    },
  );
  insecure.catch(() => undefined); // told by who asks
  const rulesFor = async (registry: string): Promise<HostRules> => {
    const ca = readAuthority(registry, all);
    return { insecure: await insecure, authorities: ca === undefined ? new Map() : new Map([[registry, ca]]) };
  };
  const optionsFor = async ({ registry }: Repository, pace: Pace): Promise<RegistryOptions> => ({
    http,
    rules: await rulesFor(registry),
    credentials: async () => (await login(registry)).credentials,
    onSecret,
    cancel: bench.cancel,
    pace,
    clock: systemClock,
  });
  const doors = new Map<string, Door>();
  const doorOf = (repository: Repository, options: RegistryOptions): Door => {
    const door = doors.get(repository.name) ?? openDoor(repository, options);
    doors.set(repository.name, door);
    return door;
  };
  const openShared = async (repository: Repository, pace: Pace): Promise<Registry> => {
    const options = await optionsFor(repository, pace);
    return openRegistry(repository, { ...options, door: doorOf(repository, options) });
  };
  const knock = async (repository: Repository): Promise<void> => {
    await doorOf(repository, await optionsFor(repository, probingPace)).endpoint(probingPace.request);
  };
  return {
    knock: (repositories) => {
      setImmediate(() => network.https); // while others answer: it takes time to load
      for (const one of repositories) knock(one).catch(() => undefined); // whoever asks next hears of it
    },
    readCache: async (repository, cancel) => {
      const options = await optionsFor(repository, layerPatience);
      return openCacheReader(repository, { ...options, cancel, door: doorOf(repository, options) });
    },
    credentials: async (registry) => (await login(registry)).credentials,
    lent: async (registries) => {
      const known = await Promise.all([...new Set(registries)].map(login));
      return known.flatMap(({ lent }) => (lent === undefined ? [] : [lent]));
    },
    open: async (repository, need) => {
      const registry = await openShared(repository, paces[need]);
      return need === 'probe' || need === 'base' ? registry : readAbsence(registry);
    },
  };
}
