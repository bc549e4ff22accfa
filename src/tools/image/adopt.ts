import type { Digest } from '../../model/digest.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { runsImage } from '../../plan/runs-image.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { LocalImage } from '../engine/images.ts';
import { fetchAdopted } from '../publish/upload.ts';
import type { Registries } from '../registry/registries.ts';
import { readPlatforms } from './describe.ts';
import { FirstFailure, openGate } from './side-by-side.ts';
import { type Builder, runHostTests, runStage } from './solve.ts';

type Adopted = Extract<RunPlan['adoption'], { kind: 'adopt' }>;

/** Takes an image that exists for this run's: the tests that it is not known to have passed run again, and it comes to the engine
 * only where a test runs it.
 * @throws ActionError `build-failed`, `test-failed`, `timeout`, `cancelled`; as `fetchAdopted`. */
export async function adoptBesideTests(
  builder: Builder,
  registries: Registries,
  plan: RunPlan & { adoption: Adopted },
): Promise<BuiltImage> {
  const { bench } = builder;
  const { tests, adoption } = plan;
  const local = runsImage(tests)
    ? await fetchAdopted({ bench, registries }, adoption, plan.request.platforms)
    : undefined;
  if (local === undefined) bench.forgetName(bench.name); // until somebody fetches it
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
    bytecode: [],
    warnings: [],
    metadata: {},
  };
}

/** The config of an image that was pulled by this digest: on the classic store the engine's Id. */
function readConfigDigest({ id, manifest }: LocalImage, digest: Digest): Digest | undefined {
  return manifest === undefined && id !== digest ? id : manifest?.configDigest;
}
