import { ActionError, formatThrown } from '../../errors.ts';
import { auditLimit } from '../../model/limits.ts';
import { findPlatform, type Platform, runsNatively } from '../../model/platform.ts';
import { tellUnchecked, whyKnown } from '../../plan/checks.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { say } from '../actions.ts';
import type { Desk, Tools } from '../tools.ts';
import type { CheckWork } from './check-image.ts';

/** What looks into the image before it is public, and what only tells of it. Rules and readers are loaded where they are needed: most
 * runs need none. */
export function openCheckTools(desk: Desk): Pick<Tools, 'check' | 'checkBeside' | 'checkLanded'> {
  const { bench, inputs, journal } = desk;
  return {
    check: async (image, { plan, asked, holdAt }) => {
      const { checkImage } = await import('./check-image.ts');
      const { explainHold, planHold } = await import('../../audit/hold.ts');
      const fixed = { plan, asked, landed: undefined, cancel: bench.cancel };
      for (const [at, one] of (await orderPlatforms(desk, plan.request.platforms)).entries()) {
        const assessment = await checkImage(desk, image, { ...fixed, ...one });
        const hold = planHold(assessment, holdAt);
        if (at === 0 || hold.kind === 'hold') journal.keep('audit', assessment);
        if (hold.kind === 'hold') throw explainHold(hold);
      }
    },
    checkBeside: async (image, work) => {
      if (!isAway(image, work)) await reportOn(desk, image, { ...work, landed: undefined });
    },
    checkLanded: async (image, [landed], work) => {
      if (!isAway(image, work)) return;
      if (landed !== undefined) return reportOn(desk, image, { ...work, landed });
      if (inputs.checks.mode === 'report')
        say(
          tellUnchecked(
            journal.keep('unchecked', 'it did not come to this machine, and no tag of a registry holds it'),
          ),
        );
    },
  };
}

/** Reads the image for a report alone, which holds nothing: one that cannot be made is a notice. */
async function reportOn(
  desk: Desk,
  image: BuiltImage,
  work: Pick<CheckWork, 'plan' | 'asked' | 'landed'>,
): Promise<void> {
  const { bench, inputs, journal, tell } = desk;
  if (inputs.checks.mode !== 'report') return;
  const known = whyKnown(image);
  if (known !== undefined) return say(tellUnchecked(journal.keep('unchecked', known)));
  const limit = AbortSignal.timeout(auditLimit);
  try {
    const { checkImage } = await import('./check-image.ts');
    const cancel = AbortSignal.any([bench.cancel, limit]);
    const [first] = await orderPlatforms(desk, work.plan.request.platforms);
    const about = { ...work, platform: first?.platform, runs: false, cancel };
    journal.keep('audit', await checkImage(desk, image, about));
  } catch (error) {
    if (bench.cancel.aborted) return;
    const why = limit.aborted ? `it was not read within ${auditLimit / 1_000} s` : formatThrown(error);
    journal.keep('unchecked', why);
    tell('', [`the image was not checked: ${why}`]);
  }
}

/** Whether only a registry that the image was sent to can show it. */
function isAway({ reused }: BuiltImage, { plan }: Pick<CheckWork, 'plan'>): boolean {
  return plan.request.delivery === 'by-builder' && !reused;
}

interface Checked {
  /** undefined: there is one image. */
  readonly platform: Platform | undefined;
  /** Whether this machine runs it without emulation. */
  readonly runs: boolean;
}

/** This machine's own first: it is what a report of one is about. */
async function orderPlatforms({ bench }: Desk, asked: readonly Platform[]): Promise<readonly Checked[]> {
  if (asked.length === 0) return [{ platform: undefined, runs: true }];
  const engine = await bench.findInfo();
  const machine = engine instanceof ActionError ? undefined : findPlatform(engine.platform);
  const all = asked.map((platform) => ({ platform, runs: machine !== undefined && runsNatively(platform, machine) }));
  return [...all.filter(({ runs }) => runs), ...all.filter(({ runs }) => !runs)];
}
