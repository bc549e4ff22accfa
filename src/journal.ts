import type { ActionError } from './errors.ts';
import type { Digest } from './model/digest.ts';
import { isCommitId } from './model/git-ref.ts';
import type { Held } from './plan/adoption.ts';
import type { Facts, TagRecord } from './report/facts.ts';
import type { StepTime } from './tools/step.ts';

type Kept = Omit<Facts, 'steps' | 'tags' | 'revisions' | 'tests' | 'notices'>;

/** What is known of the run so far, so that a run that fails reports from the steps it reached. */
export class Journal {
  readonly steps: StepTime[] = [];
  readonly #notices: string[] = [];
  readonly #tests: Facts['tests'][number][] = [];
  readonly #tags = new Map<string, TagRecord>();
  readonly #revisions = new Map<Digest, string>();
  readonly #kept: { -readonly [Key in keyof Kept]: Kept[Key] };

  constructor() {
    this.#kept = {
      home: undefined,
      inputs: undefined,
      git: undefined,
      rights: undefined,
      wanted: undefined,
      plan: undefined,
      image: undefined,
      bytecodeProofs: [],
      audit: undefined,
      unchecked: undefined,
      diff: undefined,
      reports: undefined,
      verdict: undefined,
      cacheExport: undefined,
      comment: undefined,
      error: undefined,
    };
  }

  /** Notes a value of the story and hands it on. */
  keep<Key extends keyof Kept>(key: Key, value: NonNullable<Kept[Key]>): NonNullable<Kept[Key]> {
    this.#kept[key] = value as Kept[Key];
    return value;
  }

  /** Notes what became of a tag; the last word counts. */
  tag(record: TagRecord): void {
    this.#tags.set(`${record.repository}:${record.tag}`, record);
  }

  /** Notes of which commit an image is, where it was read and says so. */
  revisionOf(held: Held): void {
    if (held.kind === 'held' && held.labels !== undefined && isCommitId(held.labels.revision))
      this.#revisions.set(held.digest, held.labels.revision);
  }

  test(result: Facts['tests'][number]): void {
    this.#tests.push(result);
  }

  notice(text: string): void {
    if (!this.#notices.includes(text)) this.#notices.push(text);
  }

  fail(error: ActionError | Error): void {
    this.#kept.error = error;
  }

  get facts(): Facts {
    return {
      ...this.#kept,
      steps: this.steps,
      tags: [...this.#tags.values()],
      revisions: this.#revisions,
      tests: this.#tests,
      notices: this.#notices,
    };
  }
}
