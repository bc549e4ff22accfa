import { formatReference } from '../model/image-ref.ts';
import { isTag } from '../model/tag.ts';
import { planAllowances } from './bake-allow.ts';
import { type BakeTexts, escapeTemplate, isKeptByBake, planTexts, quoteCsvField } from './bake-text.ts';
import type { BuildRequest, LocalName, SecretSource } from './build-request.ts';

export type { BuildRequest, LocalName, SecretSource } from './build-request.ts';

/** One call of `docker-buildx bake`: the definition for its stdin, and what follows the word `bake`. */
export interface BakePlan {
  readonly definition: string;
  readonly args: readonly string[];
  /** The targets in it, `image` first where both are. */
  readonly targets: readonly ('image' | 'test')[];
  readonly platforms: readonly string[];
  readonly name: LocalName;
  readonly testTarget: string | undefined;
  /** For messages: the Dockerfile's path. */
  readonly dockerfile: string;
  readonly attested: boolean;
}

/** Makes the local name from the run's nonce. `.invalid` is a domain that will never exist (RFC 2606).
 * @throws Error where the nonce is no legal tag. */
export function planLocalName(nonce: string): LocalName {
  if (!isTag(nonce)) throw new Error(`not a legal tag: ${JSON.stringify(nonce)}`);
  return `slipway.invalid/image:${nonce}` as LocalName;
}

/** Plans the solve that makes the image and, where there is one, runs the test stage.
 * @throws Error where an arg, label or context has a name that bake cannot take. */
export function planBake(request: BuildRequest): BakePlan {
  const { testTarget, name, cache } = request;
  const texts = planAllTexts(request);
  const shared = planShared(request, texts);
  const image = {
    ...shared,
    tags: [name],
    output: ['type=docker'],
    ...(cache.inline ? { 'cache-to': ['type=inline'] } : {}),
  };
  return assemble(
    request,
    texts,
    testTarget === undefined ? { image } : { image, test: planTest(request, shared, testTarget) },
  );
}

/** Plans a solve of the test stage alone, for an image that exists; `undefined` where there is no test stage. */
export function planTestBake(request: BuildRequest): BakePlan | undefined {
  if (request.testTarget === undefined) return undefined;
  const texts = planAllTexts(request);
  return assemble(request, texts, { test: planTest(request, planShared(request, texts), request.testTarget) });
}

function planTest(request: BuildRequest, shared: Readonly<Record<string, unknown>>, testTarget: string): object {
  return {
    ...shared,
    target: escapeTemplate(testTarget),
    'no-cache-filter': [...request.noCacheFilters, testTarget].map(escapeTemplate),
    output: ['type=cacheonly'],
  };
}

/** Plans the solve that writes the cache, after publication; `undefined` where there is none to write. */
export function planCacheExport(request: BuildRequest): BakePlan | undefined {
  const { write } = request.cache;
  if (write === undefined) return undefined;
  const texts = planAllTexts(request);
  const ref = formatReference(write.repository, write.tag);
  const to = `type=registry,ref=${ref},mode=max,image-manifest=true,oci-mediatypes=true`;
  const image = { ...planShared(request, texts), 'cache-to': [to], output: ['type=cacheonly'] };
  return assemble({ ...request, testTarget: undefined }, texts, { image });
}

interface AllTexts {
  readonly args: BakeTexts;
  readonly labels: BakeTexts;
  readonly contexts: BakeTexts;
}

function planAllTexts(request: BuildRequest): AllTexts {
  const epoch: [string, string] = ['SOURCE_DATE_EPOCH', String(request.commitTime)];
  return {
    args: planTexts('args', new Map([epoch, ...request.args])),
    labels: planTexts('labels', request.labels),
    contexts: planTexts('contexts', request.contexts),
  };
}

function planShared(request: BuildRequest, texts: AllTexts): Readonly<Record<string, unknown>> {
  const lists = {
    secret: request.secrets.map(formatSecret),
    ssh: request.ssh,
    platforms: request.platforms,
    annotations: request.annotations,
    ulimits: request.ulimits,
    entitlements: request.allow,
    'no-cache-filter': request.noCacheFilters,
    'cache-from': request.cache.from.map((one) => `type=registry,ref=${formatReference(one.repository, one.digest)}`),
    attest: request.attestations.length === 0 ? ['type=provenance,disabled=true'] : request.attestations,
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
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([key, all]) => (all.length === 0 ? [] : [[key, all.map(escapeTemplate)]])),
    ),
    ...Object.fromEntries(
      Object.entries(single).flatMap(([key, one]) => (one === undefined ? [] : [[key, escapeTemplate(one)]])),
    ),
  };
}

function formatSecret(secret: SecretSource): string {
  switch (secret.kind) {
    case 'variable':
      return [`id=${secret.id}`, `env=${secret.variable}`].map(quoteCsvField).join(',');
    case 'file':
      return [`id=${secret.id}`, `src=${secret.path}`].map(quoteCsvField).join(',');
  }
}

function assemble(request: BuildRequest, texts: AllTexts, target: { image?: object; test?: object }): BakePlan {
  const targets = (['image', 'test'] as const).filter((one) => target[one] !== undefined);
  const overrides = [...texts.args.overrides, ...texts.labels.overrides, ...texts.contexts.overrides];
  for (const field of ['context', 'dockerfile'] as const)
    if (!isKeptByBake(request[field])) overrides.push(`*.${field}=${request[field]}`);
  const args = [
    '--file=-',
    '--progress=rawjson',
    ...(request.builder === undefined ? [] : [`--builder=${request.builder}`]),
    ...planAllowances(request).map((one) => `--allow=${one}`),
    ...overrides.map((one) => `--set=${one}`),
    ...targets,
  ];
  const { platforms, name, testTarget, dockerfile, attestations } = request;
  const definition = JSON.stringify({ target });
  return { definition, args, targets, platforms, name, testTarget, dockerfile, attested: attestations.length > 0 };
}
