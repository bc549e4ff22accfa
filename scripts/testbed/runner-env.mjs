// The environment GitHub's runner gives a JavaScript action.

import { dirname } from 'node:path';

/**
 * @typedef {object} RunContext
 * @property {string} action folder of action.yml
 * @property {{ name: string, payload: unknown }} event
 * @property {string} ref
 * @property {string} sha
 * @property {string} headRef
 * @property {string} baseRef
 * @property {string} actor
 * @property {string} repository
 * @property {string} workspace
 * @property {string} runId
 * @property {string} runAttempt
 * @property {string} runnerTemp
 * @property {string} eventPath
 * @property {string} home
 */

const OS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
const ARCH = { x64: 'X64', arm64: 'ARM64', ia32: 'X86', arm: 'ARM' };

/** GITHUB_*, RUNNER_* and what goes with them; the process's own environment is not handed on. @param {RunContext} run @returns {Record<string, string>} */
export function runnerVariables(run) {
  const [owner] = run.repository.split('/');
  return {
    PATH: process.env.PATH ?? '',
    HOME: run.home,
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTION_PATH: run.action,
    GITHUB_ACTION_REF: '',
    GITHUB_ACTION_REPOSITORY: '',
    GITHUB_EVENT_NAME: run.event.name,
    GITHUB_EVENT_PATH: run.eventPath,
    GITHUB_REF: run.ref,
    GITHUB_REF_NAME: refName(run.ref),
    GITHUB_REF_TYPE: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_SHA: run.sha,
    GITHUB_HEAD_REF: run.headRef,
    GITHUB_BASE_REF: run.baseRef,
    GITHUB_REPOSITORY: run.repository,
    GITHUB_REPOSITORY_ID: '100200300',
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_REPOSITORY_OWNER_ID: '4005006',
    GITHUB_REPOSITORY_VISIBILITY: 'public',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_ACTOR: run.actor,
    GITHUB_ACTOR_ID: '7008009',
    GITHUB_TRIGGERING_ACTOR: run.actor,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_WORKSPACE: run.workspace,
    GITHUB_WORKFLOW: 'testbed',
    GITHUB_JOB: 'image',
    GITHUB_WORKFLOW_REF: `${run.repository}/.github/workflows/testbed.yml@${run.ref}`,
    GITHUB_WORKFLOW_SHA: run.sha,
    GITHUB_RUN_ID: run.runId,
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: run.runAttempt,
    RUNNER_OS: OS[/** @type {keyof typeof OS} */ (process.platform)] ?? 'Linux',
    RUNNER_ARCH: ARCH[/** @type {keyof typeof ARCH} */ (process.arch)] ?? 'X64',
    RUNNER_NAME: 'testbed',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_TEMP: run.runnerTemp,
    RUNNER_WORKSPACE: dirname(run.workspace),
    RUNNER_TOOL_CACHE: `${run.runnerTemp}/_tool`,
    RUNNER_TRACKING_ID: `github_${run.runId}`,
    ACTIONS_RUNTIME_TOKEN: 'testbed-runtime-token',
    ACTIONS_RUNTIME_URL: 'http://127.0.0.1:9/',
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/',
    ACTIONS_CACHE_SERVICE_V2: 'True',
  };
}

/**
 * INPUT_* for every input of action.yml and every given one. A given empty string stays empty, as on the runner.
 * @param {Record<string, { default?: unknown } | null>} declared
 * @param {Record<string, string>} given
 * @param {string} token what `${{ github.token }}` stands for
 */
export function inputVariables(declared, given, token) {
  const defaults = Object.entries(declared).map(([name, input]) => [name, evaluateDefault(input?.default, token)]);
  // Names compare without case, as the runner compares them; the declared spelling comes first.
  const named = [...defaults, ...Object.entries(given)].map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  return Object.fromEntries(named);
}

/** @param {unknown} value @param {string} token */
function evaluateDefault(value, token) {
  const text = value === undefined || value === null ? '' : `${/** @type {string | number | boolean} */ (value)}`;
  const evaluated = text.replace(/\$\{\{\s*github\.token\s*\}\}/g, () => token);
  if (evaluated.includes('${{')) throw new Error(`the emulated runner cannot evaluate the default ${text}`);
  return evaluated;
}

/** `main` of refs/heads/main, `7/merge` of refs/pull/7/merge. @param {string} ref */
function refName(ref) {
  return ref.replace(/^refs\/(heads|tags|pull)\//, '');
}
