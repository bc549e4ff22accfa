import { constants, existsSync } from 'node:fs';
import { glob, open, realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { TextDecoder } from 'node:util';
import { createJUnitReader, mergeCounts, type TestCase, type TestCounts } from '../model/junit.ts';
import type { Place } from '../model/place.ts';
import { placesToTry } from '../model/test-place.ts';
import type { TestReports } from '../report/facts.ts';

/** What to read: files of the work tree that match and were written since. */
export interface ReportQuestion {
  readonly workspace: string;
  readonly globs: readonly string[];
  /** Milliseconds since 1970: when the run began. An older file tells of other tests. */
  readonly since: number;
}

const mostFiles = 1_000;
/** Bytes of one file; the counts of what comes before are kept. */
const longestFile = 64 * 1024 * 1024;
const clockSlack = 2_000;

/** Reads the JUnit files that the tests wrote, whole or not; what cannot be read is a notice.
 * Nothing outside the work tree is opened, and nothing that is no plain file. */
export async function readTestReports(question: ReportQuestion): Promise<TestReports & { notices: readonly string[] }> {
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
  return { files, counts: placeWithin(root, mergeCounts(all)), notices };
}

type Read = { readonly counts: TestCounts | undefined; readonly problem: string | undefined };

async function readReport(root: string, name: string, since: number): Promise<Read> {
  try {
    const path = await realpath(`${root}${sep}${name}`);
    if (relative(root, path).startsWith('..')) return unread('it leads out of the work tree');
    // a pipe would wait for its writer
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return unread('it is no plain file');
      if (stat.mtimeMs < since) return unread('it is older than this run, so it tells of other tests');
      const cut = stat.size > longestFile ? `only its first ${longestFile / 1024 / 1024} MiB were read` : undefined;
      const { counts, problem } = await parse(file.createReadStream({ end: longestFile - 1, autoClose: false }));
      return { counts, problem: cut ?? problem };
    } finally {
      await file.close();
    }
  } catch (error) {
    return unread(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unread(problem: string): Read {
  return { counts: undefined, problem };
}

async function parse(chunks: AsyncIterable<Buffer>): Promise<Read> {
  const reader = createJUnitReader();
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk);
    reader.write(decoder.decode(chunk, { stream: true }));
  }
  reader.write(decoder?.decode() ?? '');
  return reader.end();
}

/** By the byte order mark, else as the XML declaration says (XML 1.0, appendix F), else UTF-8; bytes that are none become U+FFFD. */
function decoderFor(start: Buffer): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le');
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be');
  const named = /^\s*<\?xml[^>]*?encoding=["']([\w.-]+)["']/.exec(start.subarray(0, 200).toString('latin1'))?.[1];
  return new TextDecoder(named ?? 'utf-8');
}

/** Failures with the places that exist in the work tree, as the runner wants them: relative. */
function placeWithin(root: string, counts: TestCounts): TestCounts {
  const settle = (test: TestCase): TestCase => ({ ...test, place: test.place && locate(root, test.place) });
  return { ...counts, failures: counts.failures.map(settle) };
}

function locate(root: string, place: Place): Place | undefined {
  const file = placesToTry(place.file, root).find((path) => existsSync(`${root}${sep}${path}`));
  return file === undefined ? undefined : { ...place, file };
}
