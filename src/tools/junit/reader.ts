import { TextDecoder } from 'node:util';
import { createJUnitReader } from '../../model/junit.ts';
import type { ContentReader } from '../../model/layer-record.ts';
import type { TestCounts } from '../../model/test-counts.ts';
import { knownSecrets } from '../known-secrets.ts';

/** What came of reading one JUnit file. */
export interface ReadReport {
  /** Undefined where nothing of it was read. */
  readonly counts: TestCounts | undefined;
  /** What is wrong with it, for a notice. */
  readonly problem: string | undefined;
}

/** JUnit files that were found in one place. */
export interface FoundReports {
  readonly files: readonly string[];
  readonly counts: readonly TestCounts[];
  readonly notices: readonly string[];
}

/** Files of one glob. */
export const mostFiles = 1_000;
/** Bytes of one file; the counts of what comes before are kept. */
export const longestFile = 64 * 1024 * 1024;
/** Enough bytes for an XML declaration. */
const longestDeclaration = 200;

/** Reads a JUnit file as its bytes come, whole or not. Never throws. */
export function createReportReader(): ContentReader<ReadReport> {
  const reader = createJUnitReader((text) => knownSecrets.redact(text));
  let start: Buffer | undefined = Buffer.alloc(0);
  let decoder: TextDecoder | undefined;
  let left = longestFile;
  let problem: string | undefined;
  const begin = (bytes: Buffer): void => {
    start = undefined;
    try {
      decoder = new TextDecoder(encodingOf(bytes));
      reader.write(decoder.decode(bytes, { stream: true }));
    } catch {
      problem = 'it is in an encoding that nobody knows';
    }
  };
  return {
    write: (chunk) => {
      const bytes = chunk.subarray(0, left);
      if (bytes.byteLength < chunk.byteLength) problem ??= `only its first ${longestFile / 1024 / 1024} MiB were read`;
      left -= bytes.byteLength;
      if (start === undefined) return reader.write(decoder?.decode(bytes, { stream: true }) ?? '');
      start = Buffer.concat([start, bytes]);
      if (start.byteLength >= longestDeclaration) begin(start);
    },
    end: () => {
      if (start !== undefined) begin(start);
      reader.write(decoder?.decode() ?? '');
      const read = reader.end();
      return decoder === undefined
        ? { counts: undefined, problem }
        : { counts: read.counts, problem: problem ?? read.problem };
    },
  };
}

/** By the byte order mark, else as the XML declaration says (XML 1.0, appendix F), else UTF-8; bytes that are none become U+FFFD. A
 * declaration that can be read as ASCII is not in UTF-16, though .NET's writers say so. */
function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const text = start.subarray(0, longestDeclaration).toString('latin1');
  const named = /^\s*<\?xml[^>]*?encoding=["']([\w.-]+)["']/.exec(text)?.[1] ?? 'utf-8';
  return /^utf-?16/i.test(named) ? 'utf-8' : named;
}
