import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { DockerfileFacts } from '../../audit/dockerfile-facts.ts';
import { wantedOfContext } from '../../audit/wanted-files.ts';
import { ActionError } from '../../errors.ts';
import { findStage, readStages } from '../../plan/dockerfile-stages.ts';
import { readBuildContext } from '../checkout/build-context.ts';
import { type ContextListing, sendsGit } from '../checkout/context-files.ts';
import type { Asked } from '../checkout/git-context.ts';
import { listSent } from '../checkout/sent-files.ts';

const mostFiles = 50_000;
const mostText = 16 * 1024 ** 2;

/** What a Dockerfile says where no run asks: its folder is the build context.
 * @throws ActionError `invalid-input` where it, or the stage, is missing. */
export function readDockerfile(path: string, target: string | undefined): DockerfileFacts {
  const workspace = dirname(path);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    throw new ActionError('invalid-input', `there is no Dockerfile ${path}`, { hint: 'name the file itself' });
  const context = readBuildContext(workspace, { context: '.', file: path });
  if (target !== undefined && findStage(readStages(context.dockerfile), target) < 0)
    throw new ActionError('invalid-input', `${path} has no stage ${JSON.stringify(target)}`, {
      hint: 'a stage is named by its FROM … AS name, or counted from 0',
    });
  const files = { sent: listSent(context) };
  return readDockerfileFacts({ context, files, sendsGit: sendsGit(context) }, { workspace, target });
}

/** What a run knows of its Dockerfile and build context. Paths are those of the run's beginning; of texts that a test has changed since
 * the new one is read.
 * @param target the stage that was built; undefined for the last one. */
export function readDockerfileFacts(
  {
    context,
    files,
    sendsGit: withGit,
  }: Pick<Asked, 'context' | 'sendsGit'> & { readonly files: Pick<ContextListing, 'sent'> },
  { workspace, target }: { readonly workspace: string; readonly target: string | undefined },
): DockerfileFacts {
  const contextFiles = [...(withGit ? ['.git/config'] : []), ...files.sent].slice(0, mostFiles);
  const contextTexts = new Map<string, string>();
  let left = mostText;
  for (const path of contextFiles) {
    const text = readText(join(context.path, path), Math.min(wantedOfContext(`/${path}`), left));
    if (text === undefined) continue;
    left -= text.length;
    contextTexts.set(path, text);
  }
  return {
    file: relative(workspace, context.file),
    text: context.dockerfile,
    target,
    ignore: context.ignore,
    contextFiles,
    contextTexts,
  };
}

/** Undefined for what is too long, no file, or gone since it was listed. */
function readText(path: string, most: number): string | undefined {
  if (most === 0) return undefined;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > most) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not ours to read: the builder will tell
  }
}
