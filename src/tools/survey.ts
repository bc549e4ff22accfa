import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import { type Platform, parsePlatform } from '../model/platform.ts';
import type { Holdings } from '../plan/adoption.ts';
import type { LocalName } from '../plan/build-plan.ts';
import { type BuilderChoice, explainElsewhere } from '../plan/builder.ts';
import { planBuilderNotices } from '../plan/builder-notices.ts';
import { contentKey, type FoundBases, unknownBases } from '../plan/content-key.ts';
import type { Destinations } from '../plan/destinations.ts';
import { type Machine, requireEngine } from '../plan/machine.ts';
import { planNoEngineNotices, requireNoEngine } from '../plan/no-engine.ts';
import { runsElsewhereBuilt, solvesPerPlatform } from '../plan/per-platform.ts';
import { planPlatformNotices, planUsualPlatform } from '../plan/platforms.ts';
import type { Rights } from '../plan/rights.ts';
import { planFreshness } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { Verdict } from '../plan/verdict.ts';
import { readBases, readBasesIfNeeded } from './bases.ts';
import type { Buildx } from './buildx/find.ts';
import { type AskedBuilder, readBuilder } from './buildx/read-builder.ts';
import { type FoundCaches, findCaches } from './cache/find-caches.ts';
import type { Asked } from './checkout/git-context.ts';
import type { EngineInfo } from './engine/engine.ts';
import { readHoldings } from './publish/read-holdings.ts';
import type { Registries } from './registry/registries.ts';
import type { Workbench } from './workbench.ts';

/** What was there before anything ran. */
export interface Survey extends FoundCaches {
  readonly buildx: Buildx;
  readonly builder: BuilderChoice;
  readonly holdings: readonly Holdings[];
  /** Content key of what this run would build. */
  readonly key: string;
  readonly bases: FoundBases;
  readonly name: LocalName;
  readonly machine: Machine;
  /** Whether an engine answers. */
  readonly hasEngine: boolean;
  /** What is built for; empty: what the builder builds for anyway. */
  readonly platforms: readonly Platform[];
  readonly notices: readonly string[];
}

/** What a survey is about. */
export interface SurveyQuestion {
  readonly inputs: Inputs;
  readonly asked: Asked;
  readonly wanted: TagPlan;
  readonly rights: Rights;
  readonly push: Verdict;
  readonly destinations: Destinations;
}

/** Asks engine, builder and registries side by side. For a run that publishes, a registry that cannot be read or a login that may
 * not write is an error here, before the build; for the others it costs the cache and a notice.
 * @throws ActionError `engine-missing`, `builder-missing`, `login-missing`, `registry-failed`. */
export async function survey(
  bench: Workbench,
  { registries, asked }: { readonly registries: Registries; readonly asked: AskedBuilder },
  question: SurveyQuestion,
): Promise<Survey> {
  const { inputs, destinations, wanted, push } = question;
  const { name } = bench;
  const notices: string[] = [];
  const tell = (notice: string): void => void notices.push(notice);
  const building = readBuilder(bench, inputs, asked);
  const asking = building.then(({ builder }) => askEngine(bench, builder, inputs));
  const caching = Promise.all([asking, building]).then(([engine, { builder, platforms }]) => {
    const at = { builder, platforms, store: engine?.store ?? 'containerd' } as const;
    return findCaches({ bench, registries, tell }, question, at);
  });
  const looked = push.kind === 'ship' ? destinations.image : [];
  const holding = Promise.all(looked.map((repository) => readHoldings(registries, repository, wanted)));
  const keyed = building.then(async ({ builder, platforms }) =>
    planKey(question, platforms.length === 0 ? await readPlatform(bench, builder) : platforms.toSorted().join()),
  );
  const read = async (): Promise<FoundBases> => {
    const elsewhere = explainElsewhere((await building).builder);
    return elsewhere === '' ? readBases(bench, registries, question) : unknownBases(elsewhere);
  };
  const basing = readBasesIfNeeded(question, { holding, keyed, read });
  const all = [building, asking, caching, holding, keyed, basing] as const;
  const [{ buildx, buildxVersion, ...built }, engine, caches, holdings, key, bases] = await Promise.all(all);
  notices.push(...planNotices(question, { engine, ...built }));
  if (engine === undefined) bench.forgetName(name); // nothing of this run will ever be there
  const { builder, platforms } = built;
  const machine: Machine = {
    store: engine?.store ?? 'containerd',
    engineVersion: engine?.version ?? '',
    buildxVersion,
  };
  const has = { machine, hasEngine: engine !== undefined };
  return { buildx, builder, holdings, ...caches, key, bases, name, ...has, platforms, notices };
}

/** The engine, where one answers.
 * @throws ActionError `engine-missing` where it is too old, or missing and needed. */
async function askEngine(bench: Workbench, builder: BuilderChoice, inputs: Inputs): Promise<EngineInfo | undefined> {
  const found = await bench.findInfo();
  if (found instanceof ActionError) {
    requireNoEngine(builder, inputs, found);
    return undefined;
  }
  requireEngine({ engineVersion: found.version });
  return found;
}

/** What is told of builder, platforms and a missing engine. */
function planNotices(
  { inputs, rights, push, asked }: SurveyQuestion,
  found: Pick<Survey, 'builder' | 'platforms'> & { readonly lasts: boolean; readonly engine: EngineInfo | undefined },
): readonly string[] {
  const { builder, platforms, lasts, engine } = found;
  const { noCache } = planFreshness(inputs, asked.git);
  const use = { role: rights.role, ships: push.kind === 'ship', noCache, platforms, lasts };
  const shared = runsElsewhereBuilt(builder, inputs) ? 'tests of the image' : 'nothing';
  const here = solvesPerPlatform(builder, platforms) ? shared : 'all';
  const emulated =
    engine === undefined ? [] : planPlatformNotices(platforms, { machine: parsePlatform(engine.platform), here });
  return [...planBuilderNotices(builder, use), ...(engine === undefined ? planNoEngineNotices(inputs) : emulated)];
}

async function readPlatform(bench: Workbench, builder: BuilderChoice): Promise<string> {
  const engine = await bench.findInfo();
  return planUsualPlatform(builder, engine instanceof ActionError ? undefined : engine.platform);
}

function planKey({ inputs, asked }: SurveyQuestion, platform: string): string {
  const { bytecode, build } = inputs;
  return contentKey({ files: asked.files, dockerfile: asked.context.dockerfile, platform, bytecode, build });
}
