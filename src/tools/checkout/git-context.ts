import type { Inputs } from '../../inputs.ts';
import { defaultBranchOf, type EventSource, parseEvent } from '../../model/event.ts';
import type { GitContext, RunEvent } from '../../model/git-context.ts';
import { branchRef } from '../../model/git-ref.ts';
import type { Found } from '../../plan/grants.ts';
import { runsImage } from '../../plan/runs-image.ts';
import type { RunnerEnvironment } from '../environment.ts';
import { readFound } from '../secrets.ts';
import { type BuildContext, readBuildContext } from './build-context.ts';
import { trustConfiguration } from './configuration.ts';
import { type ContextListing, readContextFiles, sendsGit } from './context-files.ts';
import { readContextNotices, sendsToken } from './context-notices.ts';
import { readChanges, readCheckout } from './git.ts';
import { openGit } from './open-git.ts';
import type { RemoteDesk } from './remote.ts';
import { findSentFile } from './sent-files.ts';

/** Who asks, for what commit, and what the build will be given. */
export interface Asked {
  readonly git: GitContext;
  /** The ref whose head the run stands for: that of the event, and of a pull request its head branch. */
  readonly follows: string;
  readonly context: BuildContext;
  readonly files: ContextListing;
  /** Whether git's own folder lies in the context and is part of it. */
  readonly sendsGit: boolean;
  /** True where the context would send the checkout's credentials to the builder. */
  readonly sendsToken: boolean;
  /** Names of the other contexts that would do so. */
  readonly tokenContexts: readonly string[];
  /** The build's secrets as they are now. */
  readonly found: Found;
  readonly notices: readonly string[];
  /** Names of the remote's git tags; undefined where it could not be asked. */
  readonly remoteTags: readonly string[] | undefined;
}

/** Reads event, checkout and the ref's head at the remote, side by side.
 * @throws ActionError `event-refused`, `checkout-mismatch`, `invalid-input`. */
export async function readGitContext(
  environment: RunnerEnvironment,
  inputs: Inputs,
  remoteDesk: RemoteDesk,
): Promise<Asked> {
  const found = readFound(inputs, environment);
  const event = parseEvent(eventSource(environment));
  const context = readBuildContext(environment.workspace, inputs.build);
  const git = openGit(environment.workspace);
  if (!startsPrograms(inputs.tests)) trustConfiguration(git);
  const follows = followedRef(event);
  const [remote, changes, checkout, notices, files] = await Promise.all([
    remoteDesk.ask(follows), // first what takes longest
    readChanges(git),
    readCheckout(git, environment.workspace),
    readContextNotices(git, environment.workspace, context),
    readContextFiles(git, environment.workspace, context),
  ]);
  const dirtyPath = changes.changed[0] ?? findSentFile(context, environment.workspace, changes.ignored);
  return {
    git: {
      ...describeRun(environment),
      event,
      checkout: { ...checkout, dirty: dirtyPath !== undefined },
      remoteHead: remote.head,
    },
    follows,
    context,
    files,
    sendsGit: sendsGit(context),
    sendsToken: sendsToken(context),
    tokenContexts: context.named.flatMap((one) => (one.kind === 'folder' && sendsToken(one) ? [one.name] : [])),
    found,
    notices: [
      ...notices,
      ...(dirtyPath === undefined ? [] : [tellDirty(dirtyPath)]),
      ...(checkout.shallow && remote.head.kind === 'unknown' ? [tellShallow(event)] : []),
    ],
    remoteTags: remote.tags,
  };
}

function eventSource({ eventName, ref, payload, actor }: RunnerEnvironment): EventSource {
  return { name: eventName, ref, payload, actor };
}

function describeRun(environment: RunnerEnvironment): Omit<GitContext, 'event' | 'checkout' | 'remoteHead'> {
  const { eventName, sha, actor, runId, runAttempt } = environment;
  return {
    eventName,
    sha,
    actor,
    defaultBranch: defaultBranchOf(eventSource(environment)),
    source: `${environment.serverUrl}/${environment.repository}`,
    runId,
    runAttempt,
  };
}

/** Whether anything of the user's runs on this machine, or in a container of it, before the run ends. */
export function startsPrograms(tests: Inputs['tests']): boolean {
  return tests.host !== undefined || runsImage(tests);
}

function tellDirty(path: string): string {
  return `the work tree differs from its commit (${JSON.stringify(path)}): the image is labelled dirty and never reused`;
}

/** A shallow history limits an answer only where the remote gives none: what came before is not known then. */
function tellShallow(event: RunEvent): string {
  return `the history is shallow and the remote cannot be asked: whether ${JSON.stringify(followedRef(event))} has moved on, and what came before this commit, is unknown; let actions/checkout keep its credentials, or give it \`fetch-depth: 0\``;
}

function followedRef(event: RunEvent): string {
  return event.kind === 'pull-request' ? branchRef(event.pull.headRef) : event.ref.ref;
}
