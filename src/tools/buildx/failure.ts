import { ActionError } from '../../errors.ts';
import type { BuildSummary } from '../../model/build-progress.ts';
import { isTargetFor } from '../../model/built-steps.ts';
import { saysFull } from '../../model/full-storage.ts';
import type { BakePlan } from '../../plan/build-plan.ts';
import { isCompileStep } from '../../plan/bytecode/targets.ts';
import type { Exit } from '../command.ts';
import { explainBuilder, explainEnd, explainFull, explainPush, explainStart, roomHint } from './builder-failure.ts';
import { lostLayer } from './lost-layer.ts';
import { readTail } from './tail.ts';

/** Turns a failed build into an error a user can act on, in BuildKit's own words: the cause, the step, the lines of the Dockerfile. */
export function explainFailure(plan: BakePlan, exit: Exit, summary: BuildSummary): ActionError {
  const { cause, target, excerpt, line } = readTail(summary.tail);
  const how = exit.signal === null ? `exit status ${exit.code}` : `killed by ${exit.signal}`;
  const reason = cause ?? summary.failed?.error ?? `docker-buildx said nothing (${how})`;
  const step = summary.failed === undefined ? '' : ` in step ${summary.failed.name}`;
  const known =
    explainEnd(exit, summary, reason) ??
    explainPush(reason) ??
    explainFull(exit, plan, reason) ??
    explainLost(step, reason) ??
    explainRequest(plan, summary, reason) ??
    explainBuilder(reason) ??
    explainStart(summary, reason);
  if (known !== undefined) return known;
  if (failedInBytecode(plan, summary, target)) return explainBytecode(summary.failed, reason);
  const isTest = failedInTest(plan, summary, target);
  const subject = isTest ? `the test stage ${plan.testTarget ?? ''} failed` : 'the build failed';
  return new ActionError(
    isTest ? 'test-failed' : 'build-failed',
    [`${subject}${step}: ${reason}`, ...excerpt].join('\n'),
    {
      hint: `${sayFull(summary)}${isTest ? testHint : buildHint}`,
      place: line === undefined ? undefined : { file: plan.dockerfile, line },
    },
  );
}

const testHint = 'nothing was published; what the tests printed is in the log above';
const buildHint =
  'the step’s own output is in the log above; `docker buildx build` with the same files shows it on your machine';

/** A step of the user's own that finds no room fails as any other: only what it prints tells. */
function sayFull({ failed }: BuildSummary): string {
  return saysFull(failed?.said ?? '') ? `it says that no space is left: ${roomHint}; ` : '';
}

/** The error of a builder that ended well and did not say that it did what was asked. */
export function explainSilence(what: string): ActionError {
  return new ActionError('build-failed', `docker-buildx ended with exit status 0 and ${what}`, {
    hint: 'run it again; if it stays, look at the log above for what the builder did',
  });
}

function explainLost(step: string, reason: string): ActionError | undefined {
  const lost = lostLayer(reason);
  if (lost === undefined) return undefined;
  if (lost === 'crossed')
    return new ActionError('build-failed', `the builder crossed itself at a layer${step}: ${reason}`, {
      hint: 'BuildKit does so now and then with `COPY --link` on the containerd image store: run this again, or leave `--link` out',
    });
  return new ActionError('build-failed', `the builder lost a layer that its cache still names${step}: ${reason}`, {
    hint: 'a build that was cancelled left it so, and builds of the same files fail until its step is made anew: run this once with `no-cache: true`, or `docker buildx prune -af` for that builder',
  });
}

/** What was asked for cannot be had: a file, a stage, a base image. */
function explainRequest(plan: BakePlan, { failed }: BuildSummary, reason: string): ActionError | undefined {
  const fail = (message: string, hint: string): ActionError => new ActionError('build-failed', message, { hint });
  if (/^failed to read dockerfile: .*no such file or directory/.test(reason))
    return fail(
      `there is no Dockerfile at ${plan.dockerfile}: ${reason}`,
      'set `file`, and look whether .dockerignore leaves it out',
    );
  const stage = /^target stage "(.*)" could not be found/.exec(reason)?.[1];
  if (stage !== undefined)
    return fail(
      `${plan.dockerfile} has no stage ${JSON.stringify(stage)}`,
      '`target` and `test-target` name stages: `FROM … AS name`',
    );
  if (failed?.name.startsWith('resolve image config for docker-image://'))
    return fail(
      `an image that the builder itself runs cannot be had: ${reason}`,
      '`sbom` names it (`generator=…` takes another), or `# syntax=` in the Dockerfile’s first line; the builder has to reach its registry',
    );
  if (/failed to resolve source metadata/.test(reason))
    return fail(
      `a base image cannot be had: ${reason}`,
      'look at the FROM lines for the name; a private image needs a login before this step',
    );
  if (/x-docker-expose-session-sharedkey/.test(reason))
    // buildx 0.29: the context's path is a header of a shared session
    return fail(
      'buildx cannot build an image and its test stage or bytecode together from a path with letters beyond ASCII',
      'check out into a folder of ASCII letters (`path:` of actions/checkout, or the runner’s work folder), or do without `test-target` and `bytecode`',
    );
  return undefined;
}

/** Test stage and image are one graph: a failure is the tests' only where the step serves them alone. */
function failedInTest(plan: BakePlan, summary: BuildSummary, target: string | undefined): boolean {
  const isTest = (one: string | undefined): boolean => one !== undefined && isTargetFor('test', one);
  if (plan.targets.every(isTest)) return true;
  const targets = summary.failed?.targets ?? [];
  return targets.length > 0 ? targets.every(isTest) : isTest(target);
}

function failedInBytecode({ inner }: BakePlan, { failed }: BuildSummary, target: string | undefined): boolean {
  if (inner.length === 0) return false;
  if (failed !== undefined) return isCompileStep(failed.name);
  return target !== undefined && (isTargetFor('bytecode', target) || isTargetFor('report', target));
}

function explainBytecode(failed: BuildSummary['failed'], cause: string): ActionError {
  const reason = failed?.said || cause;
  const platform = /^\[(linux\/\S+) /.exec(failed?.name ?? '')?.[1]; // there only where several are built for
  const which = platform === undefined ? '' : ` for ${platform}`;
  if (/exec: "python3":/.test(reason))
    return new ActionError(
      'bytecode-failed',
      `there is no Python in the image${which}, or none where it was looked for`,
      {
        hint: 'leave `bytecode` out for this image, or put its `python3` on PATH: ENV PATH=/path/to/venv/bin:$PATH',
      },
    );
  return new ActionError('bytecode-failed', `the bytecode was not made${which}: ${reason}`, {
    hint: 'what the compile step printed is in the log above; without `bytecode` the image is built as its Dockerfile says',
  });
}
