import type { BuildSummary } from '../../model/build-progress.ts';
import type { BakePlan } from '../../plan/build-plan.ts';
import { explainOldBuildx, isOlder, oldestBuildx } from '../../plan/machine.ts';
import type { Exit } from '../command.ts';
import { explainFailure } from './failure.ts';
import type { Buildx } from './find.ts';
import { planRepeat } from './repeat.ts';
import { type BakeWatch, type PluginEnd, runPlugin } from './run.ts';
import { readBuildxVersion } from './version.ts';

/** What the plugin did. */
export interface Solved {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly summary: BuildSummary;
  readonly ms: number;
}

/** Has the plugin do what a plan asks for, and once more where that can help.
 * @throws ActionError `build-failed`, `test-failed`, `builder-missing`, `timeout`, `cancelled`. */
export async function solve(buildx: Buildx, plan: BakePlan, watch: BakeWatch): Promise<Solved> {
  const began = performance.now();
  let isFree = false;
  const onContextRead = (): void => {
    if (!isFree) watch.onContextRead();
    isFree = true;
  };
  const attempt = async (tried: BakePlan): Promise<PluginEnd> => {
    const limit = watch.limit - (performance.now() - began);
    const end = await runPlugin(buildx, tried, { ...watch, limit, onContextRead });
    if (end.exit.code !== 0 && end.summary.steps.length === 0) {
      // found out within 40 ms and before anything ran: asking every buildx for its version first would cost all that time
      if (asksNoLeave(end.summary) && tried.args.some(isLeave)) return attempt(withoutLeave(tried));
      await requireNewEnough(buildx, watch.cancel);
    }
    return end;
  };
  const first = await attempt(plan);
  const wasFree = isFree;
  const mayRepeat = (): boolean => !wasFree || watch.spare.isUntouched();
  let last = first;
  for (let tries = 1; !hasSucceeded(last.exit); tries++) {
    const repeat = planRepeat(plan, last, watch.spare);
    if (repeat === undefined || tries >= repeat.most || !mayRepeat())
      throw explainFailure(plan, last.exit, last.summary);
    watch.onLine(repeat.because);
    last = await attempt(repeat.plan);
    // tests may have run beside it: what they wrote must not be in the image
    if (hasSucceeded(last.exit) && !mayRepeat()) throw explainFailure(plan, first.exit, first.summary);
  }
  onContextRead();
  return { ...last, ms: performance.now() - began };
}

/** Buildx before 0.17 knows no `--allow`, and lets everything through that the flag would. */
function asksNoLeave({ tail }: BuildSummary): boolean {
  return tail.some((line) => line === 'ERROR: unknown flag: --allow' || line === 'unknown flag: --allow');
}

/** Asked where a build ended before its first step: with an old plugin that is why.
 * @throws ActionError `builder-missing` with the version. */
async function requireNewEnough(buildx: Buildx, cancel: AbortSignal): Promise<void> {
  const version = await readBuildxVersion(buildx, cancel);
  if (isOlder(version, oldestBuildx)) throw explainOldBuildx(version, oldestBuildx, undefined);
}

function hasSucceeded({ code, signal }: Exit): boolean {
  return code === 0 && signal === null;
}

function isLeave(arg: string): boolean {
  return arg.startsWith('--allow=');
}

function withoutLeave(plan: BakePlan): BakePlan {
  return { ...plan, args: plan.args.filter((arg) => !isLeave(arg)) };
}
