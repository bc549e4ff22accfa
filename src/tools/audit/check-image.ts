import { assess } from '../../audit/assess.ts';
import type { Assessment } from '../../audit/assessment.ts';
import { audit } from '../../audit/audit.ts';
import { aboutPlatform, type Platform } from '../../model/platform.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { planCheckEnvironment } from '../../plan/test-environment.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { renderCheckLog } from '../../report/check-log.ts';
import { renderChecksLine } from '../../report/checks-line.ts';
import { say } from '../actions.ts';
import type { Asked } from '../checkout/git-context.ts';
import { openLayout } from '../image-reader/layout.ts';
import type { Landed } from '../publish/publish.ts';
import { fetchAdopted } from '../publish/upload.ts';
import type { Desk } from '../tools.ts';
import { readAndRun } from './read-and-run.ts';
import { readDockerfileFacts } from './read-dockerfile-facts.ts';
import { type ImageSource, readImageFacts } from './read-image-facts.ts';

/** What is checked of an image, and how far. */
export interface CheckWork {
  readonly plan: RunPlan;
  readonly asked: Asked;
  /** Which image of several; undefined where there is one. */
  readonly platform: Platform | undefined;
  /** Whether it is run too. */
  readonly runs: boolean;
  /** Where it is read, if that is not the engine. */
  readonly landed: Landed | undefined;
  readonly cancel: AbortSignal;
}

/** Reads an image, runs it where that is asked for, and says what rules and BuildKit found. A reused image comes to the engine for it.
 * @throws ActionError `image-unreadable`, `engine-missing`, `cancelled`; what fetching an image throws. */
export async function checkImage(desk: Desk, image: BuiltImage, work: CheckWork): Promise<Assessment> {
  const { bench, inputs } = desk;
  const { asked, plan, platform, runs, cancel } = work;
  const began = performance.now();
  const { workspace } = bench.environment;
  const dockerfile = readDockerfileFacts(asked, { workspace, target: plan.request.target });
  const source = await chooseSource(desk, image, work);
  const facts =
    source.kind === 'engine' && runs
      ? await readAndRun(source, { dockerfile, cancel }, openProbes(desk, source.image))
      : await readImageFacts(source, dockerfile, cancel);
  const warnings = image.reused ? undefined : image.warnings;
  const assessment = assess(audit(facts), { facts, ignores: inputs.checks.ignore, warnings });
  desk.tell(`${aboutPlatform(platform)}${renderChecksLine(assessment, performance.now() - began)}`, assessment.notices);
  // what is only told beside the upload stands in the summary
  if (runs) for (const line of renderCheckLog({ ...assessment, notices: [] })) say(line);
  return assessment;
}

function openProbes({ bench, inputs }: Desk, image: string): Parameters<typeof readAndRun>[2] {
  const { command, env } = inputs.checks;
  const given = {
    command: command.length === 0 ? undefined : command,
    env: planCheckEnvironment(bench.environment.all, env),
  };
  return async (config, cancel) => {
    const { runProbes } = await import('../probes/run-probes.ts');
    return runProbes(bench, { image, config, cancel, ...given });
  };
}

async function chooseSource(
  desk: Desk,
  { localId, digest }: BuiltImage,
  { plan, landed, platform, cancel }: CheckWork,
): Promise<ImageSource> {
  const { delivery, layout } = plan.request;
  if (delivery === 'by-folder' && digest !== undefined && plan.adoption.kind === 'build')
    return { kind: 'registry', reader: openLayout(layout), digest, platform };
  if (landed === undefined)
    return { kind: 'engine', engine: desk.bench.engine, image: localId ?? (await fetchId(desk, plan)), platform };
  const reader = await desk.registries.readCache(landed.registry.repository, cancel);
  return { kind: 'registry', reader, digest: landed.manifest.digest, platform };
}

async function fetchId({ bench, registries }: Desk, { adoption, request }: RunPlan): Promise<string> {
  if (adoption.kind === 'adopt') return (await fetchAdopted({ bench, registries }, adoption, request.platforms)).id;
  throw new Error('an image is to be checked that did not come to the engine');
}
