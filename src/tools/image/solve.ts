import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import { type BakePlan, type BuildRequest, planBake, planTestBake } from '../../plan/build-plan.ts';
import type { Grants } from '../../plan/grants.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { planTestEnvironment } from '../../plan/test-environment.ts';
import { listen } from '../actions.ts';
import { type BakeWatch, type Buildx, bake, solveTestStage } from '../buildx/buildx.ts';
import type { BuildContext } from '../checkout/build-context.ts';
import { withSecrets } from '../secrets.ts';
import type { Workbench } from '../workbench.ts';
import { type CacheSupply, withCaches } from './cache-supply.ts';
import { bakeCompiled, type CompiledImage } from './compiled.ts';
import type { ContextMark } from './context-mark.ts';
import { runScript, type TestReport } from './tests.ts';

/** What a build needs beside the plan. */
export interface Builder extends TestReport {
  readonly bench: Workbench;
  readonly buildx: Buildx;
  readonly limit: number;
  readonly context: BuildContext;
  readonly caches: CacheSupply;
  readonly mark: ContextMark;
  /** Told once the image is made, which may still come to nothing, and no test beside it is left; again where it is made again. */
  readonly atRest: () => void;
  /** What has changed, since the mark was taken, that another solve would take; undefined where that is nothing. */
  readonly findTouched: () => string | undefined;
}

/** Runs the host tests that a plan asks for.
 * @throws ActionError `test-failed`, `timeout`, `cancelled`. */
export async function runHostTests(
  builder: Pick<Builder, 'bench' | 'report' | 'tell'> & { readonly cancel: AbortSignal },
  tests: Inputs['tests'],
): Promise<void> {
  if (tests.host === undefined || builder.cancel.aborted) return;
  const { environment } = builder.bench;
  const env = planTestEnvironment(environment.all, tests.env, tests.withheld);
  const { limit } = tests;
  const about = { kind: 'test', platform: undefined } as const;
  const script = { ...about, script: tests.host, cwd: environment.workspace, env, limit };
  await runScript(script, builder, builder.cancel);
}

/** Builds the image and, in the same solve, its test stage. */
export async function runBake(
  builder: Builder,
  plan: RunPlan,
  watch: Watch & { readonly quiet: () => Promise<boolean> },
): Promise<CompiledImage> {
  const { bench } = builder;
  const tools = { buildx: builder.buildx, engine: bench.engine };
  const solve = (request: BuildRequest) =>
    solveWith(
      builder,
      { request, grants: plan.grants, source: 'build', watch, planSolve: planBake },
      (solved, watched) => bake(tools, solved, watched),
    );
  return reportStage(builder, plan.request.testTarget, bakeCompiled(plan.request, { ...builder, ...watch, solve }));
}

export type Watch = Pick<BakeWatch, 'onContextRead' | 'onExported' | 'cancel'>;

/** What a solve is made of. */
export interface Solve {
  readonly request: BuildRequest;
  readonly grants: Grants;
  /** Stands before its lines in the log. */
  readonly source: 'build' | 'cache' | 'push';
  readonly watch: Watch;
  readonly planSolve: (request: BuildRequest) => BakePlan | undefined;
}

/** Plans a solve over caches that the builder can read, and runs it with the secrets that it is granted.
 * @throws Error where there is nothing to solve. */
export function solveWith<T>(
  builder: Pick<Builder, 'bench' | 'limit' | 'caches' | 'mark'>,
  work: Solve,
  solve: (plan: BakePlan, watch: BakeWatch) => Promise<T>,
): Promise<T> {
  const { bench, limit, caches, mark } = builder;
  const { watch, grants } = work;
  const planSolve = (request: BuildRequest): BakePlan => {
    const asked = work.planSolve(request);
    if (asked === undefined) throw new Error('there is nothing to solve');
    return asked;
  };
  const without = { ...work.request, cache: { ...work.request.cache, from: [] } };
  const { stdout } = listen(work.source);
  return withCaches(caches, work.request, (request, { trouble, rename }) => {
    const spare = {
      withoutCache: request.cache.from.length === 0 ? undefined : planSolve(without),
      cacheTrouble: trouble,
      isUntouched: mark.isUntouched,
      mayMakeAnew: work.source === 'build',
    };
    const fixed = { ...watch, limit, folder: bench.folder, onLine: (line: string) => stdout(rename(line)), spare };
    return withSecrets(grants, (secretEnv) => solve(planSolve(request), { ...fixed, secretEnv }));
  });
}

/** Notes how a test stage ended: with its solve, or as what made that fail. */
async function reportStage<T>({ report }: Builder, stage: string | undefined, solve: Promise<T>): Promise<T> {
  const began = performance.now();
  const note = (passed: boolean): void => {
    if (stage !== undefined)
      report({ kind: 'test-target', command: stage, platform: undefined, passed, ms: performance.now() - began });
  };
  try {
    const solved = await solve;
    note(true);
    return solved;
  } catch (error) {
    if (error instanceof ActionError && error.code === 'test-failed') note(false);
    throw error;
  }
}

/** Runs the test stage alone, for an image that exists. */
export async function runStage(builder: Builder, plan: RunPlan, watch: Watch): Promise<void> {
  if (plan.tests.stage === undefined) return;
  const { request, grants } = plan;
  const work = { request, grants, source: 'build', watch, planSolve: planTestBake } as const;
  const solved = solveWith(builder, work, (solve, watched) => solveTestStage(builder.buildx, solve, watched));
  await reportStage(builder, plan.tests.stage, solved);
}
