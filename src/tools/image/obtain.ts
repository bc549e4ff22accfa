import { relative } from 'node:path';
import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import { countSteps, hasChanged } from '../../model/built-steps.ts';
import type { Digest } from '../../model/digest.ts';
import { configDigestOf, engineId, formatIdentity, identityIn, publishedDigest } from '../../model/image-identity.ts';
import type { Platform } from '../../model/platform.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage, PlatformImage } from '../../report/facts.ts';
import { inspectImage, type LocalImage, readPlatformImages } from '../engine/images.ts';
import { fetchAdopted } from '../publish/upload.ts';
import type { Registries } from '../registry/registries.ts';
import type { CompiledImage } from './compiled.ts';
import { FirstFailure, openGate } from './side-by-side.ts';
import { type Builder, runBake, runHostTests, runStage } from './solve.ts';

/** Takes the image that exists, or builds one; the host tests run beside it.
 * @throws ActionError `build-failed`, `test-failed`, `timeout`, `cancelled`. */
export async function obtainImage(builder: Builder, registries: Registries, plan: RunPlan): Promise<BuiltImage> {
  switch (plan.adoption.kind) {
    case 'build':
      return buildBesideTests(builder, plan);
    case 'adopt':
      return adoptBesideTests(builder, registries, { ...plan, adoption: plan.adoption });
  }
}

/** Builds the image; the tests on the runner start once every file of the context has been read, so that nothing they do to the
 * work tree can reach the image. The first that fails ends the other.
 * @throws ActionError `build-failed`, `test-failed`, `timeout`, `cancelled`. */
async function buildBesideTests(builder: Builder, plan: RunPlan): Promise<BuiltImage> {
  const { bench } = builder;
  const first = new FirstFailure(bench.cancel);
  const gate = openGate();
  const onContextRead = (): void => {
    builder.mark.take(); // before a test can write there
    gate.open();
  };
  let running: Promise<void> | undefined;
  const quiet = async (): Promise<boolean> => {
    await running;
    return running !== undefined;
  };
  const build = first.watch(runBake(builder, plan, { onContextRead, quiet, cancel: first.signal }));
  setImmediate(builder.mark.take); // while the plugin is starting it costs nobody anything
  const runTests = (): Promise<void> => {
    running = runHostTests({ ...builder, cancel: first.signal }, plan.tests);
    return running;
  };
  const tests = first.watch(gate.opened.then(runTests));
  build.finally(gate.open).catch(() => undefined);
  await first.settle([build, tests]);
  builder.atRest();
  const image = await build;
  tellCacheFailures(builder, image);
  return describe(builder, image, plan.request);
}

/** Where the builder reads caches itself nobody but BuildKit knows of one that failed. */
function tellCacheFailures({ caches, tell }: Builder, { summary }: CompiledImage): void {
  if (caches.relay !== undefined) return;
  for (const { ref, reason } of summary.cacheFailures)
    tell(`the cache ${ref} cannot be read, so this build goes without it: ${reason}`);
}

async function describe(builder: Builder, image: CompiledImage, request: RunPlan['request']): Promise<BuiltImage> {
  const inEngine = request.delivery === 'by-engine';
  const [{ identity, local }, uncached] = await Promise.all([
    inEngine ? findInEngine(builder, image) : { identity: image.identity, local: undefined },
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

/** What was built, as the engine has it.
 * @throws ActionError `digest-mismatch` where that is another image. */
async function findInEngine({ bench }: Builder, image: CompiledImage) {
  const [local, { store }] = await Promise.all([
    inspectImage(bench.engine, image.name, bench.cancel),
    bench.readInfo(),
  ]);
  const identity = identityIn(store, image.identity);
  if (local?.id === engineId(identity)) return { identity, local };
  throw new ActionError(
    'digest-mismatch',
    `the build made ${formatIdentity(identity)}, and the engine has ${local?.id ?? 'nothing'} under the name of this run`,
    { hint: 'something else on this machine changes images while the step runs; nothing was published' },
  );
}

/** The image of each platform that is asked for, as the engine has it.
 * @throws ActionError `build-failed` where it lacks one. */
async function readPlatforms(
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

async function readUncached(
  { bench, context }: Builder,
  summary: BuildSummary,
  request: RunPlan['request'],
): Promise<BuiltImage['uncached']> {
  const { findUncached } = await import('../../plan/uncached.ts'); // its parser of Dockerfiles takes time to load
  const file = relative(bench.environment.workspace, request.dockerfile);
  return findUncached(summary, { request, dockerfile: context.dockerfile, file });
}

/** Takes an image that exists for this run's: the tests that it is not known to have passed run again, and it comes to the engine
 * only where a test runs it. */
async function adoptBesideTests(
  builder: Builder,
  registries: Registries,
  plan: RunPlan & { adoption: Adopted },
): Promise<BuiltImage> {
  const { bench } = builder;
  const { tests, adoption } = plan;
  const needed = tests.image.length > 0 || tests.verify !== undefined;
  const local = needed ? await fetchAdopted({ bench, registries }, adoption, plan.request.platforms) : undefined;
  const first = new FirstFailure(bench.cancel);
  const gate = openGate();
  if (tests.stage !== undefined || plan.cache.write !== undefined) builder.mark.take();
  const stage = first.watch(runStage(builder, plan, { onContextRead: gate.open, cancel: first.signal }));
  const host = first.watch(gate.opened.then(() => runHostTests({ ...builder, cancel: first.signal }, tests)));
  stage.finally(gate.open).catch(() => undefined);
  await first.settle([stage, host]);
  return {
    identity: { kind: 'found', digest: adoption.digest },
    localId: local?.id,
    digest: adoption.digest,
    configDigest: local === undefined ? undefined : readConfigDigest(local, adoption.digest),
    size: local?.size,
    platform: local?.platform,
    platforms: await readPlatforms(builder, local, plan.request.platforms),
    reused: true,
    steps: { cached: 0, total: 0 },
    changed: false,
    uncached: undefined,
    bytecode: undefined,
    warnings: [],
    metadata: {},
  };
}

/** The config of an image that was pulled by this digest: on the classic store the engine's Id. */
function readConfigDigest({ id, manifest }: LocalImage, digest: Digest): Digest | undefined {
  return manifest === undefined && id !== digest ? id : manifest?.configDigest;
}

type Adopted = Extract<RunPlan['adoption'], { kind: 'adopt' }>;
