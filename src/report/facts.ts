import type { Assessment } from '../audit/assessment.ts';
import type { Inputs } from '../inputs.ts';
import type { Digest } from '../model/digest.ts';
import type { GitContext } from '../model/git-context.ts';
import type { RepositoryName } from '../model/image-ref.ts';
import type { Platform } from '../model/platform.ts';
import type { Tag } from '../model/tag.ts';
import type { TestCounts } from '../model/test-counts.ts';
import type { PlatformProof } from '../plan/bytecode/proof-verdict.ts';
import type { ImageDiff } from '../plan/image-diff/image-diff.ts';
import type { Rights } from '../plan/rights.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { TagPlan } from '../plan/tag-plan.ts';
import type { Verdict } from '../plan/verdict.ts';
import type { TagKind } from '../plan/wanted-tag.ts';
import type { BuiltImage } from './built-image.ts';

/** What became of a tag. `kept`: it held this digest already; `unknown`: a write was sent and what it did could not be read. */
export type TagOutcome = 'new' | 'moved' | 'kept' | 'superseded' | 'not-written' | 'unknown';

/** Whether the tag holds this run's image. */
export function isWritten(outcome: TagOutcome): boolean {
  return outcome === 'new' || outcome === 'moved' || outcome === 'kept';
}

/** One tag of one repository: what it held before and after this run, as the registry said. */
export interface TagRecord {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly kind: TagKind;
  readonly before: Digest | undefined;
  readonly after: Digest | undefined;
  readonly outcome: TagOutcome;
  /** Why it is so, where that is not plain; empty otherwise. */
  readonly reason: string;
}

/** How a test ended. */
export interface TestResult {
  readonly kind: 'test' | 'test-target' | 'test-image' | 'verify';
  /** What was run, as given. */
  readonly command: string;
  /** The platform whose image was tested; undefined where `platforms` asks for nothing, and for tests of them all. */
  readonly platform: Platform | undefined;
  readonly passed: boolean;
  readonly ms: number;
}

/** What the tests' JUnit files say (input `test-reports`). */
export interface TestReports {
  /** Paths within the work tree, or within the image where they were copied out of a container. */
  readonly files: readonly string[];
  readonly counts: TestCounts;
}

/** What became of the comment on the pull request; `reason` says why there is none. */
export interface CommentOutcome {
  readonly kind: 'written' | 'updated' | 'unchanged' | 'none';
  readonly reason: string;
}

/** Everything a report is made of; undefined is what the run did not reach. */
export interface Facts {
  /** Address of the action's own files; undefined before the runner's environment was read, empty where there is none. */
  readonly home: string | undefined;
  readonly inputs: Inputs | undefined;
  readonly git: GitContext | undefined;
  readonly rights: Rights | undefined;
  readonly wanted: TagPlan | undefined;
  readonly plan: RunPlan | undefined;
  readonly image: BuiltImage | undefined;
  /** One for each platform, as far as the run came; empty where no bytecode was asked for, or none was made. */
  readonly bytecodeProofs: readonly PlatformProof[];
  /** undefined where nothing was checked. */
  readonly audit: Assessment | undefined;
  /** Why the image was not looked at although checks are asked for; undefined where it was, or where none are. */
  readonly unchecked: string | undefined;
  /** undefined where there is nothing to compare with, or nothing of this run's own was published. */
  readonly diff: ImageDiff | undefined;
  readonly verdict: Verdict | undefined;
  /** `ok` with a reason: the cache there is as good as what would be written. */
  readonly cacheExport: { readonly reference: string; readonly ok: boolean; readonly reason: string } | undefined;
  /** undefined where no comment is to be expected. */
  readonly comment: CommentOutcome | undefined;
  readonly error: Error | undefined;
  readonly tests: readonly TestResult[];
  /** undefined where the run did not come to tests, or is not asked to read reports. */
  readonly reports: TestReports | undefined;
  readonly tags: readonly TagRecord[];
  /** Commits of images that were there before, as far as this run had reason to read their labels. */
  readonly revisions: ReadonlyMap<Digest, string>;
  readonly steps: readonly { readonly name: string; readonly ms: number; readonly outcome: 'done' | 'failed' }[];
  readonly notices: readonly string[];
}
