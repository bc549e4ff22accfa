import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../errors.ts';
import type { PlatformBytecode } from '../../model/bytecode.ts';
import { parseBytecodeReport } from '../../model/parse-bytecode.ts';
import type { Platform } from '../../model/platform.ts';
import type { BuildRequest } from '../../plan/build-plan.ts';
import { reportFolderOf } from '../../plan/bytecode/bake.ts';
import type { SolvedImage } from '../buildx/buildx.ts';
import type { BuildContext } from '../checkout/build-context.ts';

/** An image, and what its compile step says, for each platform that is asked for; empty where it has none. */
export interface CompiledImage extends SolvedImage {
  readonly bytecode: readonly PlatformBytecode[];
}

/** Builds the image with its bytecode, of every platform, all in one solve. Where that cannot be, for want of Python above all, and only `on` is asked
 * for, a second solve of the same without bytecode makes the image; all of it is cached by then. It is lent logins and reads the context
 * anew: so it comes after the tests, and only where these have left everything as it was.
 * @throws ActionError `bytecode-failed`; what `solve` throws. */
export async function bakeCompiled(
  request: BuildRequest,
  work: {
    readonly solve: (request: BuildRequest) => Promise<SolvedImage>;
    readonly context: BuildContext;
    readonly tell: (notice: string) => void;
    /** Ends with the tests on the runner; whether any had begun. */
    readonly quiet: () => Promise<boolean>;
    /** What the tests have changed that another solve would take; undefined where that is nothing. */
    readonly findTouched: () => string | undefined;
  },
): Promise<CompiledImage> {
  const { solve, context, tell, quiet, findTouched } = work;
  const { bytecode } = request;
  if (bytecode === undefined) return { ...(await solve(request)), bytecode: [] };
  const requireUntouched = (cause: Error): void => {
    const touched = findTouched();
    if (touched === undefined) return;
    throw new ActionError('bytecode-failed', `${cause.message}; and a test has changed ${touched} since`, {
      hint: 'leave `bytecode` out for this image, or keep what the tests write out of the context with .dockerignore',
      cause,
    });
  };
  try {
    await requireNoTriggers(request, context);
    const image = await solve(request);
    const reports = await readReports(bytecode.reportFolder, request.platforms);
    const { judgeReport } = await import('../../plan/bytecode/verdict.ts');
    for (const report of reports) for (const notice of judgeReport(bytecode.mode, report)) tell(notice);
    return { ...image, bytecode: reports };
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'bytecode-failed' || bytecode.mode === 'require') throw error;
    const tested = await quiet();
    if (tested) requireUntouched(error);
    tell(`the image ships without bytecode: ${error.message}`);
    const image = await solve({ ...request, bytecode: undefined });
    if (tested) requireUntouched(error);
    return { ...image, bytecode: [] };
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

async function readReports(folder: string, platforms: readonly Platform[]): Promise<readonly PlatformBytecode[]> {
  const [only, ...others] = platforms;
  if (others.length === 0) return [await readReport(folder, only)];
  return Promise.all(platforms.map((one) => readReport(reportFolderOf(folder, one), one)));
}

async function readReport(folder: string, platform: Platform | undefined): Promise<PlatformBytecode> {
  const path = join(folder, 'report.json');
  try {
    return { ...parseBytecodeReport(await readFile(path, 'utf8')), platform };
  } catch (cause) {
    throw new ActionError('bytecode-failed', `what the compile step says cannot be read: ${(cause as Error).message}`, {
      hint: 'run it again; if it stays, look at the log above for what the builder did',
      cause,
    });
  }
}
