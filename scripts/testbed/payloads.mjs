// Event payloads as GitHub sends them: the fields that matter, in their real shape.

import { common, REPOSITORY } from './payload-parts.mjs';

export { repositoryObject } from './payload-parts.mjs';
export { pullRequest, pullRequestClosed } from './payload-pull-request.mjs';

/** @typedef {import('./payload-parts.mjs').GitHubEvent} GitHubEvent */

const ZERO = '0'.repeat(40);

/** A push to a branch. @param {{ branch: string, sha: string, before?: string, forced?: boolean, message?: string, timestamp?: string, repository?: string, defaultBranch?: string, actor?: string }} push @returns {GitHubEvent} */
export function pushBranch(push) {
  return pushRef(`refs/heads/${push.branch}`, push);
}

/** A push of a tag. @param {{ tag: string, sha: string, before?: string, forced?: boolean, message?: string, timestamp?: string, repository?: string, defaultBranch?: string, actor?: string }} push @returns {GitHubEvent} */
export function pushTag(push) {
  return pushRef(`refs/tags/${push.tag}`, push);
}

/** @param {string} ref @param {{ sha: string, before?: string, forced?: boolean, message?: string, timestamp?: string, repository?: string, defaultBranch?: string, actor?: string }} push @returns {GitHubEvent} */
function pushRef(
  ref,
  {
    sha,
    before = ZERO,
    forced = false,
    message = 'Change',
    timestamp = '2026-11-01T12:00:00Z',
    repository = REPOSITORY,
    defaultBranch,
    actor = 'octocat',
  },
) {
  const author = { name: actor, email: `${actor}@example.org`, username: actor };
  const commit = {
    id: sha,
    tree_id: ZERO,
    distinct: true,
    message,
    timestamp,
    author,
    committer: author,
    added: [],
    removed: [],
    modified: [],
  };
  const payload = {
    ref,
    before,
    after: sha,
    base_ref: null,
    created: before === ZERO,
    deleted: false,
    forced,
    commits: [commit],
    head_commit: commit,
    compare: `https://github.com/${repository}/compare/${sha.slice(0, 12)}`,
    pusher: { name: actor, email: author.email },
    ...common(repository, actor, defaultBranch),
  };
  return { name: 'push', payload, ref, sha, headRef: '', baseRef: '' };
}

/** A scheduled run: its payload names no repository. @param {{ sha: string, branch?: string, cron?: string }} run @returns {GitHubEvent} */
export function schedule({ sha, branch = 'main', cron = '17 4 * * 1' }) {
  return {
    name: 'schedule',
    payload: { schedule: cron, workflow: '.github/workflows/testbed.yml' },
    ref: `refs/heads/${branch}`,
    sha,
    headRef: '',
    baseRef: '',
  };
}

/** A run by hand. @param {{ sha: string, ref?: string, inputs?: Record<string, string> | null, repository?: string, defaultBranch?: string, actor?: string }} run @returns {GitHubEvent} */
export function workflowDispatch({
  sha,
  ref = 'refs/heads/main',
  inputs = null,
  repository = REPOSITORY,
  defaultBranch,
  actor = 'octocat',
}) {
  const payload = {
    ref,
    inputs,
    workflow: '.github/workflows/testbed.yml',
    ...common(repository, actor, defaultBranch),
  };
  return { name: 'workflow_dispatch', payload, ref, sha, headRef: '', baseRef: '' };
}

/** A deleted branch or tag: the run is on the default branch. @param {{ deleted: string, type?: 'branch' | 'tag', sha: string, repository?: string, defaultBranch?: string, actor?: string }} deletion @returns {GitHubEvent} */
export function deletion({
  deleted,
  type = 'branch',
  sha,
  repository = REPOSITORY,
  defaultBranch = 'main',
  actor = 'octocat',
}) {
  const payload = { ref: deleted, ref_type: type, pusher_type: 'user', ...common(repository, actor, defaultBranch) };
  return { name: 'delete', payload, ref: `refs/heads/${defaultBranch}`, sha, headRef: '', baseRef: '' };
}
