import { type Assessment, assess } from '../../audit/assessment.ts';
import { audit } from '../../audit/audit.ts';
import type { ImageFacts } from '../../audit/image-facts.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { renderChecksLine } from '../../report/checks-line.ts';
import type { BuiltImage } from '../../report/facts.ts';
import type { Asked } from '../checkout/git-context.ts';
import { fetchAdopted } from '../publish/upload.ts';
import type { Desk } from '../tools.ts';
import { readDockerfileFacts } from './read-dockerfile-facts.ts';
import { readImageFacts } from './read-image-facts.ts';

/** What is checked of an image, and how far. */
export interface CheckWork {
  readonly plan: RunPlan;
  readonly asked: Asked;
  /** Whether it is run too. */
  readonly probes: boolean;
  readonly cancel: AbortSignal;
}

/** Reads an image, runs it where that is asked for, and says what rules and BuildKit found. A reused image comes to the engine for it.
 * @throws ActionError `image-unreadable`, `engine-missing`, `cancelled`; what fetching an image throws. */
export async function checkImage(desk: Desk, image: BuiltImage, work: CheckWork): Promise<Assessment> {
  const { bench, inputs } = desk;
  const { plan, asked, cancel } = work;
  const began = performance.now();
  const id = image.localId ?? (await fetchId(desk, plan));
  const dockerfile = readDockerfileFacts(asked, {
    workspace: bench.environment.workspace,
    target: plan.request.target,
  });
  const [platform, ...others] = plan.request.platforms;
  if (others.length > 0) desk.tell('', [`of several platforms the image for ${platform} is the one that is checked`]);
  const source = { kind: 'engine', engine: bench.engine, image: id, platform } as const;
  const facts: ImageFacts = await readImageFacts(source, dockerfile, cancel);
  const warnings = image.reused ? undefined : image.warnings;
  const assessment = assess(audit(facts), { facts, ignores: inputs.checks.ignore, warnings });
  desk.tell(renderChecksLine(assessment, performance.now() - began), assessment.notices);
  return desk.journal.keep('audit', assessment);
}

async function fetchId({ bench, registries }: Desk, { adoption, request }: RunPlan): Promise<string> {
  if (adoption.kind === 'adopt') return (await fetchAdopted({ bench, registries }, adoption, request.platforms)).id;
  throw new Error('an image is to be checked that did not come to the engine');
}
