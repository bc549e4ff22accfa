import { ActionError } from '../../errors.ts';
import type { PlatformBytecode } from '../../model/bytecode.ts';
import { aboutPlatform } from '../../model/platform.ts';
import { type BytecodeContent, lookForBytecode } from '../../plan/bytecode/look.ts';
import { proveBytecode } from '../../plan/bytecode/proof.ts';
import { judgeBytecode, type PlatformProof } from '../../plan/bytecode/proof-verdict.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { planContainerEnvironment } from '../../plan/test-environment.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { describeBytecode } from '../../report/bytecode.ts';
import { type ImageContents, readEngineImage } from '../image-reader/read-image.ts';
import type { Workbench } from '../workbench.ts';
import { measureStarts, proveByStarting, type StartWork } from './starts.ts';

/** Proves that the interpreters of an image load the bytecode that was compiled into it: by its files, and by starting it, one platform
 * after another. What was found out is kept before anything is refused. An image that nothing was compiled into has nothing to prove.
 * @throws ActionError `bytecode-failed` where `require` asks for more than is there, or a `.pyc` holds other code than its source's;
 * `image-unreadable`, `engine-missing`, `cancelled`. */
export async function proveCompiled(
  bench: Workbench,
  { localId, bytecode }: BuiltImage,
  work: {
    readonly plan: Pick<RunPlan, 'request' | 'tests'>;
    readonly keep: (proofs: readonly PlatformProof[]) => void;
    readonly tell: (line: string, notices: readonly string[]) => void;
  },
): Promise<void> {
  const { plan, keep, tell } = work;
  const asked = plan.request.bytecode;
  if (asked === undefined || localId === undefined) return;
  const variables = planContainerEnvironment(bench.environment.all, plan.tests.env);
  const proofs: PlatformProof[] = [];
  for (const report of bytecode) {
    const about = aboutPlatform(report.platform);
    const proof = await prove(bench, { image: localId, report, variables });
    proofs.push(proof);
    keep(proofs);
    for (const line of describeBytecode(report, proof)) tell(`${about}${line}`, []);
    const { refusal, notices } = judgeBytecode(asked.mode, proof);
    tell(
      '',
      notices.map((one) => `${about}${one}`),
    );
    if (refusal === undefined) continue;
    throw new ActionError('bytecode-failed', `${about}bytecode: ${refusal}`, {
      hint: 'add folders with `bytecode-paths`, or leave modules out with `bytecode-exclude`; `bytecode: on` tells of slow starts and ships all the same',
    });
  }
}

async function prove(bench: Workbench, at: Omit<StartWork, 'contents'>): Promise<PlatformProof> {
  const { report } = at;
  const contents = await readContents(bench, at.image, report);
  const files = proveBytecode(contents.tree, report, contents.config.env);
  const started = await proveByStarting(bench, { ...at, contents });
  const times = await measureStarts(bench, { ...at, contents }, started);
  return { platform: report.platform, files, start: started.proof, times };
}

function readContents(
  bench: Workbench,
  image: string,
  report: PlatformBytecode,
): Promise<ImageContents<BytecodeContent>> {
  const look = lookForBytecode(report);
  return readEngineImage(bench.engine, { image, platform: report.platform }, { look, cancel: bench.cancel });
}
