import { formatThrown } from '../../errors.ts';
import type { Look } from '../../model/layer-record.ts';
import type { ContainerGlob } from '../../model/report-glob.ts';
import type { TestCounts } from '../../model/test-counts.ts';
import type { Engine } from '../engine/call.ts';
import { readCreated, streamFiles } from '../engine/ended.ts';
import { readLayer } from '../image-reader/layer.ts';
import { createReportReader, type FoundReports, mostFiles, type ReadReport } from './reader.ts';

/** What may be read of one container for one glob: a test may have left a file system full of anything. */
const mostEntries = 100_000;
const mostBytes = 1024 ** 3;
/** Milliseconds for all globs of one container. */
const within = 60_000;

interface Found extends FoundReports {
  readonly files: string[];
  readonly counts: TestCounts[];
  readonly notices: string[];
}

/** Reads the JUnit files that tests wrote inside of a container that has ended, straight from the engine's stream: nothing is
 * written to disk, links are not followed, and what was in the image before is passed over. Never throws: what cannot be read is a notice. */
export async function readContainerReports(
  engine: Engine,
  { container, globs }: { readonly container: string; readonly globs: readonly ContainerGlob[] },
  cancel: AbortSignal,
): Promise<FoundReports> {
  const found: Found = { files: [], counts: [], notices: [] };
  const deadline = AbortSignal.any([cancel, AbortSignal.timeout(within)]);
  const tell = (text: string): void => void found.notices.push(`test-reports: ${text}`);
  try {
    const since = await readCreated(engine, container, deadline);
    if (since === undefined) return found; // it could not even be made, which is the test's failure
    for (const glob of globs) {
      const chunks = await streamFiles(engine, { container, path: glob.base }, deadline);
      const matched = chunks === undefined ? 0 : await readMatches(chunks, glob, { since, found, tell });
      if (matched === 0) tell(`no file in the container matches ${JSON.stringify(glob.glob)}; links are not followed`);
    }
  } catch (error) {
    if (!cancel.aborted) tell(`the container cannot be read: ${formatThrown(error)}`);
  }
  return found;
}

/** Reads the files of one glob; resolves with how many matched. */
async function readMatches(
  chunks: AsyncIterable<Uint8Array>,
  { glob, base, matches }: ContainerGlob,
  { since, found, tell }: { readonly since: number; readonly found: Found; readonly tell: (text: string) => void },
): Promise<number> {
  const above = base.slice(0, base.lastIndexOf('/'));
  const allowance = { entries: mostEntries, bytes: mostBytes };
  let matched = 0;
  const note = (path: string, { counts, problem }: ReadReport): void => {
    if (problem !== undefined) tell(`${JSON.stringify(path)} in the container: ${problem}`);
    if (counts === undefined) return;
    found.files.push(path);
    found.counts.push(counts);
  };
  const look: Look<void> = (name, { mtime }) => {
    const path = `${above}${name}`;
    if (!matches(path) || found.files.includes(path)) return undefined;
    matched += 1;
    if (matched > mostFiles) return undefined;
    const reader = createReportReader();
    if (mtime >= since) return { ...reader, end: () => note(path, reader.end()) };
    note(path, { counts: undefined, problem: 'it is older than the container, so it tells of other tests' });
    return undefined;
  };
  try {
    await readLayer(chunks, look, allowance);
  } catch (error) {
    if (allowance.entries >= 0 && allowance.bytes >= 0) throw error;
    tell(`below ${JSON.stringify(base)} lie more than ${mostEntries} files or 1 GiB; what comes first was read`);
  }
  if (matched > mostFiles) tell(`${JSON.stringify(glob)} matches ${matched} files; ${mostFiles} were read`);
  return matched;
}
