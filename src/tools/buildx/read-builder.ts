import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import type { Builder } from '../../model/builder.ts';
import { type Platform, parsePlatform } from '../../model/platform.ts';
import { type BuilderChoice, requireBuildkit } from '../../plan/builder.ts';
import { planBuildxNeeds } from '../../plan/machine.ts';
import { runsElsewhereBuilt } from '../../plan/per-platform.ts';
import { listBuilt, listForeign, planPlatforms } from '../../plan/platforms.ts';
import { currentContext } from '../engine/endpoint.ts';
import type { Workbench } from '../workbench.ts';
import { type Buildx, findBuildx } from './find.ts';
import { findBuilder, inspectBuilder } from './find-builder.ts';
import { outlivesJob } from './outlives.ts';
import { readBuildxVersion } from './version.ts';

/** What buildx was asked ahead. */
export interface AskedBuilder {
  readonly buildx: Promise<Buildx>;
  readonly seen: Promise<Builder | undefined>;
}

/** Begins to ask buildx who builds: a remote one answers later than anybody else who is asked, and it depends on no other answer. */
export function askBuilder({ environment, folder, cancel }: Workbench, { build }: Inputs): AskedBuilder {
  const question = { name: build.builder, platforms: build.platforms, folder };
  const buildx = findBuildx(environment.all);
  const seen = buildx.then((found) => inspectBuilder(found, question, cancel));
  seen.catch(() => undefined); // told by who waits for it, as is what `buildx` fails with
  return { buildx, seen };
}

/** Finds the builder, and asks buildx for its version only where an input needs a newer one than the oldest that will do. Where another machine
 * builds what the engine here is to run, the engine is asked too what it can run.
 * @throws ActionError `builder-missing`, `timeout`, `cancelled`. */
export async function readBuilder(bench: Workbench, inputs: Inputs, ahead: AskedBuilder) {
  const { build } = inputs;
  const { cancel, folder } = bench;
  const buildx = await ahead.buildx;
  const isAsked = planBuildxNeeds(build) !== undefined;
  const [builder, buildxVersion] = await Promise.all([
    findBuilder(buildx, { name: build.builder, platforms: build.platforms, folder, seen: ahead.seen }, cancel),
    isAsked ? readBuildxVersion(buildx, cancel) : undefined,
  ]);
  requireBuildkit(builder, build);
  const asked = build.platforms;
  const runs = runsElsewhereBuilt(builder, inputs);
  const machine = asked.length === 0 && !runs ? undefined : await readMachine(bench);
  const platforms = planPlatforms(asked, builder, machine);
  const foreign = machine === undefined || !runs ? [] : listForeign(listBuilt(asked, builder), machine);
  if (foreign.length > 0) {
    const own = { name: currentContext(buildx.env), platforms: foreign, folder };
    await findBuilder(buildx, { ...own, seen: inspectBuilder(buildx, own, cancel) }, cancel);
  }
  const lasts = await outlivesJob(builder, bench, cancel);
  return { buildx: keepBuilder(buildx, builder), builder, buildxVersion, platforms, lasts };
}

/** The current builder is whatever somebody chose last, another job under the same home too: the run keeps the one that it looked at. */
function keepBuilder(buildx: Buildx, builder: BuilderChoice): Buildx {
  return builder.kind === 'engine' ? buildx : { ...buildx, env: { ...buildx.env, BUILDX_BUILDER: builder.name } };
}

async function readMachine(bench: Workbench): Promise<Platform | undefined> {
  const engine = await bench.findInfo();
  return engine instanceof ActionError ? undefined : parsePlatform(engine.platform);
}
