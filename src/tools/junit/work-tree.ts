import { constants, existsSync } from 'node:fs';
import { glob, open, realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { formatThrown } from '../../errors.ts';
import type { Place } from '../../model/place.ts';
import type { TestCase, TestCounts } from '../../model/test-counts.ts';
import { placesToTry } from '../../model/test-place.ts';
import { createReportReader, type FoundReports, longestFile, mostFiles, type ReadReport } from './reader.ts';

/** What to read: files of the work tree that match and were written since. */
export interface ReportQuestion {
  readonly workspace: string;
  readonly globs: readonly string[];
  /** Milliseconds since 1970: when the run began. An older file tells of other tests. */
  readonly since: number;
}

const clockSlack = 2_000;

/** Reads the JUnit files that the tests wrote to the work tree, whole or not; what cannot be read is a notice.
 * Nothing outside the work tree is opened, and nothing that is no plain file. */
export async function readTestReports(question: ReportQuestion): Promise<FoundReports> {
  const root = await realpath(question.workspace);
  const files: string[] = [];
  const all: TestCounts[] = [];
  const notices: string[] = [];
  for (const pattern of question.globs) {
    const found: string[] = [];
    for await (const name of glob(pattern, { cwd: root })) found.push(name);
    found.sort();
    if (found.length === 0) notices.push(`test-reports: no file matches ${JSON.stringify(pattern)}`);
    if (found.length > mostFiles)
      notices.push(`test-reports: ${JSON.stringify(pattern)} matches ${found.length} files; ${mostFiles} were read`);
    for (const name of found.slice(0, mostFiles)) {
      if (files.includes(name)) continue;
      const { counts, problem } = await readReport(root, name, question.since - clockSlack);
      if (problem !== undefined) notices.push(`test-reports: ${JSON.stringify(name)}: ${problem}`);
      if (counts === undefined) continue;
      files.push(name);
      all.push(counts);
    }
  }
  return { files, counts: all, notices };
}

async function readReport(root: string, name: string, since: number): Promise<ReadReport> {
  try {
    const path = await realpath(`${root}${sep}${name}`);
    if (relative(root, path).startsWith('..')) return unread('it leads out of the work tree');
    // a pipe would wait for its writer
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return unread('it is no plain file');
      if (stat.mtimeMs < since) return unread('it is older than this run, so it tells of other tests');
      const reader = createReportReader();
      // one byte more than is read tells that there is more
      for await (const chunk of file.createReadStream({ end: longestFile, autoClose: false }))
        reader.write(chunk as Buffer);
      return reader.end();
    } finally {
      await file.close();
    }
  } catch (error) {
    return unread(`it cannot be read: ${formatThrown(error)}`);
  }
}

function unread(problem: string): ReadReport {
  return { counts: undefined, problem };
}

/** Counts whose failures have the places that exist in the work tree, as the runner wants them: relative. */
export function placeFailures(root: string, counts: TestCounts): TestCounts {
  const settle = (test: TestCase): TestCase => ({ ...test, place: test.place && locate(root, test.place) });
  return { ...counts, failures: counts.failures.map(settle) };
}

function locate(root: string, place: Place): Place | undefined {
  const file = placesToTry(place.file, root).find((path) => existsSync(`${root}${sep}${path}`));
  return file === undefined ? undefined : { ...place, file };
}
