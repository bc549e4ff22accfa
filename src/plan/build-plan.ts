import { isTargetFor } from '../model/built-steps.ts';
import { formatReference, type Repository } from '../model/image-ref.ts';
import { isTag } from '../model/tag.ts';
import { planAllowances } from './bake-allow.ts';
import { planInline, planPushTo, planTo } from './bake-output.ts';
import { type Merge, planMerge, planParts } from './bake-parts.ts';
import { type AllTexts, noAttestations, planAllTexts, planShared } from './bake-target.ts';
import { escapeTemplate, isKeptByBake } from './bake-text.ts';
import type { BuildRequest, LocalName } from './build-request.ts';
import { nameTargets, planImage, planReport, type Targets } from './bytecode/bake.ts';

export type { BuildRequest, LocalName, SecretSource } from './build-request.ts';

/** One call of `docker-buildx bake`: the definition for its stdin, and what follows the word `bake`. */
export interface BakePlan {
  readonly definition: string;
  readonly args: readonly string[];
  /** The targets that are asked for: `image`, `test`, `report`; where each platform is solved by itself `image-linux-arm64` and the like. */
  readonly targets: readonly string[];
  /** The targets that those are made from: with bytecode the user's Dockerfile is `app`. */
  readonly inner: readonly string[];
  /** Those that each target is for. */
  readonly platforms: readonly string[];
  /** How the targets' images become one; undefined where one of them is the image, or none is. */
  readonly merge: Merge | undefined;
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
  const plan = assemble(request, (part, texts) => ({
    ...planImage(part, texts, { ...planTo(part), ...planInline(cache) }),
    ...(testTarget === undefined ? {} : { test: planTest(part, planShared(part, texts), testTarget) }),
    ...planReport(part),
  }));
  return { ...plan, merge: planMerge(request) };
}

/** Plans the solve that sends an image which stayed with its builder to a repository, by digest and without a tag. What asks for a fresh
 * image is left out: it was made fresh by the first solve. */
export function planPush(request: BuildRequest, { name }: Repository): BakePlan {
  const again = { ...request, testTarget: undefined, pull: false, noCache: false, noCacheFilters: [] };
  const made = { ...planPushTo(name), ...planInline(request.cache) };
  return { ...assemble(again, (part, texts) => planImage(part, texts, made)), merge: planMerge(request) };
}

/** Plans a solve of the test stage alone, for an image that exists; `undefined` where there is no test stage. */
export function planTestBake(request: BuildRequest): BakePlan | undefined {
  const { testTarget } = request;
  if (testTarget === undefined) return undefined;
  return assemble(request, (part, texts) => ({ test: planTest(part, planShared(part, texts), testTarget) }));
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
  if (request.cache.write === undefined) return undefined;
  // no attestations: they are no part of a cache, and git is not asked again: a test may have told it by now what to run
  const plain = { ...request, testTarget: undefined, attestations: [] };
  const made = { output: ['type=cacheonly'] };
  return assemble(plain, (part, texts) => planImage(part, texts, { ...planCacheTo(part.cache), ...made }));
}

function planCacheTo({ write }: BuildRequest['cache']): object {
  if (write === undefined) return {};
  const ref = formatReference(write.repository, write.tag);
  return { 'cache-to': [`type=registry,ref=${ref},mode=max,image-manifest=true,oci-mediatypes=true`] };
}

/** The value of `--set`: which targets, and what in them. A pattern that matches no target is an error of bake. */
function planOverrides(request: BuildRequest, texts: AllTexts, targets: readonly string[]): readonly string[] {
  const all = (kind: 'app' | 'image' | 'test') => targets.filter((one) => isTargetFor(kind, one));
  const hasApp = all('app').length > 0;
  const built = hasApp ? [...all('app'), ...all('test')] : ['*'];
  const labelled = hasApp ? [...all('image'), ...all('test')] : ['*'];
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

function assemble(request: BuildRequest, plan: (part: BuildRequest, texts: AllTexts) => Targets): BakePlan {
  const texts = planAllTexts(request);
  const [first, ...others] = planParts(request);
  const all = [first, ...others].flatMap((part) => nameTargets(plan(part.request, texts), part.suffix));
  const names = all.map(([name]) => name);
  const inner = names.filter((name) => isTargetFor('app', name) || isTargetFor('bytecode', name));
  const targets = names.filter((name) => !inner.includes(name));
  const args = [
    '--file=-',
    '--progress=rawjson',
    ...(request.builder === undefined ? [] : [`--builder=${request.builder}`]),
    ...planAllowances({ ...request, delivery: first.request.delivery }).map((one) => `--allow=${one}`),
    ...planOverrides(request, texts, names).map((one) => `--set=${one}`),
    ...targets,
  ];
  const { name, testTarget, dockerfile, attestations } = request;
  return {
    definition: JSON.stringify({ target: Object.fromEntries(all) }),
    args,
    targets,
    inner,
    platforms: first.request.platforms,
    merge: undefined,
    name,
    testTarget,
    dockerfile,
    attested: attestations.length > 0,
  };
}
