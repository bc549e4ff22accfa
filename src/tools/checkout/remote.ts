import type { SimpleGit } from 'simple-git';
import type { Inputs } from '../../inputs.ts';
import type { Secret } from '../../model/secret.ts';
import type { RunnerEnvironment } from '../environment.ts';
import { type Remote, readRemote } from './git.ts';
import { openGit } from './open-git.ts';

/** Where GitHub's API is asked, and as whom. */
export interface RemoteApi {
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: Secret | undefined;
}

export function remoteApi(environment: RunnerEnvironment, { githubToken }: Inputs): RemoteApi {
  return {
    url: environment.all['GITHUB_API_URL'] || 'https://api.github.com',
    repository: environment.repository,
    token: githubToken,
  };
}

/** What is asked of the remote in the course of a run. */
export interface RemoteDesk {
  /** What the remote says now, or said to a question that was asked ahead. */
  readonly ask: (ref: string) => Promise<Remote>;
  /** Begins to ask what `ask` will be asked next, where nothing of the user's comes before that. */
  readonly askAhead: (ref: string) => void;
}

export function openRemote(environment: RunnerEnvironment, inputs: Inputs): RemoteDesk {
  const ask = async (ref: string): Promise<Remote> =>
    askRemote(openGit(environment.workspace), ref, remoteApi(environment, inputs));
  let ahead: { readonly ref: string; readonly answer: Promise<Remote> } | undefined;
  return {
    ask: (ref) => {
      const early = ahead;
      ahead = undefined;
      return early?.ref === ref ? early.answer : ask(ref);
    },
    askAhead: (ref) => {
      ahead = { ref, answer: ask(ref) };
      ahead.answer.catch(() => undefined); // a checkout that is gone is told to who asks
    },
  };
}

/** What the remote says, asked with what checkout left; where that does not do, GitHub's API tells the ref's head. Never throws: not
 * knowing is an answer, with both reasons. */
export async function askRemote(git: SimpleGit, ref: string, api: RemoteApi): Promise<Remote> {
  const remote = await readRemote(git, ref);
  if (remote.head.kind !== 'unknown' || api.token === undefined) return remote;
  const { readRefHead } = await import('./github.ts'); // octokit takes time to load and is rarely needed
  const head = await readRefHead({ ...api, token: api.token }, ref);
  if (head.kind !== 'unknown') return { ...remote, head };
  return { ...remote, head: { kind: 'unknown', reason: `${remote.head.reason}; GitHub's API: ${head.reason}` } };
}
