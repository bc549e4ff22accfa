// Payloads of pull requests, opened, closed, from a fork or not.

import { common, REPOSITORY, repositoryObject } from './payload-parts.mjs';

/** @typedef {import('./payload-parts.mjs').GitHubEvent} GitHubEvent */

/**
 * A pull request; `sha` of the result is the merge commit, as GITHUB_SHA is. Closed ones run on the base branch.
 * @param {{ number?: number, head: string, base?: string, headSha: string, baseSha: string, mergeSha: string, fork?: string | undefined, deletedFork?: boolean,
 *   action?: string, merged?: boolean, draft?: boolean, title?: string, body?: string, labels?: string[], name?: string, repository?: string, defaultBranch?: string, actor?: string }} request
 *   `fork` names the other repository; `name` can be pull_request_target
 * @returns {GitHubEvent}
 */
export function pullRequest({
  number = 7,
  head,
  base = 'main',
  headSha,
  baseSha,
  mergeSha,
  fork,
  deletedFork = false,
  action = 'synchronize',
  merged = false,
  draft = false,
  title = 'A change',
  body = '',
  labels = [],
  name = 'pull_request',
  repository = REPOSITORY,
  defaultBranch,
  actor = 'octocat',
}) {
  const isClosed = action === 'closed';
  const baseRepository = repositoryObject(repository, defaultBranch === undefined ? {} : { defaultBranch });
  const headRepository = deletedFork
    ? null
    : fork === undefined
      ? baseRepository
      : repositoryObject(fork, { id: 900800700, fork: true });
  const side = (/** @type {string} */ ref, /** @type {string} */ sha, /** @type {any} */ repo) => ({
    label: `${repo?.owner.login ?? 'unknown'}:${ref}`,
    ref,
    sha,
    user: repo?.owner ?? null,
    repo,
  });
  const payload = {
    action,
    number,
    ...common(repository, actor, defaultBranch),
    pull_request: {
      id: 1000 + number,
      number,
      state: isClosed ? 'closed' : 'open',
      locked: false,
      draft,
      title,
      body,
      user: { login: actor, id: 7008009, type: 'User' },
      labels: labels.map((label, index) => ({ id: index + 1, name: label, color: 'ededed' })),
      html_url: `https://github.com/${repository}/pull/${number}`,
      author_association: fork === undefined ? 'MEMBER' : 'FIRST_TIME_CONTRIBUTOR',
      head: side(head, headSha, headRepository),
      base: side(base, baseSha, baseRepository),
      merged,
      mergeable: isClosed ? null : true,
      merge_commit_sha: mergeSha,
      maintainer_can_modify: fork !== undefined,
    },
    ...(action === 'synchronize' ? { before: baseSha, after: headSha } : {}),
  };
  const onBase = name === 'pull_request_target' || (isClosed && merged);
  const ref = onBase ? `refs/heads/${base}` : `refs/pull/${number}/merge`;
  return {
    name,
    payload,
    ref,
    sha: onBase && name === 'pull_request_target' ? baseSha : mergeSha,
    headRef: head,
    baseRef: base,
  };
}

/** A closed pull request. @param {Parameters<typeof pullRequest>[0]} request @returns {GitHubEvent} */
export function pullRequestClosed(request) {
  return pullRequest({ ...request, action: 'closed' });
}
