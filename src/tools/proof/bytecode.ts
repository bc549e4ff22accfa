import { ActionError } from '../../errors.ts';
import type { BytecodeReport } from '../../model/bytecode.ts';
import { type BytecodeContent, lookForBytecode } from '../../plan/bytecode/look.ts';
import { proveBytecode } from '../../plan/bytecode/proof.ts';
import { type BytecodeProof, judgeBytecode } from '../../plan/bytecode/proof-verdict.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { planContainerEnvironment } from '../../plan/test-environment.ts';
import type { BuiltImage } from '../../report/built-image.ts';
import { describeBytecode } from '../../report/bytecode.ts';
import { type ImageContents, readEngineImage } from '../image-reader/read-image.ts';
import type { Workbench } from '../workbench.ts';
import { measureStarts, proveByStarting } from './starts.ts';

/** Proves that the interpreters of an image load the bytecode that was compiled into it: by its files, and by starting it. What was found
 * out is kept before anything is refused. An image that nothing was compiled into has nothing to prove.
 * @throws ActionError `bytecode-failed` where `require` asks for more than is there, or a `.pyc` holds other code than its source's;
 * `image-unreadable`, `engine-missing`, `cancelled`. */
export async function proveCompiled(
  bench: Workbench,
  { localId, bytecode: report }: BuiltImage,
  work: {
    readonly plan: Pick<RunPlan, 'request' | 'tests'>;
    readonly keep: (proof: BytecodeProof) => void;
    readonly tell: (line: string, notices: readonly string[]) => void;
  },
): Promise<void> {
  const { plan, keep, tell } = work;
  const asked = plan.request.bytecode;
  if (asked === undefined || report === undefined || localId === undefined) return;
  const contents = await readContents(bench, localId, report);
  const files = proveBytecode(contents.tree, report, contents.config.env);
  const variables = planContainerEnvironment(bench.environment.all, plan.tests.env);
  const startWork = { image: localId, report, variables, contents };
  const started = await proveByStarting(bench, startWork);
  const times = await measureStarts(bench, startWork, started);
  const proof = { files, start: started.proof, times };
  keep(proof);
  for (const line of describeBytecode(report, proof)) tell(line, []);
  const { refusal, notices } = judgeBytecode(asked.mode, proof);
  tell('', notices);
  if (refusal === undefined) return;
  throw new ActionError('bytecode-failed', `bytecode: ${refusal}`, {
    hint: 'add folders with `bytecode-paths`, or leave modules out with `bytecode-exclude`; `bytecode: on` tells of slow starts and ships all the same',
  });
}

function readContents(
  bench: Workbench,
  image: string,
  report: BytecodeReport,
): Promise<ImageContents<BytecodeContent>> {
  const look = lookForBytecode(report);
  return readEngineImage(bench.engine, { image, platform: undefined }, { look, cancel: bench.cancel });
}
