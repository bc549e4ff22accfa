import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import { type Platform, parsePlatform } from '../../model/platform.ts';
import { requireBuildkit } from '../../plan/builder.ts';
import { planBuildxNeeds } from '../../plan/machine.ts';
import { runsElsewhereBuilt } from '../../plan/per-platform.ts';
import { listForeign, planPlatforms } from '../../plan/platforms.ts';
import { currentContext } from '../engine/endpoint.ts';
import type { Workbench } from '../workbench.ts';
import { findBuildx } from './find.ts';
import { findBuilder } from './find-builder.ts';
import { outlivesJob } from './outlives.ts';
import { readBuildxVersion } from './version.ts';

/** Finds the builder, and asks buildx for its version only where an input needs a newer one than the oldest that will do. Where other machines
 * build what the engine here is to run, the engine is asked too what it can run.
 * @throws ActionError `builder-missing`, `timeout`, `cancelled`. */
export async function readBuilder(bench: Workbench, inputs: Inputs) {
  const { build } = inputs;
  const { cancel, folder } = bench;
  const buildx = await findBuildx(bench.environment.all);
  const isAsked = planBuildxNeeds(build) !== undefined;
  const [builder, buildxVersion] = await Promise.all([
    findBuilder(buildx, { name: build.builder, platforms: build.platforms, folder }, cancel),
    isAsked ? readBuildxVersion(buildx, cancel) : undefined,
  ]);
  requireBuildkit(builder, build);
  const asked = build.platforms;
  const machine = asked.length === 0 ? undefined : await readMachine(bench);
  const platforms = planPlatforms(asked, builder, machine);
  const foreign = machine === undefined ? [] : listForeign(asked, machine);
  if (foreign.length > 0 && runsElsewhereBuilt(builder, inputs))
    await findBuilder(buildx, { name: currentContext(buildx.env), platforms: foreign, folder }, cancel);
  return { buildx, builder, buildxVersion, platforms, lasts: await outlivesJob(builder, bench, cancel) };
}

async function readMachine(bench: Workbench): Promise<Platform | undefined> {
  const engine = await bench.findInfo();
  return engine instanceof ActionError ? undefined : parsePlatform(engine.platform);
}
