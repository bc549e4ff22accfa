import { formatReference, type Repository } from '../model/image-ref.ts';
import { isTag } from '../model/tag.ts';
import { planAllowances } from './bake-allow.ts';
import { type AllTexts, noAttestations, planAllTexts, planShared } from './bake-target.ts';
import { escapeTemplate, isKeptByBake, quoteCsvField } from './bake-text.ts';
import type { BuildRequest, LocalName } from './build-request.ts';
import { planImage, planReport, type Targets } from './bytecode/bake.ts';

export type { BuildRequest, LocalName, SecretSource } from './build-request.ts';

/** One call of `docker-buildx bake`: the definition for its stdin, and what follows the word `bake`. */
export interface BakePlan {
  readonly definition: string;
  readonly args: readonly string[];
  /** The targets that are asked for, `image` first where it is. */
  readonly targets: readonly ('image' | 'test' | 'report')[];
  /** The targets that those are made from: with bytecode the user's Dockerfile is `app`. */
  readonly inner: readonly ('app' | 'bytecode')[];
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
  const { testTarget, cache } = request;
  const texts = planAllTexts(request);
  const shared = planShared(request, texts);
  const to = planTo(request);
  return assemble(request, texts, {
    ...planImage(request, texts, { ...to, ...planInline(cache) }),
    ...(testTarget === undefined ? {} : { test: planTest(request, shared, testTarget) }),
    ...planReport(request),
  });
}

/** The same media types on every builder, whatever is its default: the digest depends on them. */
const kept = 'type=image,oci-mediatypes=true';

/** Where the image goes: into a folder as files rather than one tar, so that each blob can be sent by itself. */
function planTo({ delivery, name, layout }: BuildRequest): object {
  switch (delivery) {
    case 'by-engine':
      return { tags: [name], output: ['type=docker'] };
    case 'by-builder':
      return { output: [`${kept},push=false`] };
    case 'by-folder':
      return { output: [escapeTemplate(['type=oci', 'tar=false', `dest=${layout}`].map(quoteCsvField).join(','))] };
  }
}

function planInline({ inline }: BuildRequest['cache']): object {
  return inline ? { 'cache-to': ['type=inline'] } : {};
}

/** Plans the solve that sends an image which stayed with its builder to a repository, by digest and without a tag. What asks for a fresh
 * image is left out: it was made fresh by the first solve. */
export function planPush(request: BuildRequest, { name }: Repository): BakePlan {
  const again = { ...request, testTarget: undefined, pull: false, noCache: false, noCacheFilters: [] };
  const texts = planAllTexts(again);
  const output = [`${kept},name=${name},push-by-digest=true,name-canonical=true,push=true`];
  return assemble(again, texts, planImage(again, texts, { output, ...planInline(request.cache) }));
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
    attest: noAttestations,
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
  const made = { 'cache-to': [to], output: ['type=cacheonly'] };
  // no attestations: they are no part of a cache, and git is not asked again: a test may have told it by now what to run
  const plain = { ...request, testTarget: undefined, attestations: [] };
  return assemble(plain, texts, planImage(plain, texts, made));
}

/** The value of `--set`: which targets, and what in them. A pattern that matches no target is an error of bake. */
function planOverrides(request: BuildRequest, texts: AllTexts, target: Targets): readonly string[] {
  const has = (names: readonly (keyof Targets)[]) => names.filter((one) => target[one] !== undefined);
  const built = target.app === undefined ? ['*'] : has(['app', 'test']);
  const labelled = target.app === undefined ? ['*'] : has(['image', 'test']);
  const on = (names: readonly string[], texts: readonly string[]) =>
    names.flatMap((name) => texts.map((text) => `${name}.${text}`));
  const place = (field: 'context' | 'dockerfile') =>
    isKeptByBake(request[field]) ? [] : [`${field}=${request[field]}`];
  return [
    ...on(built, texts.args.overrides),
    ...on(labelled, texts.labels.overrides),
    ...on(built, texts.contexts.overrides),
    ...on(['*'], place('context')),
    ...on(built, place('dockerfile')),
  ];
}

function assemble(request: BuildRequest, texts: AllTexts, target: Targets): BakePlan {
  const targets = (['image', 'test', 'report'] as const).filter((one) => target[one] !== undefined);
  const inner = (['app', 'bytecode'] as const).filter((one) => target[one] !== undefined);
  const args = [
    '--file=-',
    '--progress=rawjson',
    ...(request.builder === undefined ? [] : [`--builder=${request.builder}`]),
    ...planAllowances(request).map((one) => `--allow=${one}`),
    ...planOverrides(request, texts, target).map((one) => `--set=${one}`),
    ...targets,
  ];
  const { platforms, name, testTarget, dockerfile, attestations } = request;
  const definition = JSON.stringify({ target });
  return {
    definition,
    args,
    targets,
    inner,
    platforms,
    name,
    testTarget,
    dockerfile,
    attested: attestations.length > 0,
  };
}
