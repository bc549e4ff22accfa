import { getOctokit } from '@actions/github';
import { formatThrown } from '../../errors.ts';
import type { RemoteHead } from '../../model/git-context.ts';
import { isCommitId } from '../../model/git-ref.ts';
import type { Secret } from '../../model/secret.ts';
import type { Ancestor } from './history.ts';

const answerWithin = 10_000;

/** Where a ref points now, asked of GitHub's API; a git tag is peeled. Never throws: not knowing is an answer. */
export async function readRefHead(
  api: { readonly url: string; readonly repository: string; readonly token: Secret },
  ref: string,
): Promise<RemoteHead> {
  const [owner = '', repo = ''] = api.repository.split('/');
  const request = { signal: AbortSignal.timeout(answerWithin) };
  const { git, repos } = getOctokit(api.token.reveal(), { baseUrl: api.url, request }).rest;
  try {
    const { object } = (await git.getRef({ owner, repo, ref: ref.replace(/^refs\//, '') })).data;
    const peeled =
      object.type === 'tag' ? (await git.getTag({ owner, repo, tag_sha: object.sha })).data.object : object;
    if (peeled.type === 'commit' && isCommitId(peeled.sha)) return { kind: 'known', commit: peeled.sha };
    return { kind: 'unknown', reason: `${JSON.stringify(ref)} names a ${peeled.type}` };
  } catch (error) {
    if (!isNotFound(error)) return { kind: 'unknown', reason: reasonOf(error, request.signal) };
  }
  try {
    // a token that may not see the repository is told 404 as well
    await repos.get({ owner, repo });
    return { kind: 'gone' };
  } catch (error) {
    return { kind: 'unknown', reason: reasonOf(error, request.signal) };
  }
}

/** How a commit relates to a later one, asked of GitHub's API; the commits that came after it, of a long way a part. Never throws. */
export async function compareCommits(
  api: { readonly url: string; readonly repository: string; readonly token: Secret },
  older: string,
  newer: string,
): Promise<
  | { readonly kind: 'ancestor'; readonly commits: readonly Ancestor[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown'; readonly reason: string }
> {
  const [owner = '', repo = ''] = api.repository.split('/');
  const request = { signal: AbortSignal.timeout(answerWithin) };
  const { repos } = getOctokit(api.token.reveal(), { baseUrl: api.url, request }).rest;
  try {
    const asked = { owner, repo, basehead: `${older}...${newer}` };
    const { status, commits } = (await repos.compareCommitsWithBasehead(asked)).data;
    switch (status) {
      case 'ahead':
      case 'identical':
        return { kind: 'ancestor', commits: commits.map(readAncestor) };
      case 'behind':
      case 'diverged':
        return { kind: 'other' };
    }
    return { kind: 'unknown', reason: `it answered ${JSON.stringify(status)}` };
  } catch (error) {
    return { kind: 'unknown', reason: reasonOf(error, request.signal) };
  }
}

function readAncestor({ sha, parents }: { sha: string; parents: readonly { sha: string }[] }): Ancestor {
  return { id: sha, parents: parents.map((parent) => parent.sha) };
}

function isNotFound(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 404;
}

function reasonOf(error: unknown, { aborted }: AbortSignal): string {
  if (aborted) return `no answer within ${answerWithin / 1_000} s`;
  const text = formatThrown(error);
  return text.split('\n')[0] ?? '';
}
