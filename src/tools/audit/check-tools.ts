import { auditLimit } from '../../model/limits.ts';
import { whyKnown } from '../../plan/checks.ts';
import { say } from '../actions.ts';
import type { Desk, Tools } from '../tools.ts';

/** What looks into the image before it is public, and what only tells of it. Rules and readers are loaded where they are needed: most
 * runs need none. */
export function openCheckTools(desk: Desk): Pick<Tools, 'check' | 'checkBeside'> {
  const { bench, inputs, tell } = desk;
  return {
    check: async (image, { plan, asked, holdAt }) => {
      const { checkImage } = await import('./check-image.ts');
      const { explainHold, planHold } = await import('../../audit/hold.ts');
      const assessment = await checkImage(desk, image, { plan, asked, probes: true, cancel: bench.cancel });
      const hold = planHold(assessment, holdAt);
      if (hold.kind === 'hold') throw explainHold(hold);
    },
    checkBeside: async (image, { plan, asked }) => {
      if (inputs.checks.mode !== 'report') return;
      const known = whyKnown(image);
      if (known !== undefined) return say(`the image is not checked: ${known}`);
      const limit = AbortSignal.timeout(auditLimit);
      try {
        const { checkImage } = await import('./check-image.ts');
        const cancel = AbortSignal.any([bench.cancel, limit]);
        await checkImage(desk, image, { plan, asked, probes: false, cancel });
      } catch (error) {
        if (bench.cancel.aborted) return;
        const why = limit.aborted ? `it was not read within ${auditLimit / 1_000} s` : messageOf(error);
        tell('', [`the image was not checked: ${why}`]);
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
