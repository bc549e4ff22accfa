import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs.ts';
import { type BuildRequest, planBake, planTestBake } from '../../plan/build-plan.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { planTestEnvironment } from '../../plan/test-environment.ts';
import type { TestResult } from '../../report/facts.ts';
import { listen } from '../actions.ts';
import { type BakeWatch, type Buildx, bake, solveTestStage } from '../buildx/buildx.ts';
import type { BuildContext } from '../checkout/build-context.ts';
import { withSecrets } from '../secrets.ts';
import type { Workbench } from '../workbench.ts';
import { bakeCompiled, type CompiledImage } from './compiled.ts';
import { runScript } from './tests.ts';

/** What a build needs beside the plan. */
export interface Builder {
  readonly bench: Workbench;
  readonly buildx: Buildx;
  readonly limit: number;
  readonly context: BuildContext;
  readonly tell: (notice: string) => void;
  readonly report: (result: TestResult) => void;
}

/** Runs the host tests that a plan asks for.
 * @throws ActionError `test-failed`, `timeout`, `cancelled`. */
export async function runHostTests(
  builder: Pick<Builder, 'bench' | 'report'> & { readonly cancel: AbortSignal },
  tests: Inputs['tests'],
): Promise<void> {
  if (tests.host === undefined || builder.cancel.aborted) return;
  const { environment } = builder.bench;
  const env = planTestEnvironment(environment.all, tests.env, tests.withheld);
  const script = { kind: 'test', script: tests.host, cwd: environment.workspace, env, limit: tests.limit } as const;
  await runScript(script, builder.report, builder.cancel);
}

/** Builds the image and, in the same solve, its test stage. */
export async function runBake(builder: Builder, plan: RunPlan, watch: Watch): Promise<CompiledImage> {
  const { bench } = builder;
  const tools = { buildx: builder.buildx, engine: bench.engine };
  const solve = (request: BuildRequest) =>
    withSecrets(plan.grants, (secretEnv) =>
      bake(tools, planBake(request), watchBuild(builder, { ...watch, secretEnv })),
    );
  return reportStage(builder, plan.request.testTarget, bakeCompiled(plan.request, { ...builder, solve }));
}

export type Watch = Pick<BakeWatch, 'onContextRead' | 'cancel'>;

function watchBuild({ bench, limit }: Builder, watch: Watch & Pick<BakeWatch, 'secretEnv'>): BakeWatch {
  return { ...watch, limit, folder: bench.folder, onLine: listen('build').stdout };
}

/** Notes how a test stage ended: with its solve, or as what made that fail. */
async function reportStage<T>({ report }: Builder, stage: string | undefined, solve: Promise<T>): Promise<T> {
  const began = performance.now();
  const note = (passed: boolean): void => {
    if (stage !== undefined) report({ kind: 'test-target', command: stage, passed, ms: performance.now() - began });
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
  const solve = plan.tests.stage === undefined ? undefined : planTestBake(plan.request);
  if (solve === undefined) return;
  const solved = withSecrets(plan.grants, (secretEnv) =>
    solveTestStage(builder.buildx, solve, watchBuild(builder, { ...watch, secretEnv })),
  );
  await reportStage(builder, plan.tests.stage, solved);
}
