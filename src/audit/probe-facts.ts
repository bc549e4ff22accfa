/** What a probe found out, or why it could not. */
export type Probed<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly because: string };

/** What running the image showed; a field for each probe. */
export interface ProbeFacts {
  readonly start: Probed<StartFacts>;
}

/** The image's own command, started as it will be: its user, no network, read-only root, no capabilities. */
export interface StartFacts {
  /** Whether it still ran when the watch ended. */
  readonly running: boolean;
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  /** The last lines of its output, redacted, 4,000 characters at most. */
  readonly output: string;
}
