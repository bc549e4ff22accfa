import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import { type Platform, parsePlatform } from '../../model/platform.ts';
import { requireBuildkit } from '../../plan/builder.ts';
import { planBuildxNeeds } from '../../plan/machine.ts';
import { planPlatforms } from '../../plan/platforms.ts';
import type { Workbench } from '../workbench.ts';
import { findBuildx } from './find.ts';
import { findBuilder } from './find-builder.ts';
import { outlivesJob } from './outlives.ts';
import { readBuildxVersion } from './version.ts';

/** Finds the builder, and asks buildx for its version only where an input needs a newer one than the oldest that will do.
 * @throws ActionError `builder-missing`, `timeout`, `cancelled`. */
export async function readBuilder(bench: Workbench, build: Inputs['build']) {
  const { cancel, folder } = bench;
  const buildx = await findBuildx(bench.environment.all);
  const isAsked = planBuildxNeeds(build) !== undefined;
  const [builder, buildxVersion] = await Promise.all([
    findBuilder(buildx, { name: build.builder, platforms: build.platforms, folder }, cancel),
    isAsked ? readBuildxVersion(buildx, cancel) : undefined,
  ]);
  requireBuildkit(builder, build);
  const asked = build.platforms;
  const platforms = asked.length === 0 ? [] : planPlatforms(asked, builder, await readMachine(bench));
  return { buildx, builder, buildxVersion, platforms, lasts: await outlivesJob(builder, bench, cancel) };
}

async function readMachine(bench: Workbench): Promise<Platform | undefined> {
  const engine = await bench.findInfo();
  return engine instanceof ActionError ? undefined : parsePlatform(engine.platform);
}
