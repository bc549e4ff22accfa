import { randomBytes } from 'node:crypto';
import type { PythonProbe } from '../../audit/python-probe.ts';
import { blamesProgram } from '../../audit/start-failure.ts';
import { parsePythonReport } from '../../plan/probes/python-report.ts';
import type { Engine } from '../engine/call.ts';
import { startCell, withCell } from './cell.ts';
import type { CellPlan } from './cell-plan.ts';
import { readOutput } from './output.ts';
import pythonProbe from './python.py';
import { waitForEnd } from './watch.ts';

/** For each of the two questions that take long. */
const seconds = 8;
/** Milliseconds for all of them. */
const limit = 25_000;

/** Asks the image's Python about itself.
 * @param pythons what it may be called, the likeliest first.
 * @returns undefined where the image has none of these.
 * @throws Error where it has one that does not answer, or cannot be started whatever it is; as `withCell`. */
export async function askPython(
  engine: Engine,
  plan: Omit<CellPlan, 'program' | 'args'>,
  asked: { readonly pythons: readonly string[]; readonly modules: readonly string[]; readonly cancel: AbortSignal },
): Promise<PythonProbe | undefined> {
  const { pythons, modules, cancel } = asked;
  const token = randomBytes(16).toString('hex');
  const question = JSON.stringify({ token, seconds, modules });
  for (const python of pythons) {
    const program = [python, '-B', '-c', pythonProbe, question] as const;
    const found = await withCell(
      engine,
      { ...plan, program, args: undefined },
      {
        cancel,
        work: async (cell) => {
          const refusal = await startCell(cell);
          if (refusal !== '' && !blamesProgram(refusal)) throw new Error(refusal);
          if (refusal !== '') return undefined;
          await waitForEnd(cell, limit);
          const report = parsePythonReport(await readOutput(cell), token, cell.show);
          if (report === undefined) throw new Error(`${python} of the image did not answer`);
          return report;
        },
      },
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
