import type { GitRef } from './git-ref.ts';

/** What GitHub says happened, as far as it decides what this run may do. `ref` is GITHUB_REF. */
export type RunEvent =
  | { readonly kind: 'push'; readonly ref: GitRef; readonly after: string | undefined; readonly deleted: boolean }
  | { readonly kind: 'pull-request'; readonly ref: GitRef; readonly pull: PullRequest }
  | { readonly kind: 'workflow-dispatch'; readonly ref: GitRef }
  | { readonly kind: 'schedule'; readonly ref: GitRef }
  | { readonly kind: 'merge-group'; readonly ref: GitRef }
  | {
      readonly kind: 'release';
      readonly ref: GitRef;
      readonly action: string;
      readonly draft: boolean;
      readonly prerelease: boolean;
      readonly tagName: string;
    }
  | { readonly kind: 'other'; readonly name: string; readonly ref: GitRef };

/** The fields of `pull_request` that matter. `headRef` is the raw branch name in the head repository. */
export interface PullRequest {
  readonly number: number;
  readonly action: string;
  readonly headRef: string;
  readonly headSha: string;
  /** True only where head and base repository ids are both there and equal. */
  readonly sameRepository: boolean;
}

/** What is checked out in the workspace, read from git itself. */
export interface Checkout {
  /** Commit id of HEAD: what the image will hold. */
  readonly head: string;
  /** Id of HEAD's tree. */
  readonly tree: string;
  readonly parents: readonly string[];
  /** Committer time of HEAD in seconds since 1970. */
  readonly commitTime: number;
  readonly dirty: boolean;
  readonly shallow: boolean;
}

/** Where the ref that this run stands for points at the remote now. */
export type RemoteHead =
  | { readonly kind: 'known'; readonly commit: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Who asks: event, ref, commit, trust; everything that `authorize` decides from. */
export interface GitContext {
  readonly event: RunEvent;
  /** GITHUB_EVENT_NAME as it came. */
  readonly eventName: string;
  /** GITHUB_SHA. */
  readonly sha: string;
  readonly actor: string;
  /** `repository.default_branch` of the payload; schedule payloads have none: there it is the branch of GITHUB_REF. */
  readonly defaultBranch: string | undefined;
  readonly checkout: Checkout;
  readonly remoteHead: RemoteHead;
  /** `https://github.com/acme/app`: for labels. */
  readonly source: string;
  readonly runId: string;
  readonly runAttempt: string;
}
