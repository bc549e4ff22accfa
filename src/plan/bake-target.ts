import { formatReference } from '../model/image-ref.ts';
import { type BakeTexts, escapeTemplate, isKeptByBake, planTexts, quoteCsvField } from './bake-text.ts';
import type { BuildRequest, SecretSource } from './build-request.ts';

/** The named texts of a request, as bake takes them. */
export interface AllTexts {
  readonly args: BakeTexts;
  readonly labels: BakeTexts;
  readonly contexts: BakeTexts;
}

export function planAllTexts(request: BuildRequest): AllTexts {
  const epoch: [string, string] = ['SOURCE_DATE_EPOCH', String(request.commitTime)];
  return {
    args: planTexts('args', new Map([epoch, ...request.args])),
    labels: planTexts('labels', request.labels),
    contexts: planTexts('contexts', request.contexts),
  };
}

/** What every target of the user's Dockerfile says. */
export function planShared(request: BuildRequest, texts: AllTexts): Readonly<Record<string, unknown>> {
  const lists = {
    secret: request.secrets.map(formatSecret),
    ssh: request.ssh,
    platforms: request.platforms,
    annotations: request.annotations,
    ulimits: request.ulimits,
    entitlements: request.allow,
    'no-cache-filter': request.noCacheFilters,
    'cache-from': planCacheFrom(request),
    attest: request.attestations.length === 0 ? noAttestations : request.attestations,
  };
  const single = { target: request.target, network: request.network, 'shm-size': request.shmSize };
  return {
    ...(isKeptByBake(request.context) ? { context: request.context } : {}),
    ...(isKeptByBake(request.dockerfile) ? { dockerfile: request.dockerfile } : {}),
    args: texts.args.inDefinition,
    labels: texts.labels.inDefinition,
    contexts: texts.contexts.inDefinition,
    'extra-hosts': Object.fromEntries([...request.addHosts].map((host) => host.map(escapeTemplate))),
    pull: request.pull,
    'no-cache': request.noCache,
    ...planLists(lists),
    ...Object.fromEntries(
      Object.entries(single).flatMap(([key, one]) => (one === undefined ? [] : [[key, escapeTemplate(one)]])),
    ),
  };
}

/** Without this, every build has another digest. */
export const noAttestations = ['type=provenance,disabled=true'];

export function planCacheFrom({ cache }: BuildRequest): readonly string[] {
  return cache.from.map((one) => `type=registry,ref=${formatReference(one.repository, one.digest)}`);
}

/** Lists as the definition has them; an empty one is left out. */
export function planLists(lists: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, all]) => (all.length === 0 ? [] : [[key, all.map(escapeTemplate)]])),
  );
}

function formatSecret(secret: SecretSource): string {
  switch (secret.kind) {
    case 'variable':
      return [`id=${secret.id}`, `env=${secret.variable}`].map(quoteCsvField).join(',');
    case 'file':
      return [`id=${secret.id}`, `src=${secret.path}`].map(quoteCsvField).join(',');
  }
}
