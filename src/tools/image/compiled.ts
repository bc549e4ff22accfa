import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import { type BytecodeReport, parseBytecodeReport } from '../../model/bytecode.ts';
import type { BuildRequest } from '../../plan/build-plan.ts';
import type { BuiltImage } from '../buildx/buildx.ts';
import { type BuildContext, fingerprint } from '../checkout/build-context.ts';

/** An image, and what its compile step says; undefined where it has none. */
export interface CompiledImage extends BuiltImage {
  readonly bytecode: BytecodeReport | undefined;
}

/** Builds the image with its bytecode, all in one solve. Where that cannot be, for want of Python above all, and only `on` is asked
 * for, a second solve of the same without bytecode makes the image, provided that the context is still what it was: all of it is
 * cached by then.
 * @throws ActionError `bytecode-failed`; what `solve` throws. */
export async function bakeCompiled(
  request: BuildRequest,
  work: {
    readonly solve: (request: BuildRequest) => Promise<BuiltImage>;
    readonly context: BuildContext;
    readonly tell: (notice: string) => void;
  },
): Promise<CompiledImage> {
  const { solve, context, tell } = work;
  const { bytecode } = request;
  if (bytecode === undefined) return { ...(await solve(request)), bytecode };
  const before = fingerprint(context);
  const requireSame = (cause: unknown): void => {
    if (fingerprint(context) === before) return;
    throw new ActionError('bytecode-failed', `${(cause as Error).message}; and the build context has changed since`, {
      hint: 'leave `bytecode` out for this image, or keep what the tests write out of the context with .dockerignore',
      cause,
    });
  };
  try {
    await requireNoTriggers(request, context);
    const image = await solve(request);
    const report = await readReport(bytecode.reportFolder);
    const { judgeReport } = await import('../../plan/bytecode/verdict.ts');
    for (const notice of judgeReport(bytecode.mode, report)) tell(notice);
    return { ...image, bytecode: report };
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'bytecode-failed' || bytecode.mode === 'require') throw error;
    requireSame(error);
    tell(`the image ships without bytecode: ${error.message}`);
    const image = await solve({ ...request, bytecode: undefined });
    requireSame(error);
    return { ...image, bytecode: undefined };
  }
}

async function requireNoTriggers(request: BuildRequest, context: BuildContext): Promise<void> {
  const { findTriggers } = await import('../../plan/bytecode/triggers.ts'); // its parser of Dockerfiles takes time to load
  const [line] = findTriggers(context.dockerfile, request.target);
  if (line === undefined) return;
  throw new ActionError(
    'bytecode-failed',
    `${context.file}:${line}: ONBUILD would run in the compile step and be lost`,
    {
      hint: 'an image that others build on leaves compiling to them: leave `bytecode` out',
    },
  );
}

async function readReport(folder: string): Promise<BytecodeReport> {
  const path = join(folder, 'report.json');
  try {
    return parseBytecodeReport(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ActionError('bytecode-failed', `what the compile step says cannot be read: ${(cause as Error).message}`, {
      hint: 'run it again; if it stays, look at the log above for what the builder did',
      cause,
    });
  }
}
