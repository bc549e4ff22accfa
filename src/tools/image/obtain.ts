import type { RunPlan } from '../../plan/run-plan.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import type { LocalImage } from '../engine/images.ts';
import type { Registries } from '../registry/registries.ts';
import { adoptBesideTests } from './adopt.ts';
import type { CompiledImage } from './compiled.ts';
import { describeBuilt, lookEarly, prepareDescription } from './describe.ts';
import { FirstFailure, openGate } from './side-by-side.ts';
import { type Builder, runBake, runHostTests } from './solve.ts';

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
  if (plan.request.delivery !== 'by-engine') bench.forgetName(bench.name); // nothing of this run will ever be there
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
  let isEarly = false;
  let local: Promise<LocalImage | undefined> | undefined;
  const onExported = (): void => {
    if (plan.tests.host !== undefined || plan.tests.stage !== undefined) return; // they may be at it yet
    isEarly = true;
    builder.atRest();
    if (plan.request.delivery === 'by-engine') local = lookEarly(builder);
  };
  const build = first.watch(runBake(builder, plan, { onContextRead, onExported, quiet, cancel: first.signal }));
  setImmediate(() => {
    // while the plugin is starting it costs nobody anything
    builder.mark.take();
    prepareDescription();
  });
  const runTests = (): Promise<void> => {
    running = runHostTests({ ...builder, cancel: first.signal }, plan.tests);
    return running;
  };
  const tests = first.watch(gate.opened.then(runTests));
  build.finally(gate.open).catch(() => undefined);
  await first.settle([build, tests]);
  if (!isEarly) builder.atRest();
  const image = await build;
  tellCacheFailures(builder, image);
  return describeBuilt(builder, image, { request: plan.request, seen: await local });
}

/** Where the builder reads caches itself nobody but BuildKit knows of one that failed. */
function tellCacheFailures({ caches, tell }: Builder, { summary }: CompiledImage): void {
  if (caches.relay !== undefined) return;
  for (const { ref, reason } of summary.cacheFailures)
    tell(`the cache ${ref} cannot be read, so this build goes without it: ${reason}`);
}
