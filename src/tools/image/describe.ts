import { relative } from 'node:path';
import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import { countSteps, hasChanged } from '../../model/built-steps.ts';
import { configDigestOf, engineId, formatIdentity, identityIn, publishedDigest } from '../../model/image-identity.ts';
import type { Platform } from '../../model/platform.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage, PlatformImage } from '../../report/built-image.ts';
import { inspectImage, type LocalImage, readPlatformImages } from '../engine/images.ts';
import type { Workbench } from '../workbench.ts';
import type { CompiledImage } from './compiled.ts';
import type { Builder } from './solve.ts';

/** What this run built, as far as it can be told before it is published.
 * @throws ActionError `digest-mismatch`, `build-failed` where the engine has something else. */
export async function describeBuilt(
  builder: Builder,
  image: CompiledImage,
  { request, seen }: { readonly request: RunPlan['request']; readonly seen: LocalImage | undefined },
): Promise<BuiltImage> {
  const inEngine = request.delivery === 'by-engine';
  const [{ identity, local }, uncached] = await Promise.all([
    inEngine ? findInEngine(builder.bench, image, seen) : { identity: image.identity, local: undefined },
    readUncached(builder, image.summary, request),
  ]);
  return {
    identity,
    localId: local?.id,
    digest: publishedDigest(identity),
    configDigest: configDigestOf(identity),
    size: local?.size,
    platform: local?.platform,
    platforms: await readPlatforms(builder, local, request.platforms),
    reused: false,
    steps: countSteps(image.summary.steps),
    changed: hasChanged(image.summary.steps),
    uncached,
    bytecode: image.bytecode,
    warnings: placeWarnings(builder, image.summary, request.dockerfile),
    metadata: image.metadata,
  };
}

/** What the engine has under the name of this run while the plugin is still ending; undefined where it does not say. */
export function lookEarly({ bench }: Builder): Promise<LocalImage | undefined> {
  return inspectImage(bench.engine, bench.name, bench.cancel).catch(() => undefined);
}

/** What was built, as the engine has it.
 * @param seen what it had a moment ago: where that is the image, nobody needs to ask again.
 * @throws ActionError `digest-mismatch` where that is another image. */
export async function findInEngine(
  bench: Pick<Workbench, 'engine' | 'name' | 'readInfo' | 'cancel'>,
  image: Pick<CompiledImage, 'name' | 'identity'>,
  seen: LocalImage | undefined,
) {
  const { store } = await bench.readInfo();
  const identity = identityIn(store, image.identity);
  const isSeen = seen?.id === engineId(identity) && image.name === bench.name;
  const local = isSeen ? seen : await inspectImage(bench.engine, image.name, bench.cancel);
  if (local?.id === engineId(identity)) return { identity, local };
  throw new ActionError(
    'digest-mismatch',
    `the build made ${formatIdentity(identity)}, and the engine has ${local?.id ?? 'nothing'} under the name of this run`,
    { hint: 'something else on this machine changes images while the step runs; nothing was published' },
  );
}

/** The image of each platform that is asked for, as the engine has it.
 * @throws ActionError `build-failed` where it lacks one. */
export async function readPlatforms(
  { bench }: Builder,
  local: LocalImage | undefined,
  asked: readonly Platform[],
): Promise<readonly PlatformImage[]> {
  const [only, ...others] = asked;
  if (only === undefined) return [];
  if (local === undefined) return asked.map((platform) => ({ platform, digest: undefined, size: undefined }));
  if (others.length === 0) return [{ platform: only, digest: local.manifest?.digest, size: local.size }];
  const there = await readPlatformImages(bench.engine, local.id, bench.cancel);
  return asked.map((platform) => {
    const found = there.find((one) => one.platform === platform);
    if (found !== undefined) return found;
    throw new ActionError('build-failed', `the engine has ${local.id} without an image for ${platform}`, {
      hint: 'something else on this machine removes images while the step runs: run it again',
    });
  });
}

function placeWarnings({ bench }: Builder, { warnings }: BuildSummary, dockerfile: string): BuiltImage['warnings'] {
  const file = relative(bench.environment.workspace, dockerfile);
  return warnings.map(({ text, url, line }) => ({ text, url, place: line === undefined ? undefined : { file, line } }));
}

/** Loads what `describeBuilt` will need, while others are at work: the parser of Dockerfiles takes time to load. */
export function prepareDescription(): void {
  import('../../plan/uncached.ts').catch(() => undefined); // told by who needs it
}

async function readUncached(
  { bench, context }: Builder,
  summary: BuildSummary,
  request: RunPlan['request'],
): Promise<BuiltImage['uncached']> {
  const { findUncached } = await import('../../plan/uncached.ts');
  const file = relative(bench.environment.workspace, request.dockerfile);
  return findUncached(summary, { request, dockerfile: context.dockerfile, file });
}
